import type { ErrorName } from '../protocol.ts';
import { onWritten } from './coordinator.ts';
import { wake } from './fetch.ts';
import { isSafelyStored } from './partition.ts';
import { finishProduce } from './produce.ts';
import { serveWaiting } from '../share/fetch.ts';
import type { Broker, Waiter } from './state.ts';

/**
 * After each event: whoever waited for what has just happened goes on. Handlers only change state,
 * so that none of them is entered while another one is half done.
 */
export function settle(broker: Broker): void {
  const { moved, failed } = broker;
  while (moved.length > 0 || failed.length > 0) {
    const failure = failed.shift();
    if (failure !== undefined) {
      finish(broker, failure.waiter, failure.error);
      continue;
    }
    const replica = moved.shift();
    if (replica === undefined) break;
    replica.moved = false;
    if (replica.parkedFollowers.length > 0) wake(broker, replica.parkedFollowers);
    const error: ErrorName = isSafelyStored(broker, replica)
      ? 'NONE'
      : 'NOT_ENOUGH_REPLICAS_AFTER_APPEND';
    finishUpTo(broker, replica.waiting, replica.highWatermark, error);
    finishUpTo(broker, replica.waitingForFlush, replica.ready, 'NONE');
    if (replica.parkedConsumers.length > 0) wake(broker, replica.parkedConsumers);
    if (broker.shares.led.size > 0) serveWaiting(broker, replica);
  }
}

/** A replica got to `reached`: everything that waited for less is done. */
function finishUpTo(broker: Broker, queue: Waiter[], reached: number, error: ErrorName): void {
  let count = 0;
  while (count < queue.length && queue[count].required <= reached) count++;
  if (count === 1) finish(broker, queue.shift() as Waiter, error);
  else if (count > 1) for (const waiter of queue.splice(0, count)) finish(broker, waiter, error);
}

function finish(broker: Broker, waiter: Waiter, error: ErrorName): void {
  const { write, done } = waiter;
  if (done !== undefined) return done(error);
  if (write === undefined) return finishProduce(broker, waiter, error);
  if (write.done) return;
  write.done = true;
  broker.out.cancel(write.timer);
  if (!('shard' in write)) return write.then(error);
  onWritten(broker, write, error);
}
