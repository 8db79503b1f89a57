import type { Distribution } from '../../sim/kernel/distribution.ts';
import type { MessageId, NodeId, Transport } from '../../sim/kernel/node.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { World } from '../../sim/kernel/world.ts';
import type { Audit, AuditClaim } from './audit.ts';
import type { HandlingPlan } from './application.ts';
import type { KeyTable, Settings } from './config.ts';
import type { WorkloadPlan } from './workload.ts';

/** Where in a deployment a configuration stands. */
export type Place = 'cluster' | 'channel' | 'producer' | 'consumer';

/**
 * A system that scenarios can deploy: the whole contract between a model and the rest. A model is a
 * folder that exports one of these and a line in `registry.ts`.
 */
export interface System {
  /** As in `system:` of a scenario. */
  readonly name: string;
  /** Versions whose rules it knows: the default first, then the others, newest first. */
  readonly versions: readonly string[];
  /** What messages are sent to and read from: the scenario's key for it. */
  readonly channels: 'topics' | 'queues' | 'links';
  /** Further kinds of channel, each under a key of its own: what passes messages on. */
  readonly kinds?: readonly ChannelKind[];
  readonly keys: Readonly<Record<Place, KeyTable>>;
  /** Keys of a channel outside its `config`, such as `partitions`. */
  readonly shape: KeyTable;
  /** Keys of the cluster outside its `config`, such as `brokers`. */
  readonly clusterShape: KeyTable;
  /** What an operator can do with a running system; see `actions:` of a scenario. */
  readonly actions?: readonly ActionKind[];
  /** Protocol messages that a fault may name, as the real protocol spells them. */
  readonly messages: readonly string[];
  /**
   * Names of the nodes that `deploy` will make, so that faults on missing nodes are found early.
   */
  nodes(deployment: Deployment): readonly string[];
  /**
   * Is the order of what is read from this channel total, by stream, by key, or of no promise? What
   * `ordering` means here.
   */
  order(channel: ChannelPlan): 'key' | 'partition' | 'queue' | 'none';
  /** Do its consumers keep committed positions, so that a scenario may say `offsets:`? */
  readonly keepsOffsets?: boolean;
  /** What its clients and servers talk over: a stream neither reorders nor duplicates. */
  readonly transport?: Transport;
  /**
   * How a consumer with this configuration acknowledges when the scenario does not say; `after`.
   */
  defaultAcknowledge?(config: Settings): HandlingPlan['acknowledge'];
  /** Does a consumer with this configuration skip what was not committed? */
  readsCommittedOnly?(config: Settings): boolean;
  /** Can its consumers produce (`process.produce`)? */
  readonly transforms?: boolean;
  /** Settings that are known to keep something from going wrong, for whoever asks what would. */
  readonly remedies?: readonly Remedy[];
  /** What the real system refuses or silently adjusts, in its own words. */
  check(deployment: Deployment): readonly Finding[];
  /** What it claims of its inside and checks in every run; `expect:` may name them. */
  readonly invariants?: readonly AuditClaim[];
  deploy(deployment: Deployment, ground: Ground): Deployed;
}

/**
 * A kind of channel beside a system's main one. A topic of SNS is sent to and read by nobody; a
 * subscription of it is read by an endpoint and sent to by nobody.
 */
export interface ChannelKind {
  /** The scenario's key for it. */
  readonly word: ChannelWord;
  /** May a producer send to it (`to:`), may a consumer read it (`from:`)? */
  readonly to: boolean;
  readonly from: boolean;
  readonly keys: KeyTable;
  /** Keys outside its `config`. */
  readonly shape: KeyTable;
}

/** Every key under which a scenario may declare channels. */
export const CHANNEL_WORDS = ['topics', 'queues', 'exchanges', 'subscriptions', 'links'] as const;
export type ChannelWord = (typeof CHANNEL_WORDS)[number];

/** The kinds of channel of a system, its main one first. */
export function kindsOf({ channels, keys, shape, kinds = [] }: System): readonly ChannelKind[] {
  return [{ word: channels, to: true, from: true, keys: keys.channel, shape }, ...kinds];
}

/** Something that an operator can do with a running system, as a request to it. */
export interface ActionKind {
  /** As in a scenario: "add-partitions". */
  readonly name: string;
  readonly says: string;
  /**
   * What it is told. A key without a default must be given; one called `topic`, `queue` or `group`
   * is the name of one.
   */
  readonly keys: KeyTable;
}

