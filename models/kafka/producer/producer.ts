import { Fact } from '../../../sim/kernel/entry.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { PARK, type Program, Task } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { ProducerPlan } from '../../parts/system.ts';
import { type Outgoing, Workload } from '../../parts/workload.ts';
import { ClientMetadata } from '../client/metadata.ts';
import { type InFlight, Kind, NetworkClient, type Owner } from '../client/network-client.ts';
import { type ProducerConfig, readProducer } from '../config/settings.ts';
import { withNumbers } from '../config/transactions.ts';
import type { Layout } from '../layout.ts';
import { labelBase, nextLife } from '../../parts/lives.ts';
import { javaHash } from '../murmur2.ts';
import type {
  BrokerIndex,
  ClientResponse,
  Correlated,
  MetadataResponse,
  ProduceResponse,
} from '../protocol.ts';
import { Accumulator } from './accumulator.ts';
import { BATCH_HEADER, type ProducerBatch } from './batch.ts';
import { openOutbox, type Outbox } from './outbox.ts';
import { type Brokers, Partitioner } from './partitioner.ts';
import { type Reports, Sender } from './sender.ts';
import { sendInTransactions, TransactionalApplication } from './transaction-loop.ts';
import { type Ending, TransactionSession } from './transaction-session.ts';

const Timer = {
  task: 0,
  connection: 1,
  metadata: 2,
  send: 3,
  expiry: 4,
  block: 5,
  transactions: 6,
} as const;

/** A producing application with its KafkaProducer. */
export function producerRole(layout: Layout, plan: ProducerPlan): Role<Producer, Message> {
  return {
    start: (out) => new Producer(layout, plan, out),
    onMessage: (producer, from, message) => producer.onMessage(from, message as Correlated),
    onTimer: (producer, code, data) => producer.onTimer(code, data),
    onDisconnect: (producer, peer) => producer.onDisconnect(peer),
    onStop: (producer) => producer.close(),
  };
}

class Producer implements Owner, Reports {
  readonly #out: Out;
  readonly #config: ProducerConfig;
  readonly #workload: Workload;
  readonly #outbox: Outbox;
  readonly #client: NetworkClient;
  readonly #metadata: ClientMetadata;
  readonly #accumulator: Accumulator;
  readonly #layout: Layout;
  readonly #partitioner: Partitioner;
  readonly #sender: Sender;
  /** For a producer with a transactional.id. */
  readonly #transactional: TransactionalApplication | undefined;
  readonly #task: Task;
  readonly #life: number;
  /** What an earlier process had sent and not heard of. */
  readonly #again: ReadonlySet<number>;
  /** The application thread stands in send(): waits for metadata or for memory. */
  #blocked = false;
  #blockTimer: Handle = NO_HANDLE;
  #stopping = false;
  /** When a record was last sent. */
  #usedAt: Micros = 0;
  /** Something changed that the sender must look at, at the end of this event. */
  #dirty = true;

  constructor(layout: Layout, plan: ProducerPlan, out: Out) {
    const topic = layout.topics.get(plan.to);
    const partitions = topic?.partitions ?? [];
    const config = readProducer(plan.config, layout.rules);
    this.#out = out;
    this.#layout = layout;
    this.#config = config;
    this.#life = nextLife(out);
    this.#outbox = openOutbox(out);
    this.#again = new Set(this.#outbox.open.keys());
    this.#workload = new Workload(plan.workload, out, this.#outbox.begun);
    const [life, turn] = [this.#life, javaHash(plan.name) & 0x7fff];
    const { brokers } = layout;
    this.#client = new NetworkClient(out, brokers, config, this, Timer.connection, life, turn);
    const count = layout.partitions.length;
    const first = labelBase(this.#life);
    this.#metadata = new ClientMetadata(out, this.#client, config, count, Timer.metadata, first);
    this.#accumulator = new Accumulator(config, partitions);
    this.#accumulator.learn(layout, this.#metadata);
    this.#partitioner = new Partitioner(
      config,
      layout.rules,
      this.#accumulator,
      this.#brokers,
      plan.to,
      first,
      out,
    );
    this.#sender = new Sender(
      out,
      layout,
      config,
      this.#client,
      this.#metadata,
      this.#accumulator,
      this,
      Timer,
      this.#life,
    );
    this.#transactional = this.#inTransactions(layout);
    this.#task = new Task(out, Timer.task);
    this.#task.start(this.#work());
    this.#settle();
  }

