import { Fact } from '../../../sim/kernel/entry.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { type Program, Task } from '../../../sim/kernel/program.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import { Application } from '../../parts/application.ts';
import { Calls, type Reply } from '../../parts/calls.ts';
import type { ConsumerPlan } from '../../parts/system.ts';
import { ClientMetadata } from '../client/metadata.ts';
import { type InFlight, Kind, NetworkClient, type Owner } from '../client/network-client.ts';
import { type ConsumerConfig, groupInstances, readConsumer } from '../config/settings.ts';
import type { Layout } from '../layout.ts';
import { labelBase, nextLife } from '../../parts/lives.ts';
import { javaHash } from '../murmur2.ts';
import type { BrokerIndex, ClientResponse, Correlated } from '../protocol.ts';
import { AutoCommit } from './auto-commit.ts';
import { Fetcher, type Held, type Polled } from './fetcher.ts';
import { HandOuts } from './hand-outs.ts';
import { CoordinatorLink } from './coordinator-link.ts';
import type { GroupMember, Host } from './group-member.ts';
import { Membership } from './membership.ts';
import { ModernMembership } from './modern-membership.ts';
import { Ownership } from './ownership.ts';
import { findPositions } from './positions.ts';
import { Processing } from './processing.ts';
import { Thread } from './thread.ts';
import { Transform } from './transform.ts';

const Timer = {
  task: 0,
  connection: 1,
  metadata: 2,
  heartbeat: 3,
  fetchRetry: 4,
  autoCommit: 5,
  calls: 6,
  worker: 7,
  connect: 8,
  laterCommit: 9,
  send: 20,
  expiry: 21,
  transactions: 22,
} as const;

/** Where the application keeps its effects, and with them its positions. */
export interface Sinks {
  /** The sink of the handling plan, -1 for a local effect. */
  readonly effect: NodeId;
  /** Where positions are read from with `acknowledge: with-effect`, -1 otherwise. */
  readonly positions: NodeId;
}

/** One instance of a consuming application with its KafkaConsumer. */
export function consumerRole(
  layout: Layout,
  plan: ConsumerPlan,
  instance: number,
  sinks: Sinks,
): Role<Consumer, Message> {
  return {
    start: (out) => new Consumer(layout, plan, instance, sinks, out),
    onMessage: (consumer, from, message) => consumer.onMessage(from, message as Correlated),
    onTimer: (consumer, code, data) => consumer.onTimer(code, data),
    onDisconnect: (consumer, peer) => consumer.onDisconnect(peer),
    onStop: (consumer) => consumer.stop(),
  };
}

export class Consumer implements Owner, Host {
  readonly out: Out;
  readonly layout: Layout;
  readonly plan: ConsumerPlan;
  readonly config: ConsumerConfig;
  readonly sinks: Sinks;
  readonly client: NetworkClient;
  readonly metadata: ClientMetadata;
  readonly membership: GroupMember;
  readonly ownership: Ownership;
  readonly autoCommit: AutoCommit;
  readonly fetcher: Fetcher;
  readonly calls: Calls;
  readonly thread: Thread;
  readonly background: Thread;
  readonly link: CoordinatorLink;
  readonly topic: string;
  readonly name: string;
  readonly groupInstance: string;
  readonly life: number;
  /** The producer of an application that produces. */
  readonly transform: Transform | undefined;
  readonly application: Application;
  readonly #processing: Processing;
  stopping = false;
  polling = false;
  lastPoll: Micros;
  #selects: number;
  /** What the next poll() throws. */
  #failure = '';

