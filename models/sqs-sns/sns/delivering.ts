import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Message } from '../../../sim/kernel/node.ts';
import { Task, type Program } from '../../../sim/kernel/program.ts';
import { SECOND, type Micros } from '../../../sim/kernel/time.ts';
import type { EntriesReply, SendEntry } from '../protocol.ts';
import { pauseBefore, retriesOf } from './delivery-policy.ts';
import type { NotificationResponse } from './protocol.ts';
import { Timer, type Job, type Sns } from './state.ts';

/** What SNS does with one message for one subscription. */

/** Bytes of the JSON that stands around a body that is not delivered raw, roughly. */
const ENVELOPE = 700;
/** Errors that no repetition mends: "client-side errors". The others are tried again. */
const CLIENT_SIDE = new Set(['AccessDenied', 'QueueDoesNotExist', 'InvalidParameterValue']);
CLIENT_SIDE.add('MissingParameter');
/** Tries to set a message aside get numbers of their own. */
const ASIDE = 1_000_000;

/** Starts a delivery, or puts it behind those of its group when the topic keeps an order. */
export function launch(state: Sns, job: Job): void {
  const subscription = state.plan.subscriptions[job.subscription];
  if (state.plan.topics[subscription.topic].fifo === undefined) return run(state, job);
  const key = laneOf(job);
  const lane = state.lanes.get(key);
  if (lane === undefined) {
    state.lanes.set(key, [job]);
    run(state, job);
  } else lane.push(job);
}

function laneOf({ subscription, entry }: Job): string {
  return `${subscription} ${entry.group}`;
}

function run(state: Sns, job: Job): void {
  const task = new Task(state.out, Timer.task);
  task.start(deliver(state, job, task));
}

function* deliver(state: Sns, job: Job, task: Task): Program<void> {
  const { out, plan } = state;
  const { delivery, queue, about } = plan.subscriptions[job.subscription];
  for (;;) {
    yield* pace(state, job);
    job.tries++;
    const error = yield* queue < 0
      ? toEndpoint(state, job, task)
      : toQueue(state, job, queue, task);
    if (error === '') break;
    out.ignored('delivery', error);
    if (CLIENT_SIDE.has(error) || job.tries > retriesOf(delivery)) {
      yield* giveUp(state, job, error, task);
      break;
    }
    out.count(out.names.id('delivery retries'));
    const pause = pauseBefore(delivery, job.tries);
    // Jitter: up to a fifth less (model choice).
    const table = Distribution.uniform(Math.floor((pause * 4) / 5), pause + 1);
    if (pause > 0) yield out.sample(out.names.id('retry'), about, job.nr, job.tries, table);
  }
  finish(state, job);
}

/** Forgets a delivery and starts the next of its group. */
function finish(state: Sns, job: Job): void {
  state.book.jobs.delete(job.nr);
  const lane = state.lanes.get(laneOf(job));
  if (lane === undefined) return;
  lane.shift();
  if (lane.length > 0) run(state, lane[0]);
  else state.lanes.delete(laneOf(job));
}

/** `throttlePolicy.maxReceivesPerSecond`: one after the other. */
function* pace(state: Sns, { subscription }: Job): Program<void> {
  const { perSecond } = state.plan.subscriptions[subscription].delivery;
  if (perSecond === 0) return;
  const now = state.out.clock;
  const at: Micros = Math.max(now, state.paced[subscription] ?? 0);
  state.paced[subscription] = at + Math.ceil(SECOND / perSecond);
  if (at > now) yield at - now;
}

/** An HTTP endpoint behind a load balancer: its instances in turn. */
function* toEndpoint(state: Sns, job: Job, task: Task): Program<string> {
  const { out, plan } = state;
  const { nodes, about, readers } = plan.subscriptions[job.subscription];
  const { message, key, sequence, poison } = job.entry;
  const { nr, tries: attempt } = job;
  if (nodes.length === 0) return 'no endpoint';
  const node = nodes[(nr + attempt) % nodes.length];
  const carries = [message];
  const request = { type: 'Notification', message, key, sequence, poison, nr, attempt, carries };
  const reply = yield* state.toHttp.call(task, node, request as Message, about, nr, attempt);
  const status = (reply as NotificationResponse | undefined)?.status;
  if (status !== 200) return status === undefined ? 'no answer' : `status ${status}`;
  for (const reader of readers) out.fact(Fact.settled, message, reader);
  return '';
}

function* toQueue(state: Sns, job: Job, queue: number, task: Task): Program<string> {
  const { raw } = state.plan.subscriptions[job.subscription];
  return yield* sendTo(state, job, queue, raw, job.tries, task);
}

/** SendMessage to a queue; the error code, '' when it is stored. */
function* sendTo(
  state: Sns,
  job: Job,
  queue: number,
  raw: boolean,
  attempt: number,
  task: Task,
): Program<string> {
  const { out, service } = state;
  const { nr, entry, published } = job;
  const { message, key, sequence, poison, group } = entry;
  const deduplication = entry.deduplication === '' ? entry.hash : entry.deduplication;
  const sent: SendEntry = {
    message,
    key,
    sequence,
    poison,
    bytes: raw ? entry.bytes : entry.bytes + ENVELOPE,
    group,
    deduplication,
    hash: raw ? entry.hash : `${nr} ${entry.hash}`,
    delay: -1,
  };
  const { about } = service.queues[queue];
  const client = out.names.id('sns');
  // Copies of one message are told apart by their tries: of the publisher, and of SNS.
  const tries = (published - 1) * 1000 + attempt;
  const carries = [message];
  const request = {
    type: 'SendMessage',
    client,
    queue,
    nr,
    attempt,
    tries,
    entries: [sent],
    carries,
  };
  const reply = yield* state.toSqs.call(task, state.sqs, request as Message, about, nr, attempt);
  if (reply === undefined) return 'no answer';
  return (reply as EntriesReply).failed[0];
}

/** Into the dead-letter queue of the subscription; without one the message is discarded. */
function* giveUp(state: Sns, job: Job, error: string, task: Task): Program<void> {
  const { out, plan } = state;
  const { dead, stream, readers } = plan.subscriptions[job.subscription];
  const { message } = job.entry;
  if (dead >= 0) {
    for (let n = 1; n <= retriesOf(plan.subscriptions[job.subscription].delivery); n++) {
      const failed = yield* sendTo(state, job, dead, true, ASIDE + n, task);
      if (failed === '') {
        const reason = out.names.id(error);
        for (const reader of readers) out.fact(Fact.deadLettered, message, reader, reason);
        return;
      }
      if (CLIENT_SIDE.has(failed)) break;
      yield SECOND;
    }
  }
  out.count(out.names.id('discarded'));
  out.fact(Fact.dropped, message, stream, out.names.id(`SNS gave up: ${error}`));
}