  #inTransactions(layout: Layout): TransactionalApplication | undefined {
    if (this.#config.transactionalId === '') return undefined;
    const [out, config, client, life] = [this.#out, this.#config, this.#client, this.#life];
    const [sender, accumulator] = [this.#sender, this.#accumulator];
    const parts = { out, layout, config, client, sender, accumulator, life };
    const id = withNumbers(config.transactionalId, 0, life);
    return new TransactionalApplication({
      out,
      life,
      workload: this.#workload,
      outbox: this.#outbox,
      stopping: () => this.#stopping,
      send: (outgoing) => this.#send(outgoing),
      settle: (message, outcome, reason) => this.#settleTransactional(message, outcome, reason),
      touch: () => (this.#dirty = true),
      session: (owner) => new TransactionSession(parts, id, owner, Timer.transactions),
    });
  }

  // --- The application ---

  *#work(): Program {
    if (this.#transactional !== undefined) {
      this.#failLost();
      yield* sendInTransactions(this.#transactional);
      return this.#maybeFinish();
    }
    yield* this.#sendAgain();
    const outbox = this.#outbox;
    const workload = this.#workload;
    while (!workload.done) {
      const wait = workload.wait();
      if (wait > 0) yield wait;
      if (this.#stopping) return;
      outbox.begun = workload.sent + 1;
      const outgoing = workload.next();
      outbox.open.set(outgoing.message, outgoing);
      outbox.written = workload.sent;
      yield* this.#send(outgoing);
    }
    // close(): what lingers is sent now.
    this.#accumulator.closing = true;
    this.#dirty = true;
    this.#maybeFinish();
  }

  #settleTransactional(message: number, outcome: Ending, reason: string): void {
    if (outcome !== 'committed') return this.#settleOne(message, outcome === 'unknown', reason);
    this.#outbox.open.delete(message);
    this.#out.fact(Fact.ok, message, 1);
    this.#afterOutcome();
  }

  /** After a restart: everything without a confirmation, in order. */
  *#sendAgain(): Program {
    this.#failLost();
    const reason = this.#out.names.id('producer restart');
    for (const outgoing of [...this.#outbox.open.values()]) {
      this.#out.fact(Fact.retried, outgoing.message, this.#life, reason);
      yield* this.#send(outgoing);
    }
  }

  #failLost(): void {
    const outbox = this.#outbox;
    const { producer, producers } = this.#workload.plan;
    if (outbox.begun > outbox.written) {
      // The process died between the decision to send and its record: it never got out.
      const lost = (outbox.begun - 1) * producers + producer;
      outbox.written = outbox.begun;
      this.#out.fact(Fact.failed, lost, this.#out.names.id('crashed before send'));
    }
  }

  /** KafkaProducer.send(): may block, at most max.block.ms. */
  *#send(outgoing: Outgoing): Program {
    const { maxBlock, maxRequestSize } = this.#config;
    const bytes = this.#accumulator.sizeOf(outgoing);
    const tooLarge = bytes + BATCH_HEADER > maxRequestSize || !this.#accumulator.canHold(bytes);
    if (tooLarge) return this.#settleOne(outgoing.message, false, 'RECORD_TOO_LARGE');
    const deadline = this.#out.clock + maxBlock;
    this.#usedAt = this.#out.clock;
    while (!this.#metadata.known) {
      this.#metadata.request();
      this.#dirty = true;
      if (!(yield* this.#block(deadline))) {
        return this.#settleOne(outgoing.message, false, 'max.block.ms');
      }
    }
    const lane = this.#partitioner.laneOf(outgoing.key, bytes);
    while (!this.#accumulator.hasRoom(lane, bytes)) {
      this.#accumulator.exhausted = true;
      this.#dirty = true;
      const inTime = yield* this.#block(deadline);
      this.#accumulator.exhausted = false;
      if (!inTime) return this.#settleOne(outgoing.message, false, 'max.block.ms');
    }
    const now = this.#out.clock;
    this.#transactional?.session.touch(lane.partition);
    if (this.#accumulator.append(lane, outgoing, bytes, now)) {
      this.#sender.watch();
      this.#dirty = true;
    }
    this.#partitioner.produced(lane, outgoing.key, bytes);
  }

  readonly #brokers: Brokers = {
    leads: (lane) => this.#metadata.leaders[lane.partition] >= 0,
    takes: (lane) => this.#sender.availability.takes(this.#metadata.leaders[lane.partition]),
  };

  /** Waits until something changes; false when that took too long. */
  *#block(deadline: Micros): Program<boolean> {
    const left = deadline - this.#out.clock;
    if (left <= 0) return false;
    this.#blocked = true;
    this.#blockTimer = this.#out.timer(left, Timer.block);
    yield PARK;
    this.#blocked = false;
    this.#out.cancel(this.#blockTimer);
    return true;
  }

  #unblock(): void {
    if (this.#blocked) this.#task.resume(undefined);
  }

  // --- What became of the records ---

