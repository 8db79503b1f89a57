import { Ledger } from '../../../sim/history/ledger.ts';
import { summarise, type Summary } from '../../../sim/history/summary.ts';
import { QUIET } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';
import { Run } from '../../../sim/run.ts';

/** One way in which a broker can break its word; `none` keeps it. */
export type Flaw =
  | 'none'
  | 'forgets' // Acknowledges, and keeps nothing.
  | 'stores twice'
  | 'pushes twice'
  | 'pushes youngest first'
  | 'refuses and keeps' // Says that a send failed, and delivers it.
  | 'tells each reader its own order'
  | 'stops pushing'
  | 'pushes late';

const COUNT = 6;
const NEXT = 1;
const PUSH = 2;

type Publish = Message & { readonly message: number };

interface BrokerState {
  readonly queue: number[];
  position: number;
  pushed: number;
}

/** A push broker with one queue and two readers, in which one rule is wrong. */
function broker(flaw: Flaw, readers: readonly NodeId[]): Role<BrokerState, Publish> {
  return {
    start: () => ({ queue: [], position: 0, pushed: 0 }),
    onMessage(state, from, { type, message }, out) {
      if (type === 'settle') return;
      const about = out.names.id('orders');
      const refused = flaw === 'refuses and keeps' && message === 2;
      out.send(from, { type: refused ? 'refused' : 'confirm', message } as Message, about, message);
      if (flaw === 'forgets' && message === 2) return;
      if (flaw === 'pushes youngest first') state.queue.unshift(message);
      else state.queue.push(message);
      out.fact(Fact.stored, message, 0, state.position++);
      if (flaw === 'stores twice' && message === 2) {
        out.fact(Fact.stored, message, 0, state.position++);
      }
      out.timer(flaw === 'pushes late' ? seconds(3) : millis(10), PUSH);
    },
    onTimer(state, _code, _data, out) {
      const message = state.queue.shift();
      if (message === undefined || (flaw === 'stops pushing' && state.pushed >= 3)) return;
      const about = out.names.id('orders');
      readers.forEach((reader, i) => {
        const swapped = flaw === 'tells each reader its own order' && i === 1;
        const told = swapped ? (message % 2 === 0 ? message + 1 : message - 1) : message;
        out.send(reader, { type: 'push', message: told } as Message, about, told);
        if (flaw === 'pushes twice' && message === 2) {
          out.send(reader, { type: 'push', message } as Message, about, message, 2);
        }
      });
      state.pushed++;
    },
  };
}

const reader = (subscription: number): Role<null, Publish> => ({
  start: () => null,
  onMessage(_state, _from, { message }, out) {
    out.fact(Fact.delivered, message, subscription, 0, message);
    out.fact(Fact.effect, message, subscription, -1);
    out.fact(Fact.handled, message, subscription, 0);
    out.fact(Fact.settled, message, subscription);
  },
  onTimer() {},
});

const producer = (to: () => NodeId): Role<{ sent: number }, Publish> => ({
  start(out) {
    out.timer(0, NEXT);
    return { sent: 0 };
  },
  onMessage(_state, _from, { type, message }, out) {
    if (type === 'confirm') out.fact(Fact.ok, message, 1);
    else out.fact(Fact.failed, message, out.names.id('refused'));
  },
  onTimer(state, _code, _data, out) {
    const message = state.sent++;
    out.fact(Fact.invoked, message, 0, 0);
    out.send(to(), { type: 'publish', message } as Message, out.names.id('orders'), message);
    if (state.sent < COUNT) out.timer(millis(1), NEXT);
    else out.fact(Fact.finished, 0);
  },
});

/** Six messages, a millisecond apart, through a broker with a flaw to two readers. */
export function runBroken(flaw: Flaw): Summary {
  const names = new Names();
  const ledger = new Ledger({
    names,
    producers: ['producer'],
    channels: [0],
    channelCount: 1,
    subscriptions: [0, 1].map((i) => ({ name: `reader-${i}`, channel: 0 })),
    alarms: [
      { name: 'lagging', subscription: '', lag: 'time', above: seconds(1), for: seconds(1) },
    ],
  });
  ledger.addStream('orders', 0);
  const latency = Distribution.constant(500);
  const world = new World({ names, choices: QUIET, observer: ledger, latency });
  const readers = [0, 1].map((i) => world.add(`reader-${i}`, reader(i)));
  const queue = world.add('broker', broker(flaw, readers));
  world.add(
    'producer',
    producer(() => queue),
  );
  const limits = { until: seconds(60), maxEvents: 10_000, patience: seconds(5) };
  const end = new Run(world, world.inject([]), ledger, limits).advance(Infinity);
  return summarise(ledger, end ?? 'events', world.now, ['partition', 'partition'], () => undefined);
}
