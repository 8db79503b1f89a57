import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type {
  ErrorName,
  ProduceEntry,
  ProduceRequest,
  ProduceResponse,
  ProduceResult,
} from '../protocol.ts';
import { admit, append, hasEnoughReplicas, isSafelyStored } from './partition.ts';
import { type Broker, type PendingProduce, type Replica, Timer, type Waiter } from './state.ts';
import { forgetVerification, isAhead, type Verdicts, verified } from './verification.ts';

/**
 * Produce requests. A broker handles one request of a connection at a time and reads the next when
 * the answer is on its way (`SocketServer` mutes the channel), so answers keep the requests' order.
 */
export function onProduce(broker: Broker, from: NodeId, request: ProduceRequest): void {
  const channel = (broker.channels[from] ??= { busy: false, queue: [] });
  if (channel.busy) channel.queue.push(request);
  else handle(broker, from, request);
}

function handle(broker: Broker, from: NodeId, request: ProduceRequest): void {
  const channel = broker.channels[from];
  if (channel !== undefined) channel.busy = true;
  verified(broker, request, (verdicts) => store(broker, from, request, verdicts));
}

function store(broker: Broker, from: NodeId, request: ProduceRequest, verdicts: Verdicts): void {
  const { entries, acks } = request;
  const results: ProduceResult[] = [];
  const pending: PendingProduce = {
    from,
    request,
    results,
    missing: 1, // This loop itself: nothing is answered before all entries are seen.
    done: false,
    timer: NO_HANDLE,
  };
  for (let slot = 0; slot < entries.length; slot++) {
    const { partition, batch } = entries[slot];
    const replica = broker.replicas[partition];
    if (replica === undefined || replica.role.is !== 'leader') {
      results.push(refusal(broker, partition, 'NOT_LEADER_OR_FOLLOWER'));
      continue;
    }
    if (acks === 'all' && !hasEnoughReplicas(replica)) {
      results.push(refusal(broker, partition, 'NOT_ENOUGH_REPLICAS'));
      continue;
    }
    const verdict = verdicts.get(partition) ?? 'NONE';
    const admission =
      verdict === 'NONE'
        ? admit(replica, batch, broker.layout.rules)
        : { error: verdict, duplicateOf: -1 };
    const { duplicateOf } = admission;
    let { error } = admission;
    if (error === 'NONE' && batch.transactional && duplicateOf < 0) {
      error = begins(broker, replica, entries[slot]);
    }
    if (error !== 'NONE') {
      results.push(refusal(broker, partition, error));
      continue;
    }
    if (duplicateOf >= 0) broker.out.count(broker.words.duplicates);
    const base = duplicateOf >= 0 ? duplicateOf : append(broker, replica, batch);
    results.push({ partition, error: 'NONE', baseOffset: base, leader: -1, leaderEpoch: -1 });
    // A repeat of something replicated long ago is answered at once; a fresh one waits.
    const required = base + batch.count;
    if (acks === 'all') {
      if (replica.highWatermark < required) wait(replica.waiting, pending, slot, required);
      else if (!isSafelyStored(broker, replica)) {
        results[slot] = { ...results[slot], error: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' };
      }
    } else if (replica.ready < required) {
      wait(replica.waitingForFlush, pending, slot, required);
    }
  }
  if (--pending.missing === 0) answer(broker, pending);
  else pending.timer = broker.out.timer(request.timeout, Timer.produceWait, pending);
}

/** The first batch of a producer in a partition, when several are asked about, comes first. */
function begins(broker: Broker, replica: Replica, entry: ProduceEntry): ErrorName {
  const { producerId } = entry.batch;
  if (!replica.log.producers.knows(producerId) && isAhead(broker, entry)) {
    return 'OUT_OF_ORDER_SEQUENCE_NUMBER';
  }
  forgetVerification(broker, entry.partition, producerId);
  return 'NONE';
}

function refusal(broker: Broker, partition: number, error: ErrorName): ProduceResult {
  broker.out.ignored('ProduceRequest', error);
  const { refusalNamesLeader } = broker.layout.rules;
  const hint = error === 'NOT_LEADER_OR_FOLLOWER' && refusalNamesLeader;
  const { leader, leaderEpoch } = broker.image.partitions[partition];
  const { start } = broker.replicas[partition]?.log ?? {};
  return {
    ...(error === 'UNKNOWN_PRODUCER_ID' ? { logStart: start } : {}),
    partition,
    error,
    baseOffset: -1,
    leader: hint && leader !== broker.index ? leader : -1,
    leaderEpoch: hint ? leaderEpoch : -1,
  };
}

function wait(queue: Waiter[], pending: PendingProduce, slot: number, required: number): void {
  pending.missing++;
  const waiter: Waiter = { required, produce: pending, slot, write: undefined };
  // A repeated batch may wait for an offset in the middle of the queue.
  let place = queue.length;
  while (place > 0 && queue[place - 1].required > required) place--;
  if (place === queue.length) queue.push(waiter);
  else queue.splice(place, 0, waiter);
}

/** One result of a produce request is known. */
export function finishProduce(broker: Broker, waiter: Waiter, error: ErrorName): void {
  const { produce, slot } = waiter;
  if (produce === undefined || produce.done) return;
  if (error !== 'NONE') {
    const { partition } = produce.results[slot];
    produce.results[slot] = refusal(broker, partition, error);
  }
  if (--produce.missing === 0) answer(broker, produce);
}

/** Replication took longer than the request allows. */
export function onProduceWaited(broker: Broker, pending: PendingProduce): void {
  if (pending.done) return;
  const { results, request } = pending;
  for (let slot = 0; slot < results.length; slot++) {
    const result = results[slot];
    const replica = broker.replicas[result.partition];
    const required = result.baseOffset + request.entries[slot].batch.count;
    if (result.error !== 'NONE' || replica === undefined) continue;
    const reached = request.acks === 'all' ? replica.highWatermark : replica.ready;
    if (reached < required) results[slot] = refusal(broker, result.partition, 'REQUEST_TIMED_OUT');
  }
  answer(broker, pending);
}

function answer(broker: Broker, pending: PendingProduce): void {
  const { from, request, results } = pending;
  const { out } = broker;
  pending.done = true;
  out.cancel(pending.timer);
  if (request.acks !== '0') {
    const response: ProduceResponse = {
      type: 'ProduceResponse',
      correlation: request.correlation,
      results,
      carries: request.carries,
    };
    const about = broker.layout.partitions[request.entries[0].partition].nameId;
    out.send(from, response, about, request.nr, request.attempt);
  } else if (results.some((result) => result.error !== 'NONE')) {
    // Nobody waits for an answer, so closing the connection is the only way to say no.
    out.disconnect(from);
  }
  const channel = broker.channels[from];
  if (channel === undefined) return;
  channel.busy = false;
  const next = channel.queue.shift();
  if (next !== undefined) handle(broker, from, next);
}
