import { assert } from '../../sim/kernel/assert.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { MessageId, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { PARK, Task, type Program } from '../../sim/kernel/program.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import { Workload, type Outgoing, type WorkloadPlan } from '../parts/workload.ts';
import { deduplicationOf, groupOf, hashOf, valuesAt, type Contents } from './contents.ts';
import type { Publish, PublishEntry } from './sns/protocol.ts';
import { HttpClient, type SdkPlan } from './http-client.ts';
import type { EntriesReply, QueueIndex, SendEntry, SendMessage } from './protocol.ts';

/** One `producers:` entry. */
export interface SenderPlan {
  readonly name: NameId;
  /** To a topic instead of a queue. */
  readonly publishes: boolean;
  /** Place of the queue or topic. */
  readonly queue: QueueIndex;
  /** Names of the queues, or of the topics. */
  readonly abouts: readonly NameId[];
  readonly workload: WorkloadPlan;
  readonly sdk: SdkPlan;
  readonly maxSockets: number;
  readonly maxBatchSize: number;
  /** The message's own DelaySeconds, -1 for the queue's. */
  readonly delay: Micros;
  readonly contents: Contents;
}

/** What the application keeps on its disk: how far it is, and what it has not heard of yet. */
interface Ledger {
  sent: number;
  finished: boolean;
  readonly open: Set<MessageId>;
}

interface Sender {
  readonly plan: SenderPlan;
  readonly out: Out;
  readonly client: HttpClient;
  readonly workload: Workload;
  readonly ledger: Ledger;
  readonly main: Task;
  /** Requests that wait for their answer. */
  busy: number;
}

const Timer = { task: 0, timeout: 1 } as const;

/** An application that sends messages through an AWS SDK, several requests at a time. */
export function producer(plan: SenderPlan, endpoint: NodeId): Role<Sender> {
  return {
    start(out) {
      const ledger = recall(out);
      const state: Sender = {
        plan,
        out,
        client: new HttpClient(out, endpoint, plan.name, plan.abouts, plan.sdk, Timer.timeout),
        workload: new Workload(plan.workload, out, ledger.sent),
        ledger,
        main: new Task(out, Timer.task),
        busy: 0,
      };
      state.main.start(produce(state));
      return state;
    },

    onMessage(state, _from, reply) {
      state.client.calls.onReply(reply as EntriesReply);
    },

    onTimer(state, code, data) {
      if (code === Timer.task) Task.onTimer(data);
      else state.client.calls.onTimeout(data as number);
    },
  };
}

/** A restarted process goes on after the last message; of the open ones it knows nothing. */
function recall(out: Out): Ledger {
  const ledger = out.disk.read<Ledger>('ledger') ?? { sent: 0, finished: false, open: new Set() };
  out.disk.write('ledger', ledger);
  out.disk.harden('ledger', Infinity);
  const reason = out.names.id('the producer crashed');
  for (const message of ledger.open) {
    ledger.open.delete(message);
    out.fact(Fact.unknown, message, reason);
  }
  return ledger;
}

function* produce(state: Sender): Program<void> {
  const { workload, ledger, plan, out } = state;
  while (!workload.done) {
    yield workload.wait();
    while (state.busy >= plan.maxSockets) yield PARK;
    const batch = [next(state)];
    // Messages of one burst are due at one moment: a batching client sends them as one request.
    while (batch.length < plan.maxBatchSize && isDueNow(workload)) batch.push(next(state));
    const task = new Task(out, Timer.task);
    state.busy++;
    task.start(send(state, batch, task));
  }
  if (ledger.finished) return;
  ledger.finished = true;
  out.fact(Fact.finished, plan.workload.producer);
}

function isDueNow({ done, sent, plan }: Workload): boolean {
  return !done && sent % plan.burst !== 0;
}

function next({ workload, ledger }: Sender): Outgoing {
  const { producer, producers } = workload.plan;
  ledger.open.add(workload.sent * producers + producer);
  ledger.sent = workload.sent + 1;
  return workload.next();
}

function entryOf({ contents, delay, workload }: SenderPlan, m: Outgoing): SendEntry {
  const { message, key, sequence, poison, bytes } = m;
  const group = groupOf(contents, m, workload.name);
  const deduplication = deduplicationOf(contents, m, workload.name);
  const hash = hashOf(contents, m);
  return { message, key, sequence, poison, bytes, group, deduplication, hash, delay };
}

function published(plan: SenderPlan, m: Outgoing): PublishEntry {
  const { attributes, body } = plan.contents;
  return {
    ...entryOf(plan, m),
    attributes: valuesAt(attributes, m.sequence),
    body: body === undefined ? undefined : valuesAt(body, m.sequence),
  };
}

function* send(state: Sender, batch: readonly Outgoing[], task: Task): Program<void> {
  const { out, plan } = state;
  const entries = batch.map((m) => (plan.publishes ? published(plan, m) : entryOf(plan, m)));
  const onRetry = (attempt: number, reason: string): void => {
    const why = out.names.id(reason);
    for (const { message } of batch) out.fact(Fact.retried, message, attempt, why);
  };
  const single = plan.publishes ? 'Publish' : 'SendMessage';
  const type = batch.length === 1 ? single : (`${single}Batch` as const);
  const bytes = batch.reduce((sum, m) => sum + m.bytes, 0);
  const carries = batch.map((m) => m.message);
  const request = { type, queue: plan.queue, entries, bytes, carries } as const;
  const called = yield* state.client.call<SendMessage | Publish>(
    task,
    request,
    batch[0].sequence,
    0,
    onRetry,
  );
  const reply = called.reply as EntriesReply | undefined;
  batch.forEach(({ message }, i) => {
    const code = reply === undefined ? 'RequestTimeout' : (reply.failed[i] ?? '');
    conclude(state, message, code, called.attempts, called.certain);
  });
  state.busy--;
  assert(state.busy >= 0, 'every request is answered or given up once');
  if (state.main.parked) state.main.resume(undefined);
}

/** Answers that say that nothing has happened. */
const REFUSED = new Set(['InvalidParameterValue', 'MissingParameter', 'InvalidParameter']);

/** A refusal is certain; a server error or silence is not: the message may be stored. */
function conclude(
  { out, ledger }: Sender,
  message: MessageId,
  code: string,
  attempts: number,
  certain: boolean,
): void {
  ledger.open.delete(message);
  if (code === '') out.fact(Fact.ok, message, attempts);
  else if (certain && REFUSED.has(code)) {
    out.fact(Fact.failed, message, out.names.id(code));
  } else out.fact(Fact.unknown, message, out.names.id(code));
}
