import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import type { Application } from '../../parts/application.ts';
import { type ConsumerConfig, type ProducerConfig } from '../config/settings.ts';
import type { HandOuts } from '../consumer/hand-outs.ts';
import type { Polled } from '../consumer/fetcher.ts';
import type { Layout } from '../layout.ts';
import { javaHash } from '../murmur2.ts';
import type { Correlated } from '../protocol.ts';
import { Alignment } from './alignment.ts';
import type { JobPlan } from './plan.ts';
import type { Checkpoint, SourceState, StreamElements, StreamRecord } from './protocol.ts';
import { Sink } from './sink.ts';
import { type SinkHost, slotOf, slotOfCode } from './sink-producer.ts';
import { Source } from './source.ts';
import { Waiter } from './waiter.ts';

/** Records that wait at a task while its source reads on. */
const BACKLOG = 500;

/** What an attempt needs of the task's process. */
export interface Process {
  readonly out: Out;
  readonly layout: Layout;
  readonly plan: JobPlan;
  readonly task: number;
  /** All tasks of the job, itself included. */
  readonly peers: readonly NodeId[];
  readonly sourceConfig: ConsumerConfig;
  readonly sinkConfig: ProducerConfig;
  readonly application: Application;
  readonly handOuts: HandOuts;
  nextProducer(): number;
  tell(attempt: number, body: object): void;
}

/**
 * One run of a task, from its deployment until it fails or is cancelled: a source, and an operator
 * with the sink behind it. Source and operator of different tasks are connected by streams.
 */
export class Attempt implements SinkHost {
  readonly out: Out;
  readonly layout: Layout;
  readonly config: ProducerConfig;
  readonly topic: string;
  readonly origin: number;
  readonly number: number;
  cancelled = false;
  readonly #process: Process;
  readonly #checkpoint: Checkpoint | undefined;
  readonly #source: Source;
  readonly #sourceSlot: number;
  readonly #inputs: Alignment;
  readonly #sink: Sink;
  readonly #operator: Waiter;
  /** Where the source stood at each barrier that has not been acknowledged. */
  readonly #sourceStates = new Map<number, SourceState>();
  #complete = 0;
  #running = false;
  #settling = false;

