import { Fact } from '../../../sim/kernel/entry.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import { type Program, Task } from '../../../sim/kernel/program.ts';
import {
  type Application,
  type CommitPlan,
  type Delivery,
  EVERY_POLL,
  type Outcome,
} from '../../parts/application.ts';
import type { Committed } from '../protocol.ts';
import type { Consumer } from './consumer.ts';
import type { Held, Polled } from './fetcher.ts';
import type { HandOuts } from './hand-outs.ts';

/** A record on its way through the workers, with what became of it. */
interface Job {
  readonly record: Polled;
  /** Somebody waits for the whole poll; otherwise the poll loop has gone on (auto-commit). */
  readonly awaited: boolean;
  failed: boolean;
}

/**
 * What the application does with the records of one poll, and when it commits: the order of these
 * two is the whole difference between at-most-once and at-least-once.
 *
 * A record whose handling failed is sought back to, as by an error handler with seek: it and
 * everything after it comes again. With more than one worker and automatic commits the poll loop
 * goes on without waiting (T30); otherwise it waits for all workers before it commits.
 */
export class Processing {
  readonly #consumer: Consumer;
  readonly #application: Application;
  readonly #handOuts: HandOuts;
  readonly #workers: Task[] = [];
  readonly #queue: Job[] = [];
  readonly #commits: CommitPlan;
  /** Where to go on in each partition once what was done is committed. */
  readonly #done = new Map<Held, number>();
  /** The same of a commitSync() that failed. */
  readonly #owed = new Map<Held, number>();
  #polls = 0;
  /** Jobs that the poll loop waits for, and workers at work. */
  #awaited = 0;
  #busy = 0;
  readonly #words: { seek: NameId; worker: NameId; commitFailed: NameId };

