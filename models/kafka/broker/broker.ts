import { assert } from '../../../sim/kernel/assert.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { firstImage, type Layout, type PartitionPlan } from '../layout.ts';
import { nextLife } from '../../parts/lives.ts';
import { ReplicaLog } from '../log.ts';
import type { Batch, BrokerIn, ClientRequest, ControllerResponse } from '../protocol.ts';
import { answered, callController, onCallTimeout, onControllerLost } from './controller-channel.ts';
import { onWriteWaited, syncShards } from './coordinator.ts';
import { onFetchWaited } from './fetch.ts';
import { assignFetchers, fetchNext, onFetched, onFetchLost } from './follower.ts';
import { enforceRetention, runCleaner, startCleaner } from './housekeeping.ts';
import {
  beginStop,
  onHeartbeatAnswer,
  register,
  sendHeartbeat,
  wasClean,
  writeCheckpoint,
} from './lifecycle.ts';
import { onPeerAnswer, onPeerLost } from './peers.ts';
import { advance, applyState, minInsyncOf, onAltered, onFlushed, shrinkIsr } from './partition.ts';
import { expireOffsets, firstExpiry } from './offset-expiry.ts';
import { onProduceWaited } from './produce.ts';
import { onProducerIds } from './producer-ids.ts';
import { onModernTimer } from './modern-coordinator.ts';
import { onRebalanceTimer } from './rebalance.ts';
import { onRequest } from './requests.ts';
import { onShareDisconnect, syncShares } from '../share/fetch.ts';
import { onShareTimer } from '../share/requests.ts';
import { newShares } from '../share/state.ts';
import { onStateCallsLost, onStateResponse } from '../share/persister.ts';
import { settle } from './settle.ts';
import { become, type Broker, type Replica, Timer } from './state.ts';
import { newTransactionService } from './transaction-state.ts';
import { onTransactionTimer, startSweeps } from './transaction-sweep.ts';
import { syncTransactions } from './transactions.ts';
import { onEpochEnd } from './truncation.ts';

const NO_CONFIGS: Broker['configs'] = {};

/** How often metadata is asked for when the controller does not answer (the real one: 2 s). */
const METADATA_TIMEOUT = seconds(2);

/** A broker: one dispatch over its messages and timers. Start at `partition.ts` for the rules. */
export function brokerRole(layout: Layout, index: number): Role<Broker, Message> {
  return {
    start: (out) => start(layout, index, out),
    onMessage(broker, from, message) {
      onMessage(broker, from, message as BrokerIn);
      settle(broker);
    },
    onTimer(broker, code, data) {
      onTimer(broker, code, data);
      settle(broker);
    },
    onDisconnect(broker, peer) {
      if (peer === layout.controller) return onControllerLost(broker);
      const fetcher = broker.fetchers[layout.brokers.indexOf(peer)];
      if (fetcher !== undefined) onFetchLost(broker, fetcher);
      onPeerLost(broker, peer);
      onStateCallsLost(broker, peer);
      onShareDisconnect(broker, peer);
      settle(broker);
    },
    onStop: beginStop,
  };
}

function start(layout: Layout, index: number, out: Out): Broker {
  const { names } = out;
  const name = `broker-${index + 1}`;
  const life = nextLife(out);
  const marks = out.disk.read<readonly number[]>('high-watermarks') ?? [];
  const replicas = layout.partitions.map((plan): Replica | undefined => {
    if (!plan.hosts.includes(index)) return undefined;
    if (life === 1 && plan.replicas.includes(index)) seed(layout, plan, out);
    return newReplica(layout, plan, marks[plan.index] ?? 0, out);
  });
  const broker: Broker = {
    out,
    layout,
    index,
    name,
    nameId: names.id(name),
    life,
    clean: wasClean(out),
    phase: { is: 'registering' },
    epoch: -1,
    image: firstImage(layout, layout.brokers.length),
    configs: NO_CONFIGS,
    cleans: false,
    moved: [],
    failed: [],
    replicas,
    own: replicas.filter((replica) => replica !== undefined),
    fetchers: [],
    calls: new Map(),
    callNumbers: new Map(),
    channels: [],
    parkedBy: [],
    producerIds: { next: 0, end: 0, waiting: [] },
    shards: [],
    shares: newShares(),
    transactions: newTransactionService(life),
    words: {
      correlation: names.id('correlation'),
      fetch: names.id('fetch'),
      heartbeat: names.id('heartbeat'),
      metadata: names.id('__cluster_metadata'),
      isrShrinks: names.id('isr.shrinks'),
      isrExpands: names.id('isr.expands'),
      rebalances: names.id('rebalances'),
      duplicates: names.id('duplicates.refused'),
    },
  };
  startTimers(broker);
  startSweeps(broker);
  // The first process of each broker belongs to a cluster that is up already.
  if (broker.life > 1) register(broker);
  else {
    broker.epoch = broker.image.brokers[index].epoch;
    broker.phase = { is: 'running' };
    applyImage(broker);
    sendHeartbeat(broker);
    askMetadata(broker);
    settle(broker);
  }
  return broker;
}

