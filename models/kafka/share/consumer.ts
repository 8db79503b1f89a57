import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { type Program, Task } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { Application, type Outcome } from '../../parts/application.ts';
import { Calls, type Reply } from '../../parts/calls.ts';
import type { ConsumerPlan } from '../../parts/system.ts';
import { ClientMetadata } from '../client/metadata.ts';
import { type InFlight, Kind, NetworkClient, type Owner } from '../client/network-client.ts';
import { type ConsumerConfig, readConsumer } from '../config/settings.ts';
import { CoordinatorLink } from '../consumer/coordinator-link.ts';
import { HandOuts } from '../consumer/hand-outs.ts';
import { Thread } from '../consumer/thread.ts';
import type { Layout } from '../layout.ts';
import { labelBase, nextLife } from '../../parts/lives.ts';
import { javaHash } from '../murmur2.ts';
import type { AcknowledgeType, BrokerIndex, ClientResponse, Correlated } from '../protocol.ts';
import { type Session, type Shared, ShareFetcher } from './fetcher.ts';
import { ShareMembership } from './membership.ts';

const Timer = {
  task: 0,
  connection: 1,
  metadata: 2,
  heartbeat: 3,
  fetchRetry: 4,
  calls: 6,
  connect: 8,
} as const;

/** One instance of an application with its KafkaShareConsumer (KIP-932). */
export function shareConsumerRole(
  layout: Layout,
  plan: ConsumerPlan,
  instance: number,
  sink: NodeId,
): Role<ShareConsumer, Message> {
  return {
    start: (out) => new ShareConsumer(layout, plan, instance, sink, out),
    onMessage: (consumer, from, message) => consumer.onMessage(from, message as Correlated),
    onTimer: (consumer, code, data) => consumer.onTimer(code, data),
    onDisconnect: (consumer, peer) => consumer.onDisconnect(peer),
    onStop: (consumer) => consumer.stop(),
  };
}

export class ShareConsumer implements Owner {
  readonly out: Out;
  readonly layout: Layout;
  readonly plan: ConsumerPlan;
  readonly config: ConsumerConfig;
  readonly name: string;
  readonly client: NetworkClient;
  readonly metadata: ClientMetadata;
  readonly thread: Thread;
  readonly link: CoordinatorLink;
  readonly membership: ShareMembership;
  readonly fetcher: ShareFetcher;
  readonly #calls: Calls;
  readonly #application: Application;
  readonly #handOuts: HandOuts;
  stopping = false;
  polling = false;
  lastPoll: Micros;

  constructor(layout: Layout, plan: ConsumerPlan, instance: number, sink: NodeId, out: Out) {
    const config = readConsumer(plan.config);
    const life = nextLife(out);
    const first = labelBase(life);
    this.out = out;
    this.layout = layout;
    this.plan = plan;
    this.config = config;
    this.name = `${plan.name}-${instance + 1}`;
    this.lastPoll = out.clock;
    const turn = javaHash(this.name) & 0x7fff;
    const { brokers, partitions } = layout;
    this.client = new NetworkClient(out, brokers, config, this, Timer.connection, life, turn);
    const count = partitions.length;
    this.metadata = new ClientMetadata(out, this.client, config, count, Timer.metadata, first);
    this.thread = new Thread(out, this.client, config.setupTimeout, Timer);
    this.link = new CoordinatorLink(
      out,
      this.client,
      this.thread,
      plan.name,
      config.retry,
      () => this.stopping,
      first,
    );
    // A member id of the client's own; another process is another member.
    this.membership = new ShareMembership(this, `${this.name}-${life}`, Timer.heartbeat);
    this.fetcher = new ShareFetcher(this, Timer.fetchRetry);
    this.#calls = new Calls(out, Timer.calls, plan.handling.timeout);
    this.#application = new Application(plan.handling, plan.subscription, sink, this.#calls, out);
    this.#handOuts = HandOuts.of(out);
    this.thread.task.start(this.#run());
  }

  *#run(): Program {
    while (!this.stopping) {
      const records = yield* this.#poll();
      yield* this.#process(records);
    }
    yield* this.fetcher.close();
    this.membership.leave();
    this.out.exit();
  }

