import type { Program } from '../../../sim/kernel/program.ts';
import type { Outgoing } from '../../parts/workload.ts';
import type { Checkpoint, Prepared } from './protocol.ts';
import { codesOf, type SinkHost, SinkProducer, slotOf, slotOfCode } from './sink-producer.ts';

export interface SinkPlan {
  /** Prefix of its transactional ids; "": a plain sink. */
  readonly prefix: string;
  readonly task: number;
  /** A prepared transaction that cannot be committed any more: is that passed over? */
  readonly ignoresExpired: boolean;
}

/**
 * The sink of one task. Plain: flushes at each barrier, so that what a checkpoint covers is
 * written, and writes again what came after it. Transactional, two-phase commit: at the barrier it
 * flushes (pre-commit), notes the transaction in the checkpoint and begins another; it commits when
 * the checkpoint is known to be complete. Source: `KafkaSink`, `TwoPhaseCommitSinkFunction`, Flink.
 */
export class Sink {
  /** All producers in use: each has timers of its own. */
  readonly producers = new Map<number, SinkProducer>();
  readonly #host: SinkHost;
  readonly #plan: SinkPlan;
  /** Numbers of producers, over all attempts and processes of the node. */
  readonly #next: () => number;
  #current: SinkProducer | undefined;
  /** Flushed and not committed, by the checkpoint that notes them. */
  readonly #prepared = new Map<number, SinkProducer>();

  constructor(host: SinkHost, plan: SinkPlan, next: () => number) {
    this.#host = host;
    this.#plan = plan;
    this.#next = next;
  }

  get #isTransactional(): boolean {
    return this.#plan.prefix !== '';
  }

  #make(id: string): SinkProducer {
    const number = this.#next();
    const producer = new SinkProducer(this.#host, id, number, codesOf(number));
    this.producers.set(slotOf(number), producer);
    return producer;
  }

  #close(producer: SinkProducer): void {
    for (const [slot, known] of this.producers) {
      if (known === producer) this.producers.delete(slot);
    }
  }

  #idAfter(checkpoint: number): string {
    return `${this.#plan.prefix}-${this.#plan.task}-${checkpoint + 1}`;
  }

  /** The producer whose timer came up. */
  ofTimer(code: number): SinkProducer | undefined {
    return this.producers.get(slotOfCode(code));
  }

  /** Before anything is processed: "" or why the task cannot run. */
  *restore(checkpoint: Checkpoint | undefined): Program<string> {
    if (!this.#isTransactional) {
      this.#current = this.#make('');
      return '';
    }
    const prepared = checkpoint?.tasks[this.#plan.task]?.prepared ?? [];
    for (const transaction of prepared) {
      const error = yield* this.#commitAgain(transaction);
      if (error !== '') return error;
    }
    const last = checkpoint?.id ?? 0;
    const error = yield* this.#begin(last);
    return error === '' ? yield* this.#abortLingering(last + 1) : error;
  }

  /**
   * Transactions that an earlier attempt began after this checkpoint hold up readers until they
   * end. Initialising a producer of their id aborts them; an id that is new was the last one.
   */
  *#abortLingering(from: number): Program<string> {
    for (let checkpoint = from; ; checkpoint++) {
      const producer = this.#make(this.#idAfter(checkpoint));
      const error = yield* producer.initialise();
      this.#close(producer);
      if (error !== '' || producer.epoch === 0) return error;
    }
  }

  /** The transaction that the checkpoint notes may have been committed already, or not. */
  *#commitAgain(transaction: Prepared): Program<string> {
    const producer = this.#make(transaction.transactionalId);
    producer.resume(transaction);
    const error = yield* producer.commit();
    this.#close(producer);
    return this.#judged(transaction.transactionalId, error);
  }

  #judged(id: string, error: string): string {
    if (error === '') return '';
    const { out } = this.#host;
    out.count(out.names.id('commits.failed'));
    out.became(`transaction ${id}`, 'prepared', 'not committed', error);
    return this.#plan.ignoresExpired ? '' : error;
  }

  /** A producer for what comes after a checkpoint; its id fences and aborts what lingers. */
  *#begin(checkpoint: number): Program<string> {
    const producer = this.#make(this.#idAfter(checkpoint));
    const error = yield* producer.initialise();
    if (error !== '') return error;
    producer.begin();
    this.#current = producer;
    return '';
  }

  *write(outgoing: Outgoing): Program<string> {
    const producer = this.#current;
    if (producer === undefined) return 'the sink is closed';
    yield* producer.send(outgoing);
    return producer.failure;
  }

  /** At the barrier. */
  *preCommit(checkpoint: number): Program<string> {
    const producer = this.#current;
    if (producer === undefined) return 'the sink is closed';
    const error = yield* producer.flush();
    if (error !== '' || !this.#isTransactional || !producer.started) return error;
    this.#prepared.set(checkpoint, producer);
    return yield* this.#begin(checkpoint);
  }

  /** What has to be committed if the job starts again from this checkpoint. */
  state(): Prepared[] {
    return [...this.#prepared.values()].map((producer) => producer.prepared());
  }

  /** The checkpoint is complete: what it and older ones note is committed. */
  *commit(checkpoint: number): Program<string> {
    for (const [id, producer] of [...this.#prepared]) {
      if (id > checkpoint) continue;
      this.#prepared.delete(id);
      const error = yield* producer.commit();
      this.#close(producer);
      const judged = this.#judged(producer.id, error);
      if (judged !== '') return judged;
    }
    return '';
  }
}
