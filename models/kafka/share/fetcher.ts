import { assert } from '../../../sim/kernel/assert.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { isStale } from '../client/errors.ts';
import { Kind } from '../client/network-client.ts';
import {
  type AcknowledgementBatch,
  type AcknowledgeType,
  type Batch,
  type BrokerIndex,
  type PartitionIndex,
  placeOf,
  type ShareFetchRequest,
  type ShareFetchResponse,
} from '../protocol.ts';
import type { ShareConsumer } from './consumer.ts';

/** One record that this member has, until it says what became of it. */
export interface Shared {
  readonly broker: BrokerIndex;
  readonly partition: PartitionIndex;
  readonly offset: number;
  readonly batch: Batch;
  readonly index: number;
  readonly deliveryCount: number;
}

/** A share session with one broker. */
export interface Session {
  readonly broker: BrokerIndex;
  /** Of the next request; 0 opens a session. */
  epoch: number;
  open: boolean;
  /** What is to be said with the next request. */
  pending: AcknowledgementBatch[];
  retryAt: Micros;
}

/** Fetches of one share consumer. Source: `ShareConsumeRequestManager`, `ShareSessionHandler`. */
export class ShareFetcher {
  readonly #consumer: ShareConsumer;
  readonly #timerCode: number;
  readonly #sessions: Session[];
  readonly #words: { fetch: NameId };
  /** What each fetch acquired, in the order in which it came. */
  readonly #fetched: Shared[][] = [];

  constructor(consumer: ShareConsumer, timerCode: number) {
    this.#consumer = consumer;
    this.#timerCode = timerCode;
    this.#words = { fetch: consumer.out.names.id('share fetch') };
    this.#sessions = consumer.layout.brokers.map((_, broker) => ({
      broker,
      epoch: 0,
      open: false,
      pending: [],
      retryAt: -Infinity,
    }));
  }

  take(): Shared[] {
    return this.#fetched.shift() ?? [];
  }

  /** Notes what became of a record; it is said with the next request to its broker. */
  acknowledge({ broker, partition, offset }: Shared, type: AcknowledgeType): void {
    const { pending } = this.#sessions[broker];
    const last = pending.at(-1);
    const joins = last?.partition === partition && last.type === type && last.last === offset - 1;
    if (last !== undefined && joins) pending[pending.length - 1] = { ...last, last: offset };
    else pending.push({ partition, first: offset, last: offset, type });
  }

  /** One fetch for each broker that leads something of ours, unless there is data already. */
  send(): void {
    const { out, membership, metadata } = this.#consumer;
    metadata.maybeRefresh();
    const byBroker: PartitionIndex[][] = [];
    for (const partition of membership.partitions) {
      const leader = metadata.leaders[partition];
      if (leader < 0) metadata.request();
      else (byBroker[leader] ??= []).push(partition);
    }
    for (const session of this.#sessions) {
      const partitions = byBroker[session.broker] ?? [];
      const wanted = partitions.length > 0 && this.#fetched.length === 0;
      if (session.open || (!wanted && session.pending.length === 0)) continue;
      if (session.retryAt > out.clock) continue;
      this.#fetch(session, this.#fetched.length === 0 ? partitions : []);
    }
    metadata.maybeRefresh();
  }

  #fetch(session: Session, partitions: readonly PartitionIndex[]): void {
    const { client } = this.#consumer;
    if (!client.ready(session.broker)) return;
    session.open = true;
    const request = this.#request(session, partitions, partitions.length > 0);
    client.send(session.broker, Kind.shareFetch, request, this.#words.fetch, partitions);
  }

  #request(
    session: Session,
    partitions: readonly PartitionIndex[],
    waits: boolean,
  ): ShareFetchRequest {
    const { client, config, link, membership } = this.#consumer;
    // In a new session nothing of an older one is ours any more.
    const acknowledgements = session.epoch === 0 ? [] : session.pending;
    session.pending = [];
    return {
      type: 'ShareFetchRequest',
      correlation: client.next(session.broker, Kind.shareFetch),
      group: link.group,
      member: membership.member,
      sessionEpoch: session.epoch++,
      maxWait: waits ? config.fetchMaxWait : 0,
      maxRecords: config.maxPollRecords,
      maxBytes: config.fetchMaxBytes,
      partitions,
      acknowledgements,
    };
  }

  onResponse(
    broker: BrokerIndex,
    _asked: readonly PartitionIndex[],
    response: ShareFetchResponse,
  ): void {
    const session = this.#sessions[broker];
    session.open = false;
    this.#note(response.acknowledged);
    if (response.error !== 'NONE') return this.#restart(session, response.error);
    for (const { partition, error, batches, acquired } of response.partitions) {
      if (error !== 'NONE') {
        if (isStale(error)) this.#consumer.metadata.request();
        this.#pause(session);
        continue;
      }
      const records: Shared[] = [];
      for (const { first, last, deliveryCount } of acquired) {
        for (let offset = first; offset <= last; offset++) {
          const batch = batches.find((b) => offset < b.baseOffset + b.count);
          assert(batch !== undefined, 'an acquired record is in the answer');
          const index = placeOf(batch, offset);
          records.push({ broker, partition, offset, batch, index, deliveryCount });
        }
      }
      if (records.length > 0) this.#fetched.push(records);
    }
  }

  /** The session is not known, or not at this point: another is begun. */
  #restart(session: Session, error: string): void {
    this.#consumer.out.ignored('ShareFetchRequest', error);
    session.epoch = 0;
    this.#pause(session);
  }

  #pause(session: Session): void {
    const { config, out } = this.#consumer;
    session.retryAt = out.clock + config.retry.base;
    out.timer(config.retry.base, this.#timerCode, session);
  }

  /** The pause is over, whatever the clock says by now. */
  resume(session: Session): void {
    session.retryAt = -Infinity;
  }

  #note(acknowledged: readonly { readonly error: string }[]): void {
    const { out } = this.#consumer;
    for (const { error } of acknowledged) {
      if (error !== 'NONE') out.count(out.names.id('acknowledgements.failed'));
    }
  }

  /** No answer: the connection is gone, and with it the session and all that was acquired. */
  onLost(broker: BrokerIndex): void {
    const session = this.#sessions[broker];
    session.open = false;
    session.epoch = 0;
    session.pending = [];
    this.#consumer.metadata.request();
  }

  /** commitSync(): says what is to be said and waits for the answers. */
  *commitSync(): Program {
    const { client, link, membership, thread } = this.#consumer;
    for (const session of this.#sessions) {
      if (session.pending.length === 0 || session.epoch === 0) continue;
      if (!(yield* thread.connected(session.broker))) continue;
      const acknowledgements = session.pending;
      session.pending = [];
      const reply = yield* thread.call(
        Kind.shareAcknowledge,
        session.broker,
        {
          type: 'ShareAcknowledgeRequest',
          correlation: client.next(session.broker, Kind.shareAcknowledge),
          group: link.group,
          member: membership.member,
          sessionEpoch: session.epoch++,
          acknowledgements,
        },
        link.groupName,
      );
      if (reply?.type !== 'ShareAcknowledgeResponse') session.epoch = 0;
      else this.#note(reply.acknowledged);
    }
  }

  /** close(): the last acknowledgements, and everything else goes back. */
  *close(): Program {
    yield* this.commitSync();
    const { client } = this.#consumer;
    for (const session of this.#sessions) {
      if (session.epoch === 0 || session.open || !client.ready(session.broker)) continue;
      session.epoch = -1;
      const request = this.#request(session, [], false);
      client.send(session.broker, Kind.shareFetch, request, this.#words.fetch, []);
    }
  }
}
