import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import { type Broker, type Replica, Timer } from '../broker/state.ts';
import {
  type AcknowledgementBatch,
  type ErrorName,
  type SharedPartition,
  type ShareAcknowledgeRequest,
  type ShareFetchRequest,
  ShareFetchResponse,
} from '../protocol.ts';
import { acknowledge, acquire, dropShares, ledBy, releaseOf } from './leader.ts';
import type { Led, PendingFetch, Session } from './state.ts';

/**
 * ShareFetch and ShareAcknowledge. A session belongs to a connection: its requests are numbered,
 * and when it ends what the member had goes back. Source: `ShareSession`, KIP-932.
 */
export function onShareFetch(broker: Broker, from: NodeId, request: ShareFetchRequest): void {
  const session = sessionOf(broker, from, request);
  if (typeof session === 'string') return refuse(broker, from, request, session);
  const pending: PendingFetch = {
    from,
    request,
    session,
    fetched: undefined,
    acknowledged: [],
    writes: 1, // This function itself.
    done: false,
    timer: NO_HANDLE,
  };
  take(broker, pending, request.acknowledgements);
  if (request.sessionEpoch < 0) {
    endSession(broker, session, 'share session closed');
    pending.fetched = [];
  } else fetch(broker, pending);
  pending.writes--;
  maybeAnswer(broker, pending);
}

export function onShareAcknowledge(
  broker: Broker,
  from: NodeId,
  request: ShareAcknowledgeRequest,
): void {
  const session = sessionOf(broker, from, request);
  const { correlation } = request;
  const answer = (error: ErrorName, pending: PendingFetch | undefined) => {
    if (error !== 'NONE') broker.out.ignored(request.type, error);
    const acknowledged = pending?.acknowledged ?? [];
    const response = { type: 'ShareAcknowledgeResponse', correlation, error, acknowledged };
    broker.out.send(from, response as never, broker.words.fetch, correlation);
  };
  if (typeof session === 'string') return answer(session, undefined);
  let writes = request.acknowledgements.length;
  const pending = { acknowledged: [] } as unknown as PendingFetch;
  if (writes === 0) return answer('NONE', pending);
  for (const batch of request.acknowledgements) {
    one(broker, request, batch, pending, () => {
      if (--writes === 0) answer('NONE', pending);
    });
  }
}

type Sessional = Pick<ShareFetchRequest, 'group' | 'member' | 'sessionEpoch'>;

/** The session that the request belongs to, opened when it is the first; else why not. */
function sessionOf(broker: Broker, from: NodeId, request: Sessional): Session | ErrorName {
  const { sessions } = broker.shares;
  const { group, member, sessionEpoch } = request;
  const key = `${group}/${member}`;
  const known = sessions.get(key);
  if (sessionEpoch === 0) {
    if (known !== undefined) endSession(broker, known, 'share session opened anew');
    const session = { group, member, from, epoch: 1 };
    sessions.set(key, session);
    return session;
  }
  if (known === undefined || known.from !== from) return 'SHARE_SESSION_NOT_FOUND';
  if (sessionEpoch < 0) return known;
  if (known.epoch !== sessionEpoch) return 'INVALID_SHARE_SESSION_EPOCH';
  known.epoch++;
  return known;
}

function endSession(broker: Broker, session: Session, reason: string): void {
  broker.shares.sessions.delete(`${session.group}/${session.member}`);
  releaseOf(broker, session.group, session.member, reason);
}

/** A client's connection is gone. */
export function onShareDisconnect(broker: Broker, peer: NodeId): void {
  for (const session of [...broker.shares.sessions.values()]) {
    if (session.from !== peer) continue;
    endSession(broker, session, 'connection closed');
    for (const led of broker.shares.led.values()) {
      for (const pending of led.waiting) if (pending.from === peer) finish(broker, pending);
    }
  }
}

/** The acknowledgements of earlier records, which a fetch brings along. */
function take(
  broker: Broker,
  pending: PendingFetch,
  batches: readonly AcknowledgementBatch[],
): void {
  for (const batch of batches) {
    pending.writes++;
    one(broker, pending.request, batch, pending, () => {
      pending.writes--;
      maybeAnswer(broker, pending);
    });
  }
}

