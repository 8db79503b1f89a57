import { Fact } from '../../../sim/kernel/entry.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import type { OutputPlan } from '../../parts/system.ts';
import { type ProducerConfig, readProducer } from '../config/settings.ts';
import { withNumbers } from '../config/transactions.ts';
import { type InFlight, Kind } from '../client/network-client.ts';
import { labelBase } from '../../parts/lives.ts';
import { Accumulator } from '../producer/accumulator.ts';
import { BATCH_HEADER, type ProducerBatch, RECORD_OVERHEAD } from '../producer/batch.ts';
import { Partitioner } from '../producer/partitioner.ts';
import { type Reports, Sender } from '../producer/sender.ts';
import { type Ending, TransactionSession } from '../producer/transaction-session.ts';
import type { Membership } from '../producer/transactions.ts';
import type { ClientResponse, Committed } from '../protocol.ts';
import type { Consumer } from './consumer.ts';
import type { Held, Polled } from './fetcher.ts';
import type { Processing } from './processing.ts';

/** Timer codes of the consumer that are meant for its producer. */
export interface TransformTimers {
  readonly send: number;
  readonly expiry: number;
  readonly transactions: number;
}

/**
 * Consume, transform, produce: each record of a poll becomes one in another topic, and the offsets
 * are committed with what was made of the records - in one transaction when the inner producer has
 * a transactional.id, else after all of it is acknowledged. The producer shares the connections of
 * the consumer (the real one has its own).
 */
export class Transform implements Reports {
  readonly #consumer: Consumer;
  readonly #plan: OutputPlan;
  readonly #config: ProducerConfig;
  readonly #accumulator: Accumulator;
  readonly #partitioner: Partitioner;
  readonly #sender: Sender;
  readonly #session: TransactionSession | undefined;
  readonly #timers: TransformTimers;
  readonly #words: { again: NameId };
  /** Records made so far by this process: they name batches. */
  #made: number;
  /** Of this poll: something was not stored. */
  #failed = false;
  #dirty = false;
  #changed = false;

