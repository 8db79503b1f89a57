import { Fact } from '../../../sim/kernel/entry.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Task } from '../../../sim/kernel/program.ts';
import { Calls, type Reply } from '../../parts/calls.ts';
import { Deduplication } from '../fifo/deduplication.ts';
import { responseTo } from '../protocol.ts';
import type { ServicePlan } from '../service.ts';
import { launch } from './delivering.ts';
import { matches } from './filter-policy.ts';
import { HTTP_TIMEOUT, SQS_TIMEOUT, type SnsPlan } from './plan.ts';
import type { Publish, PublishEntry, SetSubscriptionAttributes } from './protocol.ts';
import { Timer, type Job, type Sns, type SnsBook } from './state.ts';

const MAXIMUM_SIZE = 262_144;

/** The endpoint of SNS: takes what is published, keeps it, and delivers it to each subscription. */
export function snsEndpoint(plan: SnsPlan, service: ServicePlan, sqs: NodeId): Role<Sns> {
  return {
    start: (out) => start(plan, service, sqs, out),

    onMessage(state, from, message) {
      if (from === sqs) return state.toSqs.onReply(message as Reply);
      switch (message.type) {
        case 'Publish':
        case 'PublishBatch':
          // It is kept before anybody hears that it is.
          return state.out.sync('book', Timer.synced, { from, request: message });
        case 'SetSubscriptionAttributes':
          return setFilter(state, from, message as SetSubscriptionAttributes);
        default:
          return state.toHttp.onReply(message as Reply);
      }
    },

    onTimer(state, code, data) {
      if (code === Timer.task) return Task.onTimer(data);
      if (code === Timer.sqs) return state.toSqs.onTimeout(data as number);
      if (code === Timer.http) return state.toHttp.onTimeout(data as number);
      const { from, request } = data as { from: NodeId; request: Publish };
      onPublish(state, from, request);
    },
  };
}

function start(plan: SnsPlan, service: ServicePlan, sqs: NodeId, out: Out): Sns {
  const always = Array.from({ length: plan.filterHosts }, () => 0);
  const book: SnsBook = out.disk.read<SnsBook>('book') ?? {
    jobs: new Map(),
    counts: { jobs: 0 },
    deduplication: plan.topics.map(() => new Deduplication()),
    filters: plan.subscriptions.map(({ filter }) => [{ filter, from: always }]),
  };
  out.disk.write('book', book);
  out.disk.harden('book', Infinity);
  const state: Sns = {
    plan,
    service,
    out,
    book,
    sqs,
    toSqs: new Calls(out, Timer.sqs, SQS_TIMEOUT),
    toHttp: new Calls(out, Timer.http, HTTP_TIMEOUT),
    lanes: new Map(),
    paced: [],
  };
  for (const job of book.jobs.values()) launch(state, job);
  return state;
}

function onPublish(state: Sns, from: NodeId, request: Publish): void {
  const { correlation, queue, nr, attempt, entries, tries } = request;
  const failed = entries.map((entry) => publish(state, queue, entry, tries));
  const error = failed.every((code) => code !== '') ? failed[0] : undefined;
  const type = responseTo(request.type);
  const reply = { type, correlation, failed, error, carries: request.carries } as Message;
  state.out.send(from, reply, state.plan.topics[queue].about, nr, attempt);
}

/** The error code, '' when it is taken in. */
function publish(state: Sns, topic: number, entry: PublishEntry, published: number): string {
  const { plan, out, book } = state;
  const { fifo, subscriptions } = plan.topics[topic];
  if (entry.bytes > MAXIMUM_SIZE) return 'InvalidParameter';
  if (fifo !== undefined) {
    if (entry.group === '' || (entry.deduplication === '' && !fifo.byContent)) {
      return 'InvalidParameter';
    }
    const id = entry.deduplication === '' ? entry.hash : entry.deduplication;
    const scoped = fifo.perGroup ? `${entry.group}\n${id}` : id;
    const ids = book.deduplication[topic];
    if (ids.find(scoped, out.clock) !== undefined) {
      out.count(out.names.id('deduplicated'));
      return '';
    }
    ids.accept(scoped, entry.message, out.clock);
  }
  for (const index of subscriptions) {
    if (!passes(state, index, entry)) {
      out.count(out.names.id('filtered out'));
      continue;
    }
    const { stream, queue } = plan.subscriptions[index];
    const nr = book.counts.jobs++;
    const job: Job = { nr, subscription: index, entry, published, tries: 0 };
    book.jobs.set(nr, job);
    out.fact(Fact.routed, entry.message, stream);
    if (queue < 0) out.fact(Fact.stored, entry.message, stream, nr);
    launch(state, job);
  }
  return '';
}

/** One of several hosts applies the filter; each knows the policy that it has heard of last. */
function passes({ book, plan, out }: Sns, index: number, entry: PublishEntry): boolean {
  const host = entry.message % plan.filterHosts;
  const versions = book.filters[index];
  const known = versions.findLast(({ from }) => from[host] <= out.clock) ?? versions[0];
  if (known !== versions.at(-1)) out.count(out.names.id('filtered by an old policy'));
  const { policy, scope } = known.filter;
  if (policy === undefined) return true;
  return matches(policy, scope === 'MessageBody' ? entry.body : entry.attributes);
}

/** Takes up to 15 minutes to reach all hosts. */
function setFilter(state: Sns, from: NodeId, request: SetSubscriptionAttributes): void {
  const { out, plan, book } = state;
  const { correlation, subscription, policy, nr, attempt } = request;
  const { scope } = plan.subscriptions[subscription].filter;
  const { about } = plan.subscriptions[subscription];
  const delay = Distribution.uniform(0, Math.max(1, plan.filterDelay));
  const hosts = Array.from({ length: plan.filterHosts }, (_, host) => {
    const version = nr * 1000 + host;
    return out.clock + out.sample(out.names.id('filter policy'), about, version, attempt, delay);
  });
  book.filters[subscription].push({ filter: { policy, scope }, from: hosts });
  const reply = { type: responseTo(request.type), correlation } as Message;
  out.send(from, reply, out.names.id('operator'), nr, attempt);
}