function one(
  broker: Broker,
  { group, member }: Sessional,
  batch: AcknowledgementBatch,
  pending: PendingFetch,
  then: () => void,
): void {
  const { partition } = batch;
  const noted = (error: ErrorName) => {
    if (error !== 'NONE') broker.out.ignored('acknowledgement', error);
    pending.acknowledged.push({ partition, error });
    then();
  };
  const led = ledBy(broker, group, partition);
  if (led === undefined) noted('NOT_LEADER_OR_FOLLOWER');
  else acknowledge(broker, led, member, batch, noted);
}

/** Acquires what there is, or waits for it. */
function fetch(broker: Broker, pending: PendingFetch): void {
  if (tryFetch(broker, pending)) return;
  for (const partition of pending.request.partitions) {
    const led = ledBy(broker, pending.request.group, partition);
    if (led === undefined) continue;
    if (led.waiting.length >= 32) sweep(led);
    led.waiting.push(pending);
  }
  pending.timer = broker.out.timer(pending.request.maxWait, Timer.shareWait, pending);
}

function sweep(led: Led): void {
  const open = led.waiting.filter((pending) => !pending.done);
  led.waiting.splice(0, led.waiting.length, ...open);
}

/** True when there is something to answer with: records of one partition, or an error. */
function tryFetch(broker: Broker, pending: PendingFetch): boolean {
  const { request } = pending;
  const results: SharedPartition[] = [];
  let left = request.maxRecords;
  const { length } = request.partitions;
  for (let i = 0; i < length && left > 0; i++) {
    // Another partition comes first each time, so that none starves.
    const partition = request.partitions[(i + request.correlation) % length];
    const led = ledBy(broker, request.group, partition);
    if (led === undefined) {
      const error = 'NOT_LEADER_OR_FOLLOWER';
      results.push({ partition, error, batches: [], acquired: [] });
      continue;
    }
    const got = acquire(broker, led, { ...request, maxRecords: left });
    if (got.acquired.length === 0) continue;
    results.push(got);
    for (const { first, last } of got.acquired) left -= last - first + 1;
  }
  if (results.length === 0) return false;
  pending.fetched = results;
  return true;
}

/** At the end of an event: those who wait for a partition look again, in their order. */
export function serveWaiting(broker: Broker, replica: Replica): void {
  for (const led of broker.shares.led.values()) {
    if (led.replica !== replica || led.waiting.length === 0) continue;
    for (const pending of led.waiting.splice(0)) {
      if (pending.done) continue;
      if (tryFetch(broker, pending)) maybeAnswer(broker, pending);
      else led.waiting.push(pending);
    }
  }
}

export function onShareWaited(broker: Broker, pending: PendingFetch): void {
  pending.timer = NO_HANDLE;
  pending.fetched ??= [];
  maybeAnswer(broker, pending);
}

function finish(broker: Broker, pending: PendingFetch): void {
  pending.done = true;
  broker.out.cancel(pending.timer);
}

function maybeAnswer(broker: Broker, pending: PendingFetch): void {
  const { request, from, fetched, acknowledged } = pending;
  if (pending.done || pending.writes > 0 || fetched === undefined) return;
  finish(broker, pending);
  const response = new ShareFetchResponse(request.correlation, 'NONE', fetched, acknowledged);
  broker.out.send(from, response, broker.words.fetch, request.correlation);
}

function refuse(broker: Broker, from: NodeId, request: ShareFetchRequest, error: ErrorName): void {
  broker.out.ignored(request.type, error);
  const response = new ShareFetchResponse(request.correlation, error, [], []);
  broker.out.send(from, response, broker.words.fetch, request.correlation);
}

/** After a change of metadata: who waits for what is led elsewhere now is sent there. */
export function syncShares(broker: Broker): void {
  if (broker.shares.led.size === 0) return;
  for (const led of dropShares(broker)) {
    const { index: partition } = led.replica.plan;
    for (const pending of led.waiting) {
      if (pending.fetched !== undefined) continue;
      const error = 'NOT_LEADER_OR_FOLLOWER';
      pending.fetched = [{ partition, error, batches: [], acquired: [] }];
      maybeAnswer(broker, pending);
    }
  }
  for (const [key, { epoch, replica }] of broker.shares.shards) {
    if (replica.leaderEpoch !== epoch) broker.shares.shards.delete(key);
  }
}