  constructor(
    consumer: Consumer,
    application: Application,
    handOuts: HandOuts,
    workerTimer: number,
  ) {
    const { out } = consumer;
    this.#consumer = consumer;
    this.#application = application;
    this.#handOuts = handOuts;
    this.#commits = application.plan.commit ?? EVERY_POLL;
    const { workers } = application.plan;
    for (let i = 0; workers > 1 && i < workers; i++) {
      this.#workers.push(new Task(out, workerTimer));
    }
    this.#words = {
      seek: out.names.id('processing failed'),
      worker: out.names.id('given to the workers again'),
      commitFailed: out.names.id('commits.failed'),
    };
  }

  *handle(records: readonly Polled[]): Program {
    const { transform } = this.#consumer;
    if (transform !== undefined) return yield* transform.handle(records, this);
    switch (this.#application.plan.acknowledge) {
      case 'auto':
      case 'with-effect':
        yield* this.#process(records);
        return;
      case 'before': {
        this.#note(records, records.length);
        if (!(yield* this.#commitDone())) this.rewind(records, 0);
        else yield* this.#process(records);
        return;
      }
      case 'after': {
        const done = yield* this.#process(records);
        this.#note(records, done);
        if (++this.#polls % this.#commits.every === 0) yield* this.commitOwed();
      }
    }
  }

  /** A commit failed, and no newer one has taken its place: what it said is still true. */
  get owing(): boolean {
    return this.#owed.size > 0;
  }

  /** The loop comes by again, with or without new records, and with it its commitSync(). */
  *commitOwed(): Program {
    for (const [held, offset] of this.#owed) {
      if (!this.#done.has(held)) this.#done.set(held, offset);
    }
    this.#owed.clear();
    const tried = this.#commits.sync ? [...this.#done] : [];
    if (yield* this.#commitDone()) return;
    for (const [held, offset] of tried) this.#owed.set(held, offset);
  }

  /** Processes records; how many from the start on were done before the first that was not. */
  *#process(records: readonly Polled[]): Program<number> {
    if (this.#workers.length > 0) return yield* this.#spread(records);
    for (let i = 0; i < records.length; i++) {
      const outcome = yield* this.one(records[i], this.#consumer.thread.task);
      if (outcome !== 'failed') continue;
      this.rewind(records, i);
      return i;
    }
    return records.length;
  }

  /** Hands one record to the application. */
  *one(record: Polled, task: Task): Program<Outcome> {
    const { out, plan } = this.#consumer;
    const outcome = yield* this.#application.handle(this.#delivery(record), task);
    if (outcome === 'done' && plan.handling.acknowledge === 'with-effect') {
      // The database holds the position now: nothing below it is read again.
      out.fact(Fact.settledTo, plan.subscription, record.held.stream, record.offset + 1);
    }
    return outcome;
  }

  #delivery({ held, offset, batch, index }: Polled): Delivery {
    const message = batch.messages[index];
    const { config, layout, out } = this.#consumer;
    const { producers } = layout;
    layout.audit.uncommitted.reads(held.partition, offset, batch, out.now);
    if (config.committedOnly) layout.audit.aborted.reads(held.partition, offset, batch, out.now);
    return {
      message,
      key: batch.keys[index],
      sequence: Math.floor(message / producers),
      poison: batch.poison?.[index] ?? false,
      stream: held.stream,
      position: offset,
      attempt: this.#handOuts.count(message),
    };
  }

  /** The first `count` records are done with: their offsets are committed next time. */
  #note(records: readonly Polled[], count: number): void {
    for (let i = 0; i < count; i++) this.#done.set(records[i].held, records[i].offset + 1);
  }

  /** Commits the offsets after the first `count` records. */
  *commit(records: readonly Polled[], count: number): Program {
    this.#note(records, count);
    yield* this.#commitDone();
  }

  /** Commits what is done of partitions that are still ours. */
  *#commitDone(): Program<boolean> {
    const { fetcher, membership, config, out } = this.#consumer;
    const offsets: Committed[] = [];
    for (const [held, offset] of this.#done) {
      const { partition } = held;
      if (fetcher.held.get(partition) === held) offsets.push({ partition, offset });
    }
    this.#done.clear();
    if (offsets.length === 0) return true;
    const committed = this.#commits.sync
      ? yield* membership.commitSync(offsets, config.apiTimeout)
      : membership.commitAsync(offsets);
    if (!committed) out.count(this.#words.commitFailed);
    return committed;
  }

  /** Seeks every partition back to its first record that was not processed. */
  rewind(records: readonly Polled[], from: number): void {
    const { fetcher, out, plan } = this.#consumer;
    const failed = records[from];
    const message = failed.batch.messages[failed.index];
    out.fact(Fact.returned, message, plan.subscription, this.#words.seek);
    const seen = new Set<Held>();
    for (let i = from; i < records.length; i++) {
      const { held, offset } = records[i];
      if (seen.has(held)) continue;
      seen.add(held);
      // A partition that was lost meanwhile is not ours to move.
      if (fetcher.held.get(held.partition) === held) fetcher.seek(held, offset);
    }
  }

  // --- Workers ---

  *#spread(records: readonly Polled[]): Program<number> {
    const awaited = this.#application.plan.acknowledge !== 'auto';
    const jobs = records.map((record): Job => ({ record, awaited, failed: false }));
    if (awaited) this.#awaited += jobs.length;
    this.#queue.push(...jobs);
    this.#dispatch();
    if (!awaited) return records.length;
    if (this.#awaited > 0) yield* this.#consumer.thread.waitForWorkers();
    const failed = jobs.findIndex((job) => job.failed);
    if (failed < 0) return records.length;
    this.rewind(records, failed);
    return failed;
  }

  #dispatch(): void {
    for (const worker of this.#workers) {
      if (this.#queue.length === 0) return;
      if (worker.running) continue;
      this.#busy++;
      worker.start(this.#work(worker));
    }
  }

  *#work(worker: Task): Program {
    for (;;) {
      const job = this.#queue.shift();
      if (job === undefined) break;
      const outcome = yield* this.one(job.record, worker);
      if (outcome === 'failed') this.#onFailed(job);
      if (job.awaited && --this.#awaited === 0) this.#consumer.thread.workersDone();
    }
    if (--this.#busy === 0) this.#consumer.thread.workersDone();
  }

  #onFailed(job: Job): void {
    job.failed = true;
    if (job.awaited) return;
    // Its offset may be committed already: the application can only keep it in memory.
    const { out, plan } = this.#consumer;
    const message = job.record.batch.messages[job.record.index];
    out.fact(Fact.returned, message, plan.subscription, this.#words.worker);
    this.#queue.push({ record: job.record, awaited: false, failed: false });
  }

  /** Before the application ends: what the workers have is finished. */
  *finish(): Program {
    while (this.busy) yield* this.#consumer.thread.waitForWorkers();
    if (this.#commits.every > 1) yield* this.#commitDone();
  }

  get busy(): boolean {
    return this.#queue.length > 0 || this.#busy > 0;
  }
}
