import type { Out } from '../../../sim/kernel/out.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import type { NetworkClient } from '../client/network-client.ts';
import type { ProducerConfig } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import type { PartitionIndex } from '../protocol.ts';
import type { Accumulator } from './accumulator.ts';
import type { Sender } from './sender.ts';
import { type TransactionHost, Transactions } from './transactions.ts';

/** What an application knows of a transaction once it is over. */
export type Ending = 'committed' | 'aborted' | 'unknown';

/** The producer that the session belongs to. */
export interface ProducerParts {
  readonly out: Out;
  readonly layout: Layout;
  readonly config: ProducerConfig;
  readonly client: NetworkClient;
  readonly sender: Sender;
  readonly accumulator: Accumulator;
  readonly life: number;
}

/** The application around the session: how it waits, and how it is woken. */
export interface SessionOwner {
  /** Waits until something has changed. */
  wait(): Program;
  /** Something has changed; whoever waits goes on at the end of this event. */
  changed(): void;
}

/**
 * The calls of an application to a transactional producer, each of which blocks until it is done.
 * After a fatal error the producer is closed and another one made, as applications do.
 */
export class TransactionSession implements TransactionHost {
  transactions: Transactions;
  readonly #id: string;
  readonly #timerCode: number;
  readonly #parts: ProducerParts;
  #made = 0;
  readonly #sender: Sender;
  readonly #accumulator: Accumulator;
  readonly #owner: SessionOwner;

  constructor(parts: ProducerParts, id: string, owner: SessionOwner, timerCode: number) {
    this.#parts = parts;
    this.#sender = parts.sender;
    this.#accumulator = parts.accumulator;
    this.#owner = owner;
    this.#id = id;
    this.#timerCode = timerCode;
    this.#sender.sequences.transactional = true;
    this.transactions = this.#make();
    this.#sender.transactions = this.transactions;
  }

  #make(): Transactions {
    const { out, layout, config, client, sender, life } = this.#parts;
    return new Transactions(
      out,
      this.#id,
      config,
      layout.rules,
      client,
      sender.sequences,
      this,
      this.#timerCode,
      life * 1000 + this.#made++,
    );
  }

  get incomplete(): boolean {
    return !this.#accumulator.empty;
  }

  abortBatches(reason: string, all: boolean): void {
    this.#sender.abort(reason, all);
  }

  changed(): void {
    this.#owner.changed();
  }

  /** Is a transaction open in which records can be sent? */
  get open(): boolean {
    return this.transactions.phase.is === 'IN_TRANSACTION';
  }

  /** A record was handed over for this partition. */
  touch(partition: PartitionIndex): void {
    if (this.open) this.transactions.touch(partition);
  }

  /** A producer that can begin a transaction; false when there can be none. */
  *ready(): Program<boolean> {
    if (this.transactions.phase.is === 'FATAL_ERROR') {
      this.#sender.sequences.begin(-1, -1);
      this.transactions = this.#make();
      this.#sender.transactions = this.transactions;
    }
    const { transactions } = this;
    if (transactions.phase.is === 'UNINITIALIZED') transactions.initialise();
    while (transactions.phase.is === 'INITIALIZING') yield* this.#owner.wait();
    return transactions.phase.is === 'READY';
  }

  *commit(): Program<Ending> {
    const { transactions } = this;
    if (this.open) {
      transactions.commit();
      yield* this.#waitWhile('COMMITTING');
    }
    switch (transactions.phase.is) {
      case 'READY':
        return 'committed';
      case 'ABORTABLE_ERROR':
        return yield* this.abort();
      default:
        return this.#fate();
    }
  }

  *abort(): Program<Ending> {
    const { transactions } = this;
    if (this.open || transactions.phase.is === 'ABORTABLE_ERROR') {
      transactions.abort();
      yield* this.#waitWhile('ABORTING');
      while (transactions.phase.is === 'INITIALIZING') yield* this.#owner.wait();
    }
    return transactions.phase.is === 'READY' ? 'aborted' : this.#fate();
  }

  *#waitWhile(phase: 'COMMITTING' | 'ABORTING'): Program {
    this.#accumulator.flushing = true;
    this.changed();
    while (this.transactions.phase.is === phase) yield* this.#owner.wait();
    this.#accumulator.flushing = false;
  }

  /**
   * After a fatal error. Whoever is fenced was not asked to commit, or was refused: his transaction
   * is aborted by the coordinator, unless an answer of it was lost.
   */
  #fate(): Ending {
    const { phase, unheard } = this.transactions;
    if (phase.is !== 'FATAL_ERROR' || unheard) return 'unknown';
    return phase.error === 'PRODUCER_FENCED' || phase.error === 'INVALID_PRODUCER_EPOCH'
      ? 'aborted'
      : 'unknown';
  }
}
