import { assert } from '../../sim/kernel/assert.ts';
import { NO_HANDLE, type Handle } from '../../sim/kernel/event-queue.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Message, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import { completed } from './admin/reassignment.ts';
import { ledBy, rule } from './admin/requests.ts';
import { elect, judge, type Terms, withIsr, withoutBroker } from './election.ts';
import { type BrokerState, type Image, isActive, type PartitionState } from './image.ts';
import { firstImage, type Layout } from './layout.ts';
import {
  type AdminRequest,
  type AlterPartitionRequest,
  type BrokerHeartbeatRequest,
  type BrokerIndex,
  type BrokerRegistrationRequest,
  type ControllerRequest,
  type ErrorName,
  type FetchRequest,
  FetchResponse,
  type PartitionIndex,
} from './protocol.ts';

/**
 * The KRaft controller as one logical node: its metadata log is replicated and durable, so a crash
 * loses nothing of it; while it is down ISR changes, elections and fencing wait.
 * Source: `ReplicationControlManager`, `BrokerHeartbeatManager`, Kafka 3.9.
 */

const Timer = { session: 0, metadataWait: 1, rebalance: 2 } as const;

/** Ids in one block (`ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`). */
const PRODUCER_ID_BLOCK = 1000;

/** A broker that waits for metadata newer than it has. */
interface Waiting {
  readonly from: NodeId;
  readonly request: FetchRequest;
  readonly timer: Handle;
}

interface Controller {
  readonly out: Out;
  readonly layout: Layout;
  image: Image;
  /** Last heartbeat of each broker, -Infinity: none since its registration. */
  readonly heard: Micros[];
  /** Version at which each broker registered: it is unfenced once it knows that. */
  readonly registered: number[];
  readonly waiting: (Waiting | undefined)[];
  readonly words: { metadata: NameId; correlation: NameId; elections: NameId; unclean: NameId };
}

export function controllerRole(layout: Layout): Role<Controller, Message> {
  return {
    start: (out) => start(layout, out),
    onMessage: (controller, from, message) =>
      onMessage(controller, from, message as ControllerRequest),
    onTimer,
  };
}

function start(layout: Layout, out: Out): Controller {
  const brokers = layout.brokers.length;
  const image = out.disk.read<Image>('metadata') ?? firstImage(layout, brokers);
  const { names } = out;
  const controller: Controller = {
    out,
    layout,
    image,
    heard: new Array<Micros>(brokers).fill(out.clock),
    registered: new Array<number>(brokers).fill(image.version),
    waiting: [],
    words: {
      metadata: names.id('__cluster_metadata'),
      correlation: names.id('correlation'),
      elections: names.id('elections'),
      unclean: names.id('elections.unclean'),
    },
  };
  for (let broker = 0; broker < brokers; broker++) {
    out.timer(layout.broker.sessionTimeout, Timer.session, broker);
  }
  const { rebalanceEvery } = layout.broker;
  if (rebalanceEvery > 0) out.timer(rebalanceEvery, Timer.rebalance);
  return controller;
}

function onMessage(controller: Controller, from: NodeId, request: ControllerRequest): void {
  switch (request.type) {
    case 'CreatePartitionsRequest':
    case 'ElectLeadersRequest':
    case 'IncrementalAlterConfigsRequest':
    case 'AlterPartitionReassignmentsRequest':
      return onAdmin(controller, from, request);
    case 'BrokerRegistrationRequest':
      return onRegistration(controller, from, request);
    case 'BrokerHeartbeatRequest':
      return onHeartbeat(controller, from, request);
    case 'AlterPartitionRequest':
      return onAlterPartition(controller, from, request);
    case 'FetchRequest':
      return onMetadataFetch(controller, from, request);
    case 'AllocateProducerIdsRequest': {
      const first = controller.image.nextProducerId;
      change(controller, { nextProducerId: first + PRODUCER_ID_BLOCK });
      const type = 'AllocateProducerIdsResponse';
      return reply(controller, from, request, { type, first, count: PRODUCER_ID_BLOCK });
    }
  }
}