  constructor(consumer: Consumer, plan: OutputPlan, instance: number, timers: TransformTimers) {
    const { out, layout, client, metadata, life } = consumer;
    const config = readProducer(plan.config, layout.rules);
    const first = labelBase(life);
    this.#consumer = consumer;
    this.#plan = plan;
    this.#config = config;
    this.#timers = timers;
    this.#made = first;
    this.#words = { again: out.names.id('its transaction did not commit') };
    this.#accumulator = new Accumulator(config, layout.topics.get(plan.to)?.partitions ?? []);
    this.#accumulator.learn(layout, metadata);
    this.#partitioner = new Partitioner(
      config,
      layout.rules,
      this.#accumulator,
      {
        leads: (lane) => metadata.leaders[lane.partition] >= 0,
        takes: (lane) => this.#sender.availability.takes(metadata.leaders[lane.partition]),
      },
      plan.to,
      first,
      out,
    );
    this.#sender = new Sender(
      out,
      layout,
      config,
      client,
      metadata,
      this.#accumulator,
      this,
      timers,
      life,
    );
    const id = withNumbers(config.transactionalId, instance, life);
    if (id === '') return;
    const owner = { wait: () => this.#wait(), changed: () => this.#touch() };
    const { transactions } = timers;
    const [accumulator, sender] = [this.#accumulator, this.#sender];
    const parts = { out, layout, config, client, sender, accumulator, life };
    this.#session = new TransactionSession(parts, id, owner, transactions);
  }

  // --- The application ---

  *handle(records: readonly Polled[], processing: Processing): Program {
    this.#failed = false;
    if (this.#session === undefined) return yield* this.#plainly(records, processing);
    yield* this.#inTransaction(records, processing, this.#session);
  }

  /** Processes and sends; how many from the start on, before the first whose handling failed. */
  *#make(records: readonly Polled[], processing: Processing): Program<number> {
    for (let i = 0; i < records.length; i++) {
      const outcome = yield* processing.one(records[i], this.#consumer.thread.task);
      if (outcome === 'failed') return i;
      if (outcome === 'done') yield* this.#send(records[i]);
    }
    return records.length;
  }

  *#plainly(records: readonly Polled[], processing: Processing): Program {
    const done = yield* this.#make(records, processing);
    this.#accumulator.flushing = true;
    this.#touch();
    while (!this.#accumulator.empty) yield* this.#wait();
    this.#accumulator.flushing = false;
    if (this.#failed) return processing.rewind(records, 0);
    if (done < records.length) processing.rewind(records, done);
    yield* processing.commit(records, done);
  }

  *#inTransaction(
    records: readonly Polled[],
    processing: Processing,
    session: TransactionSession,
  ): Program {
    // groupMetadata(): as of the join in which these records were assigned.
    const who = this.#who();
    while (!(yield* session.ready())) {
      if (this.#consumer.stopping) return;
      yield this.#config.retry.base;
    }
    session.transactions.begin();
    const done = yield* this.#make(records, processing);
    const ending = yield* done < records.length
      ? session.abort()
      : this.#commit(records, who, session);
    if (ending === 'committed') return;
    // The application goes back to what is committed, whatever that is.
    const { out, plan, fetcher } = this.#consumer;
    for (const { held, batch, index } of records) {
      out.fact(Fact.returned, batch.messages[index], plan.subscription, this.#words.again);
      if (fetcher.held.get(held.partition) === held) fetcher.forget(held);
    }
  }

  *#commit(
    records: readonly Polled[],
    who: Membership,
    session: TransactionSession,
  ): Program<Ending> {
    const { link } = this.#consumer;
    const next = new Map<Held, number>();
    for (const { held, offset } of records) next.set(held, offset + 1);
    const offsets: Committed[] = [...next].map(([{ partition }, offset]) => ({
      partition,
      offset,
    }));
    if (session.open) session.transactions.sendOffsets(link.group, who, offsets);
    while (session.open && session.transactions.sendingOffsets) yield* this.#wait();
    return yield* session.commit();
  }

  #who(): Membership {
    const { membership, groupInstance: instance, layout } = this.#consumer;
    const { memberId: member, generation } = membership;
    const named = this.#plan.fenced && layout.rules.offsetsNameMember;
    return named ? { member, generation, instance } : { member: '', generation: -1, instance: '' };
  }

  *#send({ batch, index }: Polled): Program {
    const message = batch.messages[index];
    const bytes = Math.max(1, Math.floor((batch.bytes - BATCH_HEADER) / batch.messages.length));
    const outgoing = {
      message,
      sequence: this.#made++,
      key: batch.keys[index],
      bytes: Math.max(1, bytes - RECORD_OVERHEAD),
      poison: batch.poison?.[index] ?? false,
    };
    const size = this.#accumulator.sizeOf(outgoing);
    const lane = this.#partitioner.laneOf(outgoing.key, size);
    while (!this.#accumulator.hasRoom(lane, size)) {
      this.#accumulator.exhausted = true;
      this.#touch();
      yield* this.#wait();
      this.#accumulator.exhausted = false;
    }
    this.#session?.touch(lane.partition);
    if (this.#session !== undefined && !this.#session.open) return;
    if (this.#accumulator.append(lane, outgoing, size, this.#consumer.out.clock)) {
      this.#sender.watch();
    }
    const last = lane.queue.at(-1);
    const { effect } = this.#consumer.plan.handling;
    if (last !== undefined && effect === 'output') last.origin = this.#consumer.plan.subscription;
    this.#partitioner.produced(lane, outgoing.key, size);
    this.#touch();
  }

  *#wait(): Program {
    yield* this.#consumer.thread.idle();
  }

  #touch(): void {
    this.#dirty = this.#changed = true;
  }

  // --- What became of the records ---

  acknowledged(): void {
    this.#touch();
  }

  retried(): void {
    this.#touch();
  }

  givenUp(_batch: ProducerBatch, reason: string): void {
    this.#failed = true;
    this.#session?.transactions.onBatchFailed(reason);
    this.#touch();
  }

  // --- Events ---

  /** At the end of each event of the consumer. */
  settle(): void {
    for (let round = 0; (this.#dirty || this.#changed) && round < 100; round++) {
      this.#dirty = false;
      this.#sender.run();
      if (!this.#changed) continue;
      this.#changed = false;
      this.#consumer.thread.wake();
    }
  }

  /** False when it is none of this producer's. */
  onTimer(code: number): boolean {
    this.#dirty = true;
    if (code === this.#timers.send) this.#sender.onSendTimer();
    else if (code === this.#timers.expiry) this.#sender.onExpiryTimer();
    else if (code !== this.#timers.transactions) return false;
    return true;
  }

  onResponse({ kind, data }: InFlight, response: ClientResponse): boolean {
    this.#dirty = true;
    if (this.#session?.transactions.onResponse(data, response) === true) return true;
    if (kind === Kind.produce && response.type === 'ProduceResponse') {
      this.#sender.onResponse(data as ProducerBatch[], response);
      return true;
    }
    if (kind !== Kind.initProducerId || response.type !== 'InitProducerIdResponse') return false;
    this.#sender.ids.given(response.producerId, response.producerEpoch);
    return true;
  }

  onLost({ kind, data }: InFlight, reason: string): boolean {
    this.#dirty = true;
    if (this.#session?.transactions.onLost(data) === true) return true;
    if (kind === Kind.produce) this.#sender.onLost(data as ProducerBatch[], reason);
    else if (kind === Kind.initProducerId) this.#sender.ids.lost();
    else return false;
    return true;
  }

  onClosed(): void {
    this.#session?.transactions.onClosed();
    this.#dirty = true;
  }

  onMetadata(): void {
    this.#accumulator.learn(this.#consumer.layout, this.#consumer.metadata);
    this.#dirty = true;
  }

  onConnection(): void {
    this.#dirty = true;
  }
}
