import { assert } from '../../../sim/kernel/assert.ts';
import type { Handle } from '../../../sim/kernel/event-queue.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { millis, type Micros } from '../../../sim/kernel/time.ts';
import { backoff } from '../client/backoff.ts';
import type { NetworkClient } from '../client/network-client.ts';
import type { ProducerConfig } from '../config/settings.ts';
import { labelBase } from '../../parts/lives.ts';
import type {
  BrokerIndex,
  ClientResponse,
  Committed,
  ErrorName,
  PartitionIndex,
} from '../protocol.ts';
import type { Rules } from '../versions.ts';
import type { Sequences } from './sequences.ts';
import { isFatal, PRODUCER_PHASES, sends, type TransactionPhase } from './transaction-phase.ts';
import { Asked, type Job, kindOf, requestOf, typeOf } from './transaction-requests.ts';

/** Who commits offsets; nobody in particular: "", -1 and "". */
export interface Membership {
  readonly member: string;
  readonly generation: number;
  readonly instance: string;
}

/** What the transactions need of the producer around them. */
export interface TransactionHost {
  /** Batches that are not answered, or not even sent. */
  readonly incomplete: boolean;
  /** Gives up what was not sent, or everything. */
  abortBatches(reason: string, all: boolean): void;
  /** Something changed that the application or the sender may wait for. */
  changed(): void;
}

/** How soon AddPartitionsToTxn is tried again while the last transaction gets its markers. */
const FIRST_ADD_RETRY: Micros = millis(20);

/**
 * The client's side of transactions. One request at a time; the application waits for the ends of
 * transactions, the sender for partitions to be added. Source: `TransactionManager`, Kafka 3.9,
 * 4.0.
 */
export class Transactions {
  phase: TransactionPhase = { is: 'UNINITIALIZED' };
  readonly id: string;
  readonly #out: Out;
  readonly #config: ProducerConfig;
  readonly #rules: Rules;
  readonly #client: NetworkClient;
  readonly #sequences: Sequences;
  readonly #host: TransactionHost;
  readonly #timerCode: number;
  readonly #words: { id: NameId; retry: NameId };
  #coordinator: BrokerIndex = -1;
  #groupCoordinator: BrokerIndex = -1;
  /**
   * Partitions of this transaction that the coordinator knows, and those it is still to hear of.
   */
  readonly #added = new Set<PartitionIndex>();
  readonly #new = new Set<PartitionIndex>();
  /** Those that it was asked to add; no answer has come yet that it did. */
  #asked: readonly PartitionIndex[] = [];
  /** The coordinator knows of this transaction (`transactionStarted`): it must hear of its end. */
  #started = false;
  #offsets: Extract<Job, { is: 'offsets' }> | undefined;
  #offsetsAdded = false;
  /** After the abort the epoch is to be raised (KIP-360). */
  #bump = false;
  #open: Asked | undefined;
  #retryAt: Micros = -Infinity;
  #failures = 0;
  #timer: Handle = NO_HANDLE;
  #retries: number;
  /** The coordinator was asked to commit, and its answer never came. */
  unheard = false;

  constructor(
    out: Out,
    id: string,
    config: ProducerConfig,
    rules: Rules,
    client: NetworkClient,
    sequences: Sequences,
    host: TransactionHost,
    timerCode: number,
    life: number,
  ) {
    this.id = id;
    this.#out = out;
    this.#config = config;
    this.#rules = rules;
    this.#client = client;
    this.#sequences = sequences;
    this.#host = host;
    this.#timerCode = timerCode;
    this.#retries = labelBase(life);
    this.#words = { id: out.names.id(id), retry: out.names.id('transaction retry') };
  }