/**
 * A replica as a starting broker finds it on its disk; it serves nobody before it hears who leads.
 */
function newReplica(layout: Layout, plan: PartitionPlan, mark: number, out: Out): Replica {
  const { config, minInsync } = plan;
  const log = new ReplicaLog(plan.name, out.disk, config, layout.rules);
  return {
    plan,
    log,
    config,
    minInsync,
    highWatermark: Math.max(log.start, Math.min(mark, log.end)),
    role: { is: 'idle' },
    leaderEpoch: -1,
    partitionEpoch: -1,
    isr: [],
    proposed: undefined,
    remotes: [],
    ready: log.end,
    flushes: 0,
    waiting: [],
    waitingForFlush: [],
    parkedFollowers: [],
    parkedConsumers: [],
    empty: undefined,
    backoffUntil: 0,
    truncating: false,
    compared: false,
    moved: false,
  };
}

/** The history of a cluster that has been up for a while, safe on disk. */
function seed(layout: Layout, { index, name }: PartitionPlan, out: Out): void {
  const batch = layout.seeds.get(index);
  if (batch === undefined) return;
  out.disk.log<Batch>(name).append(batch, 0);
  out.disk.harden(name, Infinity);
}

function startTimers(broker: Broker): void {
  const { out } = broker;
  const { lagMax, checkpointEvery, retentionCheckFirst } = broker.layout.broker;
  out.timer(Math.ceil(lagMax / 2), Timer.isrCheck);
  out.timer(checkpointEvery, Timer.checkpoint);
  out.timer(retentionCheckFirst, Timer.retention);
  out.timer(firstExpiry(broker.layout.broker, out.clock), Timer.offsetsExpire);
  for (const replica of broker.own) {
    const { flushEvery } = replica.config;
    if (flushEvery < Infinity)
      out.timer(Math.max(flushEvery, millis(1)), Timer.flushEvery, replica);
  }
  startCleaner(broker);
}

/**
 * Asks for the next version of the cluster's metadata; the controller answers when there is one.
 */
export function askMetadata(broker: Broker): void {
  callController(broker, 'metadata', broker.words.metadata, METADATA_TIMEOUT, {
    type: 'FetchRequest',
    correlation: 0,
    replica: broker.index,
    brokerEpoch: broker.epoch,
    maxWait: millis(500),
    minBytes: 1,
    maxBytes: 0,
    partitionMaxBytes: 0,
    positions: [],
    known: broker.image.version,
  });
}

function applyImage(broker: Broker): void {
  if (broker.configs !== broker.image.configs) applyConfigs(broker);
  for (const replica of broker.own) {
    applyState(broker, replica, broker.image.partitions[replica.plan.index]);
  }
  assignFetchers(broker);
  syncShards(broker);
  syncShares(broker);
  syncTransactions(broker);
}

/** Takes over what was changed at run time. A changed flush.ms counts from the next start on. */
function applyConfigs(broker: Broker): void {
  const { layout, image } = broker;
  broker.configs = image.configs;
  for (const replica of broker.own) {
    const { topic, index } = replica.plan;
    const altered = image.configs[topic];
    const config = altered && layout.configOf(topic, altered);
    if (config === undefined) continue;
    replica.config = config;
    replica.minInsync = minInsyncOf(replica, image.partitions[index]);
    replica.log.configure(config);
    if (replica.role.is === 'leader') advance(broker, replica);
  }
  startCleaner(broker);
}

function onMessage(broker: Broker, from: NodeId, message: BrokerIn): void {
  if (message.type === 'FetchResponse' && from !== broker.layout.controller) {
    const fetcher = broker.fetchers[broker.layout.brokers.indexOf(from)];
    if (fetcher !== undefined) onFetched(broker, fetcher, message);
    return;
  }
  if (
    message.type === 'ReadShareGroupStateResponse' ||
    message.type === 'WriteShareGroupStateResponse'
  ) {
    return onStateResponse(broker, message);
  }
  if (message.type === 'OffsetForLeaderEpochResponse') {
    const fetcher = broker.fetchers[broker.layout.brokers.indexOf(from)];
    if (fetcher === undefined) return;
    onEpochEnd(broker, fetcher, message);
    return fetchNext(broker, fetcher);
  }
  if (message.type === 'WriteTxnMarkersResponse' || message.type === 'AddPartitionsToTxnResponse') {
    return onPeerAnswer(broker, message);
  }
  if (from === broker.layout.controller) {
    return onControllerResponse(broker, message as ControllerResponse);
  }
  const { phase } = broker;
  if (phase.is === 'registering' || phase.is === 'starting') {
    // Its socket is not open yet. What it asked of this peer itself went by the same connection.
    broker.out.disconnect(from);
    const fetcher = broker.fetchers[broker.layout.brokers.indexOf(from)];
    if (fetcher !== undefined) onFetchLost(broker, fetcher);
    return;
  }
  onRequest(broker, from, message as ClientRequest);
}

