import { parentPort, workerData } from 'node:worker_threads';
import type { Said } from './engine.ts';
import type { Order } from './order.ts';
import { Pulse } from './pulse.ts';
import { hunt } from './hunt/hunt.ts';
import type { HuntOrder } from './hunt/order.ts';
import { perform } from './work.ts';

/** The other end of engine.ts: answers orders, one at a time. */
export function serve(): void {
  const port = parentPort;
  if (port === null) throw new Error('orders are served in a thread of their own');
  const say = (said: Said): void => port.postMessage(said);
  const pulse = new Pulse(workerData as Int32Array, (mark) => say({ is: 'mark', mark }));
  port.on('message', (order: Order | HuntOrder) => {
    const answer = 'hunt' in order ? hunt(order, pulse) : perform(order, pulse);
    say({ is: 'answer', answer });
  });
}