/** An operator wants something: committed like every other change, or refused. */
function onAdmin(controller: Controller, from: NodeId, request: AdminRequest): void {
  const { image, layout } = controller;
  const { error, partitions, configs } = rule(layout, image, request, (after, i) =>
    termsOf(controller, after, i),
  );
  if (error !== 'NONE') controller.out.ignored(request.type, error);
  if (partitions !== undefined) {
    publish(controller, partitions, image.brokers, request.type, configs ?? image.configs);
  }
  const type = request.type.replace('Request', 'Response');
  reply(controller, from, request, { type, error });
}

function reply(controller: Controller, to: NodeId, request: ControllerRequest, body: object): void {
  const { correlation } = request;
  const message = { ...body, correlation } as unknown as Message;
  controller.out.send(to, message, controller.words.correlation, correlation);
}

/** Commits a change: it is durable before anybody hears of it. */
function change(controller: Controller, by: Partial<Image>): void {
  const { out } = controller;
  controller.image = { ...controller.image, ...by, version: controller.image.version + 1 };
  out.disk.write('metadata', controller.image);
  out.disk.harden('metadata', 0);
  for (let broker = 0; broker < controller.waiting.length; broker++) answer(controller, broker);
}

// --- Metadata ---

function onMetadataFetch(controller: Controller, from: NodeId, request: FetchRequest): void {
  const { out } = controller;
  const broker = request.replica;
  // A second fetch of one broker means that it gave up the first.
  out.cancel(controller.waiting[broker]?.timer ?? NO_HANDLE);
  const timer = out.timer(request.maxWait, Timer.metadataWait, broker);
  controller.waiting[broker] = { from, request, timer };
  if ((request.known ?? 0) < controller.image.version) answer(controller, broker);
}

function answer(controller: Controller, broker: BrokerIndex): void {
  const waiting = controller.waiting[broker];
  if (waiting === undefined) return;
  const { out, image, words } = controller;
  controller.waiting[broker] = undefined;
  out.cancel(waiting.timer);
  const { correlation } = waiting.request;
  const response = new FetchResponse(correlation, [], 0, image);
  out.send(waiting.from, response, words.metadata, correlation);
}

// --- Brokers ---

function withBroker(image: Image, broker: BrokerIndex, by: Partial<BrokerState>): BrokerState[] {
  return image.brokers.map((state, i) => (i === broker ? { ...state, ...by } : state));
}

function onRegistration(
  controller: Controller,
  from: NodeId,
  request: BrokerRegistrationRequest,
): void {
  const { out, layout } = controller;
  const { broker, incarnation } = request;
  const known = controller.image.brokers[broker];
  const type = 'BrokerRegistrationResponse';
  if (known.incarnation !== incarnation) {
    const silent = out.clock - controller.heard[broker];
    if (!known.fenced && silent < layout.broker.sessionTimeout) {
      const error: ErrorName = 'DUPLICATE_BROKER_REGISTRATION';
      out.ignored(request.type, error);
      return reply(controller, from, request, { type, error, brokerEpoch: -1 });
    }
    // It comes before the check that would have found its session over: what it led is over too.
    if (!known.fenced) retire(controller, broker, { fenced: true }, 'broker.session.timeout.ms');
    const { image } = controller;
    const epoch = image.nextBrokerEpoch;
    const brokers = withBroker(image, broker, {
      epoch,
      incarnation,
      fenced: true,
      stopping: false,
    });
    const partitions = request.clean ? image.partitions : distrust(controller, broker, brokers);
    change(controller, { partitions, brokers, nextBrokerEpoch: epoch + 1 });
    controller.registered[broker] = controller.image.version;
    controller.heard[broker] = out.clock;
  }
  const brokerEpoch = controller.image.brokers[broker].epoch;
  reply(controller, from, request, { type, error: 'NONE', brokerEpoch });
}