function onControllerResponse(broker: Broker, response: ControllerResponse): void {
  const call = answered(broker, response);
  if (call === undefined) return;
  switch (response.type) {
    case 'FetchResponse':
      assert(response.image !== undefined, 'the controller answers a fetch with an image');
      if (response.image.version > broker.image.version || broker.phase.is === 'starting') {
        broker.image = response.image;
        const { epoch } = response.image.brokers[broker.index];
        if (epoch === broker.epoch) applyImage(broker);
      }
      return askMetadata(broker);
    case 'BrokerRegistrationResponse':
      if (response.error !== 'NONE') {
        broker.out.ignored('BrokerRegistrationRequest', response.error);
        broker.out.timer(millis(100), Timer.registerAgain);
        return;
      }
      broker.epoch = response.brokerEpoch;
      become(broker, { is: 'starting' }, `broker epoch ${broker.epoch}`);
      askMetadata(broker);
      return sendHeartbeat(broker);
    case 'BrokerHeartbeatResponse':
      return onHeartbeatAnswer(broker, response);
    case 'AlterPartitionResponse': {
      const replica = broker.replicas[response.partition];
      if (replica !== undefined) onAltered(broker, replica, response.error, response.state);
      return;
    }
    case 'AllocateProducerIdsResponse':
      return onProducerIds(broker, response.first, response.count);
  }
}

function onTimer(broker: Broker, code: number, data: unknown): void {
  const { out, layout } = broker;
  const { lagMax, checkpointEvery, retentionCheckEvery } = layout.broker;
  switch (code) {
    case Timer.heartbeat:
      return sendHeartbeat(broker);
    case Timer.registerAgain:
      return register(broker);
    case Timer.isrCheck:
      for (const replica of broker.own) shrinkIsr(broker, replica);
      out.timer(Math.ceil(lagMax / 2), Timer.isrCheck);
      return;
    case Timer.checkpoint:
      writeCheckpoint(broker);
      out.timer(checkpointEvery, Timer.checkpoint);
      return;
    case Timer.retention:
      enforceRetention(broker);
      out.timer(retentionCheckEvery, Timer.retention);
      return;
    case Timer.flushEvery: {
      const replica = data as Replica;
      out.sync(replica.log.name, Timer.segmentSynced, replica);
      out.timer(Math.max(replica.config.flushEvery, millis(1)), Timer.flushEvery, replica);
      return;
    }
    case Timer.flushed: {
      const { replica, end } = data as { replica: Replica; end: number };
      onFlushed(broker, replica, end);
      if (replica.role.is !== 'follower') return;
      const fetcher = broker.fetchers[replica.role.leader];
      if (fetcher !== undefined) fetchNext(broker, fetcher);
      return;
    }
    case Timer.segmentSynced:
      return;
    case Timer.cleaner:
      return runCleaner(broker);
    case Timer.fetchWait:
      return onFetchWaited(broker, data as never);
    case Timer.produceWait:
      return onProduceWaited(broker, data as never);
    case Timer.fetcherRetry:
      return fetchNext(broker, data as never);
    case Timer.fetchTimeout: {
      const fetcher = data as NonNullable<Broker['fetchers'][number]>;
      out.disconnect(layout.brokers[fetcher.leader]);
      onPeerLost(broker, layout.brokers[fetcher.leader]);
      return onFetchLost(broker, fetcher);
    }
    case Timer.callTimeout:
      return onCallTimeout(broker, data as never);
    case Timer.writeWait:
      return onWriteWaited(broker, data as never);
    case Timer.offsetsExpire:
      expireOffsets(broker);
      out.timer(layout.broker.offsetsCheckEvery, Timer.offsetsExpire);
      return;
    case Timer.modernSession:
    case Timer.modernRebalance:
      return onModernTimer(broker, code, data as never);
    default:
      if (onTransactionTimer(broker, code, data)) return;
      if (code >= Timer.shareLock && code <= Timer.shareSession)
        return onShareTimer(broker, code, data);
      return onRebalanceTimer(broker, code, data as never);
  }
}