/** What is said of an action before anything has become of it. */
export const PENDING = 'it never came to it';

/** An action of a scenario, resolved. */
export interface ActionPlan {
  readonly kind: string;
  readonly at: Micros;
  readonly values: Settings;
}

/** A setting that may help. Whether it does, and what it costs, a rerun says. */
export interface Remedy {
  readonly place: Place;
  readonly key: string;
  /** As YAML. */
  readonly value: string;
}

/** A complaint of the modelled system itself about a deployment. */
export interface Finding {
  readonly severity: 'refused' | 'adjusted';
  /** Where: a place, the component's name and the key, for the line and the caret. */
  readonly place: Place;
  readonly component: string;
  /** Of a channel that is not of the main kind: which kind it is. */
  readonly kind?: ChannelWord;
  readonly key: string;
  readonly says: string;
  readonly hint: string;
}

/** What a scenario deploys of one system, resolved: defaults filled in, units converted. */
export interface Deployment {
  readonly version: string;
  readonly cluster: { readonly shape: Settings; readonly config: Settings };
  readonly channels: readonly ChannelPlan[];
  readonly producers: readonly ProducerPlan[];
  readonly consumers: readonly ConsumerPlan[];
  /** What operators do with it, in the order of the scenario. */
  readonly actions?: readonly ActionPlan[];
}

export interface ChannelPlan {
  readonly name: string;
  /** Undefined: the system's main kind. */
  readonly kind?: ChannelWord;
  /** Number of the channel in the run, unique over all systems. */
  readonly channel: number;
  readonly shape: Settings;
  readonly config: Settings;
}

export interface ProducerPlan {
  readonly name: string;
  readonly to: string;
  readonly config: Settings;
  readonly workload: WorkloadPlan;
}

export interface ConsumerPlan {
  /** Consumer group, or whatever the system calls a subscription. */
  readonly name: string;
  readonly from: string;
  /** Number of the subscription in the run, unique over all systems. */
  readonly subscription: number;
  readonly instances: number;
  /** When each instance starts; -1: never by itself. */
  readonly startsAt: readonly Micros[];
  /** Has it read before the run begins? Without a word: if an instance runs from the start. */
  readonly offsets?: 'committed' | 'none';
  readonly config: Settings;
  readonly handling: HandlingPlan;
  /** What the application makes of each message, if it produces. */
  readonly output?: OutputPlan;
  /** A job that takes checkpoints, as Flink does, instead of a group that commits offsets. */
  readonly checkpoints?: CheckpointPlan;
}

/** Checkpoints of a stream processor. */
export interface CheckpointPlan {
  readonly every: Micros;
  /** A checkpoint that takes longer is given up. */
  readonly timeout: Micros;
  /** After a failure, before the job starts again. */
  readonly restartDelay: Micros;
  /** A prepared transaction that cannot be committed any more: does the job fail, or go on? */
  readonly expired: 'fail' | 'ignore';
}

/**
 * Each message consumed becomes one message of the same number in another channel. Its effect is
 * then that message, once it is committed, unless the handling names another one.
 */
export interface OutputPlan {
  readonly to: string;
  /** Of the producer inside the consuming application. */
  readonly config: Settings;
  /** Does the group see who commits offsets in a transaction (KIP-447)? */
  readonly fenced: boolean;
}

/** What the run gives a model to build on. */
export interface Ground {
  readonly world: World;
  /** A number for each stream (partition, queue) of a channel; unique over all systems. */
  stream(name: string, channel: number): number;
  /** The node that keeps transactional effects, made when first asked for. */
  database(): NodeId;
  /** The external service, made when first asked for. */
  api(): NodeId;
  /** Cost of one fsync of a broker. */
  readonly fsync: Distribution;
}

/** What the run asks of a model afterwards. */
export interface Deployed {
  /** Has watched over the system's `invariants`. */
  readonly audit?: Audit;
  /**
   * The longest the system may stay silent and still do something by itself: a timeout, a sweep.
   */
  readonly patience: Micros;
  /** Calls `visit` for each message still stored that this subscription can yet be given. */
  remaining(subscription: number, visit: (message: MessageId) => void): void;
  /** What became of each action: '' once it is done, else why it is not. */
  actions?(): readonly string[];
}