  /** Acknowledges what the last one returned, and returns what was acquired by one fetch. */
  *#poll(): Program<Shared[]> {
    this.polling = true;
    let records: Shared[] = [];
    while (!this.stopping) {
      this.lastPoll = this.out.clock;
      this.membership.keep();
      this.fetcher.send();
      records = this.fetcher.take();
      if (records.length > 0) break;
      yield* this.thread.idle();
    }
    this.polling = false;
    this.lastPoll = this.out.clock;
    return records;
  }

  /** Implicit mode: all that a poll returned is accepted by the next one, whatever became of it. */
  *#process(records: readonly Shared[]): Program {
    const { acknowledge } = this.plan.handling;
    if (acknowledge === 'before') {
      for (const record of records) this.fetcher.acknowledge(record, 'ACCEPT');
      yield* this.fetcher.commitSync();
    }
    for (const record of records) {
      const outcome = yield* this.#application.handle(this.#delivery(record), this.thread.task);
      if (acknowledge === 'after') this.fetcher.acknowledge(record, TYPES[outcome]);
    }
    if (acknowledge === 'auto') {
      for (const record of records) this.fetcher.acknowledge(record, 'ACCEPT');
    }
  }

  #delivery({ batch, index, offset, partition, deliveryCount }: Shared) {
    const message = batch.messages[index];
    if (this.out.tracing && deliveryCount > 1) {
      this.out.tell(`${this.name}: offset ${offset} has delivery count ${deliveryCount}`);
    }
    return {
      message,
      key: batch.keys[index],
      sequence: Math.floor(message / this.layout.producers),
      poison: batch.poison?.[index] ?? false,
      stream: this.layout.partitions[partition].stream,
      position: offset,
      attempt: this.#handOuts.count(message),
      deliveries: deliveryCount,
    };
  }

  stop(): void {
    this.stopping = true;
    this.thread.wake();
  }

  // --- Events ---

  onMessage(from: NodeId, message: Correlated): void {
    if (this.layout.brokers.includes(from)) this.client.onMessage(from, message);
    else this.#calls.onReply(message as Reply);
  }

  onDisconnect(peer: NodeId): void {
    this.client.onDisconnect(peer);
  }

  onTimer(code: number, data: unknown): void {
    switch (code) {
      case Timer.task:
        return Task.onTimer(data);
      case Timer.connection:
        return this.client.onTimer(data);
      case Timer.metadata:
        return this.metadata.maybeRefresh();
      case Timer.heartbeat:
        return this.membership.onTimer();
      case Timer.calls:
        return this.#calls.onTimeout(data as number);
      case Timer.fetchRetry:
        this.fetcher.resume(data as Session);
        return this.thread.wake();
      default:
        return this.thread.wake();
    }
  }

  onResponse(broker: BrokerIndex, request: InFlight, response: ClientResponse): void {
    if (this.thread.answered(request, response)) return;
    switch (response.type) {
      case 'ShareFetchResponse':
        this.fetcher.onResponse(broker, request.data as never, response);
        break;
      case 'MetadataResponse':
        this.metadata.onResponse(response);
        break;
      case 'ShareGroupHeartbeatResponse':
        this.membership.onResponse(response);
        break;
      case 'FindCoordinatorResponse':
        this.link.onFound(response);
        this.membership.keep();
        break;
      default:
        this.out.ignored(response.type, 'nobody waits for it');
    }
    this.thread.wake();
  }

  onLost(broker: BrokerIndex, request: InFlight): void {
    if (this.thread.answered(request, undefined)) return;
    switch (request.kind) {
      case Kind.shareFetch:
        this.fetcher.onLost(broker);
        break;
      case Kind.metadata:
        this.metadata.onLost();
        break;
      case Kind.shareHeartbeat:
        this.membership.onLost();
        break;
      case Kind.findCoordinator:
        this.link.onFound(undefined);
    }
    this.thread.wake();
  }

  onClosed(): void {
    this.metadata.request();
  }

  onConnection(): void {
    this.metadata.maybeRefresh();
    this.membership.keep();
    this.thread.wake();
  }
}

/** What is said of a record that the application was done with in one way or another. */
const TYPES: Readonly<Record<Outcome, AcknowledgeType>> = {
  done: 'ACCEPT',
  failed: 'RELEASE',
  skipped: 'REJECT',
};