  constructor(process: Process, number: number, checkpoint: Checkpoint | undefined, timer: number) {
    const { out, layout, plan, task } = process;
    this.#process = process;
    this.out = out;
    this.layout = layout;
    this.config = process.sinkConfig;
    this.topic = plan.output.to;
    this.origin = plan.consumer.subscription;
    this.number = number;
    this.#checkpoint = checkpoint;
    this.#inputs = new Alignment(process.peers.length);
    const sink = {
      prefix: plan.prefix,
      task,
      ignoresExpired: plan.checkpoints.expired === 'ignore',
    };
    this.#sink = new Sink(this, sink, () => process.nextProducer());
    const source = process.nextProducer();
    this.#sourceSlot = slotOf(source);
    this.#source = new Source(
      out,
      layout,
      process.sourceConfig,
      source,
      javaHash(`${plan.consumer.name}-${task}`) & 0x7fff,
      () => this.#pump(),
      (why) => this.#fail(why),
    );
    this.#operator = new Waiter(out, timer);
    this.#operator.task.start(this.#operate());
    this.#settle();
  }

  /** Waits until anything has changed. */
  wait(): Program {
    return this.#operator.wait();
  }

  #fail(why: string): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.#process.tell(this.number, { type: 'TaskFailed', why });
  }

  // --- The operator ---

  *#operate(): Program {
    const error = yield* this.#sink.restore(this.#checkpoint);
    if (error !== '') return this.#fail(error);
    if (this.cancelled) return;
    this.#running = true;
    this.#process.tell(this.number, { type: 'TaskRunning' });
    this.#readFrom();
    while (!this.cancelled) {
      const failed = yield* this.#step();
      if (failed !== '') this.#fail(failed);
    }
  }

  *#step(): Program<string> {
    if (this.#complete > 0) {
      const checkpoint = this.#complete;
      this.#complete = 0;
      return yield* this.#sink.commit(checkpoint);
    }
    const element = this.#inputs.next();
    if (element === undefined) {
      this.#pump();
      // Nothing came, or all that came is held back by a barrier.
      if (!this.#inputs.ready && this.#complete === 0) yield* this.wait();
      return '';
    }
    if (element.is === 'barrier') return yield* this.#atBarrier(element.checkpoint);
    return yield* this.#handle(element.record);
  }

  *#handle(record: StreamRecord): Program<string> {
    const { application, handOuts, layout } = this.#process;
    const { message, key, poison, stream, offset: position, bytes } = record;
    const sequence = Math.floor(message / layout.producers);
    const attempt = handOuts.count(message);
    const delivery = { message, key, sequence, poison, stream, position, attempt };
    const outcome = yield* application.handle(delivery, this.#operator.task);
    if (this.cancelled) return '';
    if (outcome === 'failed') return 'an exception in the operator';
    if (outcome === 'skipped') return '';
    return yield* this.#sink.write({ message, sequence, key, bytes, poison });
  }

  /** Everything before the barrier is processed: pre-commit, and say so. */
  *#atBarrier(checkpoint: number): Program<string> {
    const failed = yield* this.#sink.preCommit(checkpoint);
    if (failed !== '' || this.cancelled) return failed;
    const source = this.#sourceStates.get(checkpoint) ?? [];
    for (const id of [...this.#sourceStates.keys()]) {
      if (id <= checkpoint) this.#sourceStates.delete(id);
    }
    const state = { source, prepared: this.#sink.state() };
    this.#process.tell(this.number, { type: 'AcknowledgeCheckpoint', checkpoint, state });
    return '';
  }

  // --- The source ---

  #readFrom(): void {
    const { plan, task, peers } = this.#process;
    const { partitions = [] } = this.layout.topics.get(plan.consumer.from) ?? {};
    const own = partitions.filter((_, i) => i % peers.length === task);
    const state = this.#checkpoint?.tasks[task]?.source ?? [];
    const reason = this.#checkpoint === undefined ? 'job begins' : `restored from checkpoint`;
    this.#source.assign(this.out, this.layout, this.origin, own, state, reason);
    this.#pump();
  }

  /** Reads on, unless enough is waiting. */
  #pump(): void {
    if (!this.#running || this.cancelled || this.#inputs.backlog >= BACKLOG) return;
    const records = this.#source.take();
    if (records.length > 0) this.#emit(records);
    this.#operator.wake();
  }

  #emit(records: readonly Polled[]): void {
    const { peers } = this.#process;
    const byTask: StreamRecord[][] = peers.map(() => []);
    for (const { held, offset, batch, index } of records) {
      const key = batch.keys[index];
      const target = key >= 0 ? key % peers.length : this.#process.task;
      byTask[target].push({
        message: batch.messages[index],
        key,
        bytes: Math.floor(batch.bytes / batch.messages.length),
        poison: batch.poison?.[index] ?? false,
        stream: held.stream,
        offset,
      });
    }
    byTask.forEach((list, target) => {
      if (list.length > 0) this.#deliver(target, list, -1);
    });
  }

  #deliver(target: number, records: readonly StreamRecord[], barrier: number): void {
    const { task } = this.#process;
    if (target === task) this.#arrive(task, records, barrier);
    else {
      const attempt = this.number;
      this.#process.tell(-1 - target, {
        type: 'StreamElements',
        attempt,
        from: task,
        records,
        barrier,
        carries: records.map((record) => record.message),
      });
    }
  }

  #arrive(from: number, records: readonly StreamRecord[], barrier: number): void {
    for (const record of records) this.#inputs.push(from, { is: 'record', record });
    if (barrier >= 0) this.#inputs.push(from, { is: 'barrier', checkpoint: barrier });
  }

  // --- Events ---

  /** The job manager injects a barrier at the source. */
  trigger(checkpoint: number): void {
    if (!this.#running) return;
    this.#sourceStates.set(checkpoint, this.#source.state());
    for (let target = 0; target < this.#process.peers.length; target++) {
      this.#deliver(target, [], checkpoint);
    }
    this.#settle();
  }

  onElements({ from, records, barrier }: StreamElements): void {
    this.#arrive(from, records, barrier);
    this.#settle();
  }

  onComplete(checkpoint: number): void {
    this.#complete = Math.max(this.#complete, checkpoint);
    this.#settle();
  }

  onMessage(from: NodeId, message: Correlated): void {
    let known = this.#source.onMessage(from, message);
    for (const producer of [...this.#sink.producers.values()]) {
      if (!known) known = producer.onMessage(from, message);
    }
    if (!known) this.out.ignored(message.type, 'its client was closed');
    this.#settle();
  }

  onDisconnect(peer: NodeId): void {
    this.#source.onDisconnect(peer);
    for (const producer of [...this.#sink.producers.values()]) producer.onDisconnect(peer);
    this.#settle();
  }

  onTimer(code: number, data: unknown): void {
    if (slotOfCode(code) === this.#sourceSlot) this.#source.onTimer(code, data);
    else this.#sink.ofTimer(code)?.onTimer(code, data);
    this.#settle();
  }

  /** At the end of each event: senders first, then whoever waits for what they did. */
  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    for (let round = 0; round < 100; round++) {
      let ran = false;
      for (const producer of this.#sink.producers.values()) {
        if (!producer.dirty) continue;
        producer.run();
        ran = true;
      }
      if (round > 0 && !ran) break;
      this.#operator.wake();
    }
    this.#settling = false;
  }

  cancel(): void {
    this.cancelled = true;
    this.#operator.wake();
  }

  /** After a step of the operator's program that a timer began. */
  afterTimer(): void {
    this.#settle();
  }
}