  acknowledged(batch: ProducerBatch): void {
    // Nothing is sure before the transaction is committed.
    if (this.#transactional !== undefined) return this.#afterOutcome();
    const { messages, attempts } = batch;
    for (let i = 0; i < messages.length; i++) {
      this.#outbox.open.delete(messages[i]);
      this.#out.fact(Fact.ok, messages[i], attempts + 1);
    }
    this.#afterOutcome();
  }

  retried({ messages, attempts }: ProducerBatch, reason: string): void {
    const id = this.#out.names.id(reason);
    for (const message of messages) this.#out.fact(Fact.retried, message, attempts, id);
    this.#dirty = true;
  }

  givenUp({ messages, ambiguous }: ProducerBatch, reason: string): void {
    if (this.#transactional !== undefined) {
      this.#transactional.session.transactions.onBatchFailed(reason);
      return this.#afterOutcome();
    }
    for (const message of messages) this.#settleOne(message, ambiguous, reason);
    this.#afterOutcome();
  }

  #settleOne(message: number, ambiguous: boolean, reason: string): void {
    this.#outbox.open.delete(message);
    // What an earlier process of this producer sent may be in the log, whatever became of this try.
    const unsure = ambiguous || this.#again.has(message);
    this.#out.fact(unsure ? Fact.unknown : Fact.failed, message, this.#out.names.id(reason));
    this.#afterOutcome();
  }

  #afterOutcome(): void {
    this.#dirty = true;
    this.#unblock();
    this.#maybeFinish();
  }

  #maybeFinish(): void {
    const outbox = this.#outbox;
    if (outbox.finished || !this.#workload.done || outbox.open.size > 0) return;
    outbox.finished = true;
    this.#out.fact(Fact.finished, this.#workload.plan.producer);
  }

  /** KafkaProducer.close(): takes no more records and waits for those that it has. */
  close(): void {
    this.#stopping = true;
    this.#accumulator.closing = true;
    this.#dirty = true;
    this.#settle();
  }

  // --- Events ---

  /** The sender's round at the end of each event in which something changed. */
  #settle(): void {
    for (let round = 0; this.#dirty && round < 100; round++) {
      this.#dirty = false;
      this.#sender.run();
      this.#transactional?.wake(this.#task);
    }
    if (this.#stopping && this.#accumulator.empty) this.#out.exit();
  }

  onMessage(from: NodeId, message: Correlated): void {
    this.#client.onMessage(from, message);
    this.#settle();
  }

  onDisconnect(peer: NodeId): void {
    this.#client.onDisconnect(peer);
    this.#settle();
  }

  onTimer(code: number, data: unknown): void {
    switch (code) {
      case Timer.task:
        Task.onTimer(data);
        break;
      case Timer.connection:
        this.#client.onTimer(data);
        break;
      case Timer.metadata:
      case Timer.transactions:
        this.#dirty = true;
        break;
      case Timer.send:
        this.#sender.onSendTimer();
        break;
      case Timer.expiry:
        this.#sender.onExpiryTimer();
        break;
      case Timer.block:
        this.#unblock();
    }
    this.#settle();
  }

  onResponse(_broker: BrokerIndex, { kind, data }: InFlight, response: ClientResponse): void {
    this.#dirty = true;
    if (this.#transactional?.session.transactions.onResponse(data, response) === true) return;
    switch (kind) {
      case Kind.produce:
        return this.#sender.onResponse(data as ProducerBatch[], response as ProduceResponse);
      case Kind.metadata:
        if (response.type === 'MetadataResponse') this.#onMetadata(response);
        return this.#unblock();
      case Kind.initProducerId:
        if (response.type !== 'InitProducerIdResponse') return;
        this.#sender.ids.given(response.producerId, response.producerEpoch);
    }
  }

  /** A topic that nobody has sent to for a while is not asked for again, and forgotten. */
  #onMetadata(response: MetadataResponse): void {
    this.#metadata.onResponse(response);
    this.#accumulator.learn(this.#layout, this.#metadata);
    const idle = this.#out.clock - this.#usedAt >= this.#config.metadataMaxIdle;
    if (idle && !this.#blocked && this.#accumulator.empty) this.#metadata.known = false;
  }

  onLost(_broker: BrokerIndex, { kind, data }: InFlight, reason: string): void {
    this.#dirty = true;
    if (this.#transactional?.session.transactions.onLost(data) === true) return;
    switch (kind) {
      case Kind.produce:
        return this.#sender.onLost(data as ProducerBatch[], reason);
      case Kind.metadata:
        return this.#metadata.onLost();
      case Kind.initProducerId:
        return this.#sender.ids.lost();
    }
  }

  onClosed(): void {
    this.#transactional?.session.transactions.onClosed();
    this.#metadata.request();
  }

  onConnection(): void {
    this.#dirty = true;
  }
}