  #become(next: TransactionPhase, why: string): void {
    const from = this.phase.is;
    assert(
      PRODUCER_PHASES[from].includes(next.is),
      `transactional producer: ${from} -> ${next.is} is legal`,
    );
    if (from !== next.is) this.#out.became(`producer ${this.id}`, from, next.is, why);
    this.phase = next;
    this.#host.changed();
  }

  // --- What the application calls ---

  /** initTransactions(): done once the phase is READY. */
  initialise(): void {
    this.#become({ is: 'INITIALIZING' }, 'initTransactions');
  }

  /** Goes on with a transaction that an earlier process has flushed and not ended (Flink). */
  resume(producerId: number, producerEpoch: number): void {
    this.#become({ is: 'INITIALIZING' }, 'resumeTransaction');
    this.#sequences.begin(producerId, producerEpoch);
    this.#become({ is: 'READY' }, `epoch ${producerEpoch}`);
    this.begin();
    this.#started = true;
  }

  begin(): void {
    this.#become({ is: 'IN_TRANSACTION' }, 'beginTransaction');
    this.unheard = false;
  }

  /** A record was sent to this partition. */
  touch(partition: PartitionIndex): void {
    if (this.#rules.epochPerTransaction) this.#started = true;
    else if (!this.#added.has(partition)) this.#new.add(partition);
  }

  /** May a batch go to this partition? In v2 its leader tells the coordinator. */
  maySend(partition: PartitionIndex): boolean {
    return sends(this.phase, this.#rules.epochPerTransaction || this.#added.has(partition));
  }

  /** sendOffsetsToTransaction(): done once `sendingOffsets` is false. */
  sendOffsets(group: string, who: Membership, offsets: readonly Committed[]): void {
    if (this.#rules.epochPerTransaction) this.#started = true;
    this.#offsets = { is: 'offsets', group, ...who, offsets };
    this.#offsetsAdded = this.#rules.epochPerTransaction;
    this.#host.changed();
  }

  get sendingOffsets(): boolean {
    return this.#offsets !== undefined;
  }

  commit(): void {
    this.#become({ is: 'COMMITTING' }, 'commitTransaction');
  }

  abort(): void {
    this.#new.clear();
    for (const partition of this.#asked) this.#new.add(partition);
    this.#offsets = undefined;
    this.#become({ is: 'ABORTING' }, 'abortTransaction');
    this.#host.abortBatches('TransactionAbortedException', false);
  }

  // --- What the sender tells ---

  /** A batch was given up. */
  onBatchFailed(error: string): void {
    if (error === 'TransactionAbortedException') return;
    if (isFatal(error, this.#rules)) return this.#fail(error);
    const ending = this.phase.is === 'COMMITTING' || this.phase.is === 'ABORTING';
    if (this.#mayBump && !ending) this.#bump = true;
    this.#abortable(error);
  }

  /** A sequence is missing for good. Before KIP-360 nothing but a new producer could help. */
  onGap(): void {
    if (!this.#rules.producersRaiseEpochs) return this.#fail('unresolved sequence');
    if (this.#mayBump) this.#bump = true;
    this.#abortable('unresolved sequence');
  }

  get #mayBump(): boolean {
    return this.#rules.producersRaiseEpochs && !this.#rules.epochPerTransaction;
  }

  #abortable(error: string): void {
    // Whoever aborts already cannot do more.
    if (this.phase.is === 'ABORTING') return;
    this.#break({ is: 'ABORTABLE_ERROR', error }, 'TransactionAbortedException');
  }

  #fail(error: string): void {
    this.#break({ is: 'FATAL_ERROR', error }, error);
  }

  #break(phase: Extract<TransactionPhase, { readonly error: string }>, reason: string): void {
    if (this.phase.is === 'FATAL_ERROR') return;
    this.#new.clear();
    this.#asked = [];
    this.#offsets = undefined;
    this.#become(phase, phase.error);
    this.#host.abortBatches(reason, phase.is === 'FATAL_ERROR');
  }

  // --- Requests ---

  #next(): Job | undefined {
    switch (this.phase.is) {
      case 'INITIALIZING': {
        const { producerId, epoch: producerEpoch } = this.#sequences;
        const { transactionTimeout: timeout } = this.#config;
        return { is: 'init', timeout, producerId, producerEpoch };
      }
      case 'IN_TRANSACTION':
      case 'COMMITTING':
      case 'ABORTING':
        break;
      default:
        return undefined;
    }
    if (this.#new.size > 0) return { is: 'partitions', partitions: [...this.#new] };
    const offsets = this.#offsets;
    if (offsets !== undefined) {
      return this.#offsetsAdded ? offsets : { is: 'group', group: offsets.group };
    }
    if (this.phase.is === 'IN_TRANSACTION' || this.#host.incomplete) return undefined;
    return { is: 'end', commit: this.phase.is === 'COMMITTING' };
  }

  /** Sends the next request, if there is one and it can be sent. */
  run(): void {
    if (this.#open !== undefined) return;
    const job = this.#next();
    if (job === undefined) return;
    // A transaction in which nothing was sent ends by itself.
    if (job.is === 'end' && !this.#started) return this.#ended();
    const wait = this.#retryAt - this.#out.clock;
    if (wait > 0) {
      this.#out.cancel(this.#timer);
      this.#timer = this.#out.timer(wait, this.#timerCode);
      return;
    }
    const toGroup = job.is === 'offsets';
    const coordinator = toGroup ? this.#groupCoordinator : this.#coordinator;
    if (coordinator >= 0) {
      if (this.#client.ready(coordinator)) this.#send(coordinator, job);
      return;
    }
    const broker = this.#client.leastLoaded();
    if (broker < 0) return;
    const found = toGroup ? job.group : this.id;
    this.#send(broker, { is: 'find', key: found, transactional: !toGroup });
  }

  #send(broker: BrokerIndex, job: Job): void {
    const kind = kindOf(job);
    const correlation = this.#client.next(broker, kind);
    const { producerId, epoch } = this.#sequences;
    const identity = { transactionalId: this.id, producerId, producerEpoch: epoch };
    const request = requestOf(job, correlation, identity);
    this.#open = new Asked(job);
    if (job.is === 'partitions') this.#asked = job.partitions;
    const { requestTimeout } = this.#config;
    this.#client.send(broker, kind, request, this.#words.id, this.#open, requestTimeout);
  }

  /** A connection broke: whoever was the coordinator behind it may not be it any more. */
  onClosed(): void {
    if (this.#coordinator >= 0 && this.#client.closed(this.#coordinator)) this.#coordinator = -1;
    const group = this.#groupCoordinator;
    if (group >= 0 && this.#client.closed(group)) this.#groupCoordinator = -1;
  }

  /** False when the answer is to somebody else's question. */
  onResponse(data: unknown, response: ClientResponse): boolean {
    if (!(data instanceof Asked)) return false;
    if (data !== this.#open) return true;
    this.#open = undefined;
    this.#answered(data.job, response);
    this.#host.changed();
    return true;
  }

  onLost(data: unknown): boolean {
    if (!(data instanceof Asked)) return false;
    if (data !== this.#open) return true;
    this.#open = undefined;
    if (data.job.is === 'end' && data.job.commit) this.unheard = true;
    this.#again(data.job, 'NETWORK_EXCEPTION');
    this.#host.changed();
    return true;
  }

  #answered(job: Job, response: ClientResponse): void {
    if (response.type === 'FindCoordinatorResponse') {
      if (response.error !== 'NONE') return this.#pause(this.#config.retry.base);
      if (job.is === 'find' && !job.transactional) this.#groupCoordinator = response.coordinator;
      else this.#coordinator = response.coordinator;
      return;
    }
    const { error = 'NONE' } = response as { error?: ErrorName };
    if (error !== 'NONE') return this.#refused(job, error);
    this.#failures = 0;
    switch (job.is) {
      case 'init':
        if (response.type !== 'InitProducerIdResponse') return;
        this.#sequences.begin(response.producerId, response.producerEpoch);
        this.#bump = false;
        return this.#become({ is: 'READY' }, `epoch ${response.producerEpoch}`);
      case 'partitions':
        this.#started = true;
        this.#asked = [];
        for (const partition of job.partitions) {
          this.#new.delete(partition);
          this.#added.add(partition);
        }
        return;
      case 'group':
        this.#started = this.#offsetsAdded = true;
        return;
      case 'offsets':
        if (this.#offsets === job) this.#offsets = undefined;
        return;
      case 'end':
        if (response.type === 'EndTxnResponse' && response.producerEpoch >= 0) {
          this.#sequences.begin(response.producerId, response.producerEpoch);
        }
        return this.#ended();
      case 'find':
        return;
    }
  }

  /** The transaction is over, one way or the other. */
  #ended(): void {
    this.#added.clear();
    this.#new.clear();
    this.#started = false;
    const bump = this.#bump && this.phase.is === 'ABORTING';
    if (bump) this.#become({ is: 'INITIALIZING' }, 'the epoch is raised');
    else this.#become({ is: 'READY' }, 'ended');
  }

  #refused(job: Job, error: ErrorName): void {
    this.#out.ignored(typeOf(job), error);
    switch (error) {
      case 'NOT_COORDINATOR':
      case 'COORDINATOR_NOT_AVAILABLE':
      case 'COORDINATOR_LOAD_IN_PROGRESS':
      case 'REQUEST_TIMED_OUT':
      case 'CONCURRENT_TRANSACTIONS':
        return this.#again(job, error);
      case 'TRANSACTION_ABORTABLE':
      case 'ILLEGAL_GENERATION':
      case 'UNKNOWN_MEMBER_ID':
        return this.#abortable(error);
      // From a coordinator these say that another producer of this id has come.
      case 'INVALID_PRODUCER_EPOCH':
        return this.#fail('PRODUCER_FENCED');
      default:
        return this.#fail(error);
    }
  }

  #again(job: Job, error: string): void {
    if (error === 'CONCURRENT_TRANSACTIONS') {
      const first = job.is === 'partitions' && this.#added.size === 0;
      return this.#pause(first ? FIRST_ADD_RETRY : this.#config.retry.base);
    }
    if (error !== 'COORDINATOR_LOAD_IN_PROGRESS') {
      if (job.is === 'offsets') this.#groupCoordinator = -1;
      else this.#coordinator = -1;
    }
    const { id, retry } = this.#words;
    const wait = backoff(
      this.#config.retry,
      ++this.#failures,
      this.#out,
      retry,
      id,
      this.#retries++,
    );
    this.#pause(wait);
  }

  #pause(wait: Micros): void {
    this.#retryAt = this.#out.clock + wait;
  }
}