  constructor(layout: Layout, plan: ConsumerPlan, instance: number, sinks: Sinks, out: Out) {
    const config = readConsumer(plan.config);
    const name = `${plan.name}-${instance + 1}`;
    const life = nextLife(out);
    this.out = out;
    this.layout = layout;
    this.plan = plan;
    this.config = config;
    this.sinks = sinks;
    this.topic = plan.from;
    this.name = name;
    this.groupInstance = groupInstances(plan)[instance] ?? '';
    this.life = life;
    this.lastPoll = out.clock;
    this.#selects = labelBase(life);
    const turn = javaHash(name) & 0x7fff;
    const { brokers, partitions } = layout;
    this.client = new NetworkClient(out, brokers, config, this, Timer.connection, life, turn);
    this.metadata = new ClientMetadata(
      out,
      this.client,
      config,
      partitions.length,
      Timer.metadata,
      labelBase(life),
    );
    this.thread = new Thread(out, this.client, config.setupTimeout, Timer);
    this.background = new Thread(out, this.client, config.setupTimeout, Timer);
    this.link = new CoordinatorLink(
      out,
      this.client,
      this.thread,
      plan.name,
      config.retry,
      () => this.stopping,
      labelBase(life),
    );
    this.membership = config.modern
      ? new ModernMembership(this, Timer.heartbeat)
      : new Membership(this, Timer.heartbeat);
    this.fetcher = new Fetcher(
      out,
      this.client,
      this.metadata,
      config,
      brokers.length,
      Timer.fetchRetry,
      layout.rules.consumersValidatePositions,
      (held, reason) => this.stateAssigned(held, reason),
      (why) => (this.#failure = why),
    );
    this.ownership = new Ownership(this);
    this.autoCommit = new AutoCommit(this, Timer.autoCommit, Timer.laterCommit);
    this.calls = new Calls(out, Timer.calls, plan.handling.timeout);
    this.application = new Application(
      plan.handling,
      plan.subscription,
      sinks.effect,
      this.calls,
      out,
    );
    const { output } = plan;
    this.transform = output && new Transform(this, output, instance, Timer);
    this.#processing = new Processing(this, this.application, HandOuts.of(out), Timer.worker);
    this.membership.start();
    this.thread.task.start(this.#run());
  }

  // --- The application thread ---

  *#run(): Program {
    while (!this.stopping) {
      const records = yield* this.#poll();
      if (records.length > 0) yield* this.#processing.handle(records);
    }
    yield* this.#processing.finish();
    yield* this.#close();
  }

  *#poll(): Program<Polled[]> {
    this.polling = true;
    const records = yield* this.#pollUntilRecords();
    this.polling = false;
    this.lastPoll = this.out.clock;
    return records;
  }

  *#pollUntilRecords(): Program<Polled[]> {
    while (!this.stopping) {
      this.lastPoll = this.out.clock;
      if (this.#failure !== '') this.end(this.#failure);
      if (this.membership.pending && !(yield* this.membership.takePart())) continue;
      this.autoCommit.poll();
      if (!(yield* findPositions(this))) continue;
      if (this.#processing.owing && !this.membership.pending) {
        yield* this.#processing.commitOwed();
      }
      const records = this.fetcher.take(this.config.maxPollRecords);
      // The next fetches run while the application works.
      this.fetcher.send();
      if (records.length > 0) return records;
      if (!this.fetcher.hasData) yield* this.thread.idle();
    }
    return [];
  }

  /** Number of the next question to the database about a position. */
  nextSelect(): number {
    return ++this.#selects;
  }

  stateAssigned(held: Held, reason: NameId): void {
    const { subscription } = this.plan;
    this.out.fact(Fact.assigned, subscription, held.stream, held.position, reason);
  }

  /** poll() or a commit throws, and the application does not go on. */
  end(why: string): void {
    this.out.became(`application ${this.name}`, 'running', 'ended', why);
    this.out.exit();
  }