function onHeartbeat(controller: Controller, from: NodeId, request: BrokerHeartbeatRequest): void {
  const { broker, brokerEpoch, knownVersion, wantShutDown } = request;
  const known = controller.image.brokers[broker];
  const type = 'BrokerHeartbeatResponse';
  if (known.epoch !== brokerEpoch) {
    const error: ErrorName = 'STALE_BROKER_EPOCH';
    controller.out.ignored(request.type, error);
    const body = { type, error, isFenced: true, shouldShutDown: false };
    return reply(controller, from, request, body);
  }
  controller.heard[broker] = controller.out.clock;
  if (wantShutDown) {
    if (!known.stopping) retire(controller, broker, { stopping: true }, 'controlled shutdown');
    // All its leaderships have moved, or the partition has no leader now.
    retire(controller, broker, { fenced: true }, 'shut down');
  } else if (known.fenced && knownVersion >= controller.registered[broker]) {
    unfence(controller, broker);
  }
  const { fenced } = controller.image.brokers[broker];
  const body = { type, error: 'NONE', isFenced: fenced, shouldShutDown: wantShutDown };
  reply(controller, from, request, body);
}

/** Takes a broker out of every ISR and every leadership. */
function retire(
  controller: Controller,
  broker: BrokerIndex,
  by: Partial<BrokerState>,
  why: string,
): void {
  const { out, layout } = controller;
  const brokers = withBroker(controller.image, broker, by);
  out.became(`broker-${broker + 1} in the cluster`, 'active', 'fenced', why);
  const after = { ...controller.image, brokers };
  const { rules } = layout;
  const partitions = controller.image.partitions.map((state, i) => {
    if (state.leader !== broker && !state.isr.includes(broker)) return state;
    return elect(state, withoutBroker(state, broker, rules), termsOf(controller, after, i));
  });
  publish(controller, partitions, brokers, why);
}

function termsOf({ layout }: Controller, image: Image, partition: PartitionIndex): Terms {
  const plan = layout.partitions[partition];
  const altered = image.configs[plan.topic];
  const config = (altered && layout.configOf(plan.topic, altered)) ?? plan.config;
  const { replicas } = image.partitions[partition];
  const minInsync = Math.min(config.minInsync, Math.max(1, replicas.length));
  const active = (broker: BrokerIndex) => isActive(image, broker);
  return { active, unclean: config.unclean, minInsync, rules: layout.rules };
}

/**
 * A broker is back that did not shut down cleanly: its log may lack what it had, so that it counts
 * no longer among those that have everything (KIP-966).
 */
function distrust(controller: Controller, broker: BrokerIndex, brokers: readonly BrokerState[]) {
  const { rules } = controller.layout;
  if (!rules.eligibleLeaderReplicas) return controller.image.partitions;
  const after = { ...controller.image, brokers };
  return controller.image.partitions.map((state, i) => {
    if (!state.isr.includes(broker) && !state.elr.includes(broker)) return state;
    const terms = { ...termsOf(controller, after, i), suspect: broker };
    return elect(state, withoutBroker(state, broker, rules), terms);
  });
}

function unfence(controller: Controller, broker: BrokerIndex): void {
  const { out } = controller;
  const brokers = withBroker(controller.image, broker, { fenced: false, stopping: false });
  out.became(`broker-${broker + 1} in the cluster`, 'fenced', 'active', 'caught up');
  const after = { ...controller.image, brokers };
  const partitions = controller.image.partitions.map((state, i) => {
    if (state.leader >= 0 || !state.replicas.includes(broker)) return state;
    return elect(state, state.isr, termsOf(controller, after, i));
  });
  publish(controller, partitions, brokers, `broker-${broker + 1} is back`);
}