  /** KafkaConsumer.close(): commits what was handed out, and leaves the group. */
  *#close(): Program {
    const { generation, fatal } = this.membership;
    if (this.autoCommit.on && generation >= 0 && fatal === undefined) {
      yield* this.membership.commitSync(this.ownership.positions(), this.config.requestTimeout);
    }
    this.membership.leave();
    this.out.exit();
  }

  stop(): void {
    this.stopping = true;
    if (this.thread.calling && this.fetcher.held.size === 0 && !this.#processing.busy) {
      // In the middle of a join there is nothing to finish.
      this.membership.leave();
      return this.out.exit();
    }
    this.thread.wake();
  }

  // --- Events ---

  onMessage(from: NodeId, message: Correlated): void {
    if (this.layout.brokers.includes(from)) this.client.onMessage(from, message);
    else this.calls.onReply(message as Reply);
    this.transform?.settle();
  }

  onDisconnect(peer: NodeId): void {
    this.client.onDisconnect(peer);
    this.transform?.settle();
  }

  onTimer(code: number, data: unknown): void {
    if (this.transform?.onTimer(code) !== true) this.#onTimer(code, data);
    this.transform?.settle();
  }

  #onTimer(code: number, data: unknown): void {
    switch (code) {
      case Timer.task:
      case Timer.worker:
        return Task.onTimer(data);
      case Timer.connection:
        return this.client.onTimer(data);
      case Timer.metadata:
        return this.metadata.maybeRefresh();
      case Timer.heartbeat:
        return this.membership.onHeartbeatTimer();
      case Timer.calls:
        return this.calls.onTimeout(data as number);
      case Timer.laterCommit:
        return this.autoCommit.later();
      case Timer.autoCommit:
        this.autoCommit.onTimer();
        return this.thread.wake();
      case Timer.fetchRetry:
        this.fetcher.resume(data as Held);
        return this.#wake();
      default:
        return this.#wake();
    }
  }

  onResponse(broker: BrokerIndex, request: InFlight, response: ClientResponse): void {
    const { kind, data } = request;
    if (this.thread.answered(request, response)) return;
    if (this.background.answered(request, response)) return;
    if (this.transform?.onResponse(request, response) === true) return;
    switch (response.type) {
      case 'FetchResponse':
        this.fetcher.onResponse(broker, data as never, response);
        // The next fetch goes out in the next poll().
        return this.thread.wake();
      case 'MetadataResponse':
        this.metadata.onResponse(response);
        this.membership.onMetadata();
        this.transform?.onMetadata();
        return this.#wake();
      case 'HeartbeatResponse':
      case 'ConsumerGroupHeartbeatResponse':
        return this.membership.onHeartbeat(data, response);
      case 'FindCoordinatorResponse':
        return this.link.onFound(response);
      case 'OffsetForLeaderEpochResponse':
        this.fetcher.onEpochEnd(data as never, response);
        return this.thread.wake();
      case 'OffsetCommitResponse':
        if (response.error !== 'NONE') this.autoCommit.refused(response.error);
        return (data as (() => void) | undefined)?.();
      default:
        if (kind !== Kind.leave) this.out.ignored(response.type, 'nobody waits for it');
    }
  }

  onLost(broker: BrokerIndex, request: InFlight, reason: string): void {
    const { kind, data } = request;
    if (this.thread.answered(request, undefined)) return;
    if (this.background.answered(request, undefined)) return;
    if (this.transform?.onLost(request, reason) === true) return;
    switch (kind) {
      case Kind.fetch:
        return this.fetcher.onLost(broker);
      case Kind.metadata:
        return this.metadata.onLost();
      case Kind.heartbeat:
      case Kind.groupHeartbeat:
        return this.membership.onHeartbeatLost();
      case Kind.findCoordinator:
        return this.link.onFound(undefined);
      case Kind.epochEnd:
        return this.fetcher.onEpochEnd(data as never, undefined);
      case Kind.commit:
        this.autoCommit.unanswered();
        return (data as (() => void) | undefined)?.();
    }
  }

  onClosed(): void {
    this.transform?.onClosed();
    this.metadata.request();
  }

  onConnection(): void {
    this.metadata.maybeRefresh();
    this.transform?.onConnection();
    this.#wake();
  }

  #wake(): void {
    this.background.wake();
    this.thread.wake();
  }
}