/** States what the new partition states mean, and commits them. */
function publish(
  controller: Controller,
  partitions: readonly PartitionState[],
  brokers: readonly BrokerState[],
  why: string,
  configs: Image['configs'] = controller.image.configs,
): void {
  const { out, layout, words } = controller;
  const nameOf = (broker: BrokerIndex) => (broker < 0 ? 'nobody' : `broker-${broker + 1}`);
  partitions.forEach((next, i) => {
    const last = controller.image.partitions[i];
    if (next.removing.length < last.removing.length || next.adding.length < last.adding.length) {
      const members = (of: PartitionState) => of.replicas.map(nameOf).join(',');
      out.became(`replicas of ${layout.partitions[i].name}`, members(last), members(next), why);
    }
    if (next.leader === last.leader) return;
    const about = `leader of ${layout.partitions[i].name}`;
    out.became(about, nameOf(last.leader), nameOf(next.leader), why);
    // A new partition has its first leader without an election.
    if (next.leader < 0 || last.leaderEpoch < 0) return;
    out.count(words.elections);
    const clean = last.isr.includes(next.leader) || last.elr.includes(next.leader);
    if (!clean) out.count(words.unclean);
    layout.audit.elections.elected(i, next.leaderEpoch, clean);
  });
  change(controller, { partitions, brokers, configs });
}

// --- Partitions ---

function onAlterPartition(
  controller: Controller,
  from: NodeId,
  request: AlterPartitionRequest,
): void {
  const { image, layout, out } = controller;
  const { partition, isr } = request;
  const type = 'AlterPartitionResponse';
  const state = image.partitions[partition];
  const error = judge(image, state, request, layout.rules);
  if (error !== 'NONE') {
    out.ignored(request.type, error);
    return reply(controller, from, request, { type, error, partition, state: undefined });
  }
  const terms = termsOf(controller, image, partition);
  const asked = withIsr(state, isr, { minInsync: terms.minInsync, rules: layout.rules });
  assert(isr.includes(state.leader), 'a leader belongs to its ISR');
  const put = (one: PartitionState) =>
    image.partitions.map((old, i) => (i === partition ? one : old));
  const next = completed(asked, terms);
  if (next === asked) {
    reply(controller, from, request, { type, error, partition, state: next });
    return change(controller, { partitions: put(next) });
  }
  // A reassignment is over, and whoever leads now was in the ISR that was asked for.
  const mine = next.leader === request.broker;
  reply(controller, from, request, {
    type,
    error: mine ? 'NONE' : 'NEW_LEADER_ELECTED',
    partition,
    state: mine ? next : undefined,
  });
  controller.image = { ...image, partitions: put(asked) };
  publish(controller, put(next), image.brokers, 'reassigned');
}

function onTimer(controller: Controller, code: number, data: unknown): void {
  const { out, layout } = controller;
  switch (code) {
    case Timer.metadataWait:
      return answer(controller, data as BrokerIndex);
    case Timer.session:
      return onSessionCheck(controller, data as BrokerIndex);
    case Timer.rebalance:
      givePreferred(controller);
      out.timer(layout.broker.rebalanceEvery, Timer.rebalance);
      return;
  }
}

function onSessionCheck(controller: Controller, broker: BrokerIndex): void {
  const { out, layout } = controller;
  const { sessionTimeout } = layout.broker;
  const left = controller.heard[broker] + sessionTimeout - out.clock;
  if (left <= 0 && !controller.image.brokers[broker].fenced) {
    retire(controller, broker, { fenced: true }, 'broker.session.timeout.ms');
  }
  out.timer(left > 0 ? left : sessionTimeout, Timer.session, broker);
}

/** auto.leader.rebalance.enable: leaderships go back to the first replica of the assignment. */
function givePreferred(controller: Controller): void {
  const { image, layout } = controller;
  const preferred = image.partitions.map((state) => state.replicas[0]);
  const displaced = image.partitions.map((state, i) => state.leader !== preferred[i]);
  const tooMany = image.brokers.map((_, broker) => {
    const own = preferred.filter((p) => p === broker).length;
    const away = preferred.filter((p, i) => p === broker && displaced[i]).length;
    return own > 0 && (away * 100) / own > layout.broker.imbalancePercent;
  });
  let moved = false;
  const partitions = image.partitions.map((state, i) => {
    const leader = preferred[i];
    const fit = state.isr.includes(leader) && isActive(image, leader);
    if (!displaced[i] || !tooMany[leader] || !fit) return state;
    moved = true;
    return ledBy(state, leader);
  });
  if (moved) publish(controller, partitions, image.brokers, 'preferred leader');
}
