import { assert } from '../../../sim/kernel/assert.ts';
import type { Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { TopicConfig } from '../config/topic-config.ts';
import type { Image } from '../image.ts';
import type { Layout, PartitionPlan } from '../layout.ts';
import type { Shares } from '../share/state.ts';
import type { ReplicaLog } from '../log.ts';
import type {
  BrokerIndex,
  Committed,
  ControllerRequest,
  ErrorName,
  FetchedPartition,
  FetchRequest,
  ProduceRequest,
  ProduceResult,
} from '../protocol.ts';
import type { Group, Shard } from './group.ts';
import type { TransactionService } from './transaction-state.ts';

export const Timer = {
  heartbeat: 0,
  isrCheck: 1,
  checkpoint: 2,
  retention: 3,
  flushEvery: 4,
  flushed: 5,
  fetchWait: 6,
  produceWait: 7,
  fetcherRetry: 8,
  fetchTimeout: 9,
  callTimeout: 10,
  callRetry: 11,
  registerAgain: 12,
  writeWait: 13,
  joinBarrier: 14,
  syncBarrier: 15,
  session: 16,
  pendingMember: 17,
  segmentSynced: 18,
  cleaner: 30,
  modernSession: 19,
  modernRebalance: 20,
  offsetsExpire: 21,
  shareLock: 70,
  shareWait: 71,
  shareCall: 72,
  shareSession: 73,
  logWait: 40,
  peerTimeout: 41,
  markersAgain: 42,
  transactionSweep: 43,
  transactionalIdSweep: 44,
} as const;

/** The life of a broker process. */
export type Phase =
  | { readonly is: 'registering' }
  /** Has an epoch, replays metadata, serves nobody yet. */
  | { readonly is: 'starting' }
  | { readonly is: 'running' }
  /** Asked to stop: waits until the controller has moved its leaderships. */
  | { readonly is: 'stopping' };

export const BROKER_PHASES: Readonly<Record<Phase['is'], readonly Phase['is'][]>> = {
  registering: ['starting', 'stopping'],
  starting: ['running', 'registering', 'stopping'],
  running: ['stopping', 'registering'], // A stale epoch makes it register anew.
  stopping: [],
};

export function become(broker: Broker, next: Phase, why: string): void {
  const from = broker.phase.is;
  assert(BROKER_PHASES[from].includes(next.is), `broker: ${from} -> ${next.is} is legal`);
  broker.out.became(broker.name, from, next.is, why);
  broker.phase = next;
}

/** What a leader knows of one of its followers. */
export interface Remote {
  readonly broker: BrokerIndex;
  /** Its log end offset as of its last fetch; -1 before the first. */
  end: number;
  /** When it last had everything; -Infinity: never. */
  caughtUp: Micros;
  lastFetchAt: Micros;
  /** Where the leader's log ended at that fetch. */
  lastFetchEnd: number;
  /** Epoch of the process that fetches. */
  brokerEpoch: number;
}

export type ReplicaRole =
  /** Nobody leads, as far as this broker knows. */
  | { readonly is: 'idle' }
  | { readonly is: 'leader'; readonly start: number }
  | { readonly is: 'follower'; readonly leader: BrokerIndex };

/** One partition on one broker. */
export interface Replica {
  readonly plan: PartitionPlan;
  readonly log: ReplicaLog;
  /** As of the newest metadata. */
  config: TopicConfig;
  minInsync: number;
  highWatermark: number;
  role: ReplicaRole;
  leaderEpoch: number;
  partitionEpoch: number;
  /** The ISR as the controller has committed it. */
  isr: readonly BrokerIndex[];
  /** What this leader has asked for and not heard about. */
  proposed: readonly BrokerIndex[] | undefined;
  /** As leader: the other replicas. */
  remotes: readonly Remote[];
  /**
   * End of what counts as written: behind the log's end while a flush that must come first runs.
   */
  ready: number;
  flushes: number;
  /** Wait for the high watermark, and for a flush; in order of offset. */
  readonly waiting: Waiter[];
  readonly waitingForFlush: Waiter[];
  /** Fetches that an append wakes, and those that the high watermark wakes. */
  readonly parkedFollowers: Parked[];
  readonly parkedConsumers: Parked[];
  /** The last answer of a fetch that found nothing here. */
  empty: FetchedPartition | undefined;
  /** As follower: not fetched before this time. */
  backoffUntil: Micros;
  /** As follower, before 2.7: it has to ask where the leader's history and its own part. */
  truncating: boolean;
  /** As follower: an observer has looked whether its log is the leader's. */
  compared: boolean;
  /** It is in the broker's list of what moved. */
  moved: boolean;
}

/** Something that is finished once the replica has got to `required`. */
export interface Waiter {
  readonly required: number;
  readonly produce: PendingProduce | undefined;
  /** Which of the request's results it is. */
  readonly slot: number;
  readonly write: GroupWrite | LogWrite | undefined;
  /** Called when it is done, or will not be. */
  readonly done?: (error: ErrorName) => void;
}

/** A record of the broker itself on its way into the log, and what is done once it is there. */
export interface LogWrite {
  readonly then: (error: ErrorName) => void;
  done: boolean;
  timer: Handle;
}

export interface Failed {
  readonly waiter: Waiter;
  readonly error: ErrorName;
}

/** A produce request whose answer waits for replication. */
export interface PendingProduce {
  readonly from: NodeId;
  readonly request: ProduceRequest;
  readonly results: ProduceResult[];
  missing: number;
  done: boolean;
  timer: Handle;
}

/** A record of the group coordinator on its way into the log, and what is done once it is there. */
export interface GroupWrite {
  readonly shard: Shard;
  readonly group: Group;
  readonly generation: number;
  /** Offsets that it commits; undefined for an assignment. */
  readonly offsets: readonly Committed[] | undefined;
  readonly from: NodeId;
  readonly correlation: number;
  /** What else follows it. */
  readonly then: ((error: ErrorName) => void) | undefined;
  done: boolean;
  timer: Handle;
}

/** A fetch that waits for data. */
export interface Parked {
  readonly from: NodeId;
  readonly request: FetchRequest;
  done: boolean;
  timer: Handle;
}

/** Fetches all partitions that follow one leader. */
export interface Fetcher {
  readonly leader: BrokerIndex;
  readonly replicas: Replica[];
  /** Correlation of the fetch that is out; 0: none. */
  open: number;
  sent: number;
  timer: Handle;
  /** Questions where an epoch ends, by correlation. */
  readonly asked: Map<number, Replica>;
}

/** One request of a broker to the controller, repeated until it is answered. */
export interface ControllerCall {
  readonly key: string;
  readonly request: ControllerRequest;
  readonly about: NameId;
  readonly timeout: Micros;
  correlation: number;
}

/** Produce requests of one connection are handled one by one. */
export interface ProduceChannel {
  busy: boolean;
  readonly queue: ProduceRequest[];
}

export interface Broker {
  readonly out: Out;
  readonly layout: Layout;
  readonly index: BrokerIndex;
  readonly name: string;
  readonly nameId: NameId;
  /** Which process of this broker it is, from 1. */
  readonly life: number;
  /** The process before it shut down in good order. */
  readonly clean: boolean;
  phase: Phase;
  epoch: number;
  image: Image;
  /** Those of the image that were applied last. */
  configs: Image['configs'];
  /** The cleaner runs. */
  cleans: boolean;
  /** Replicas in which something happened that others may wait for; see `settle.ts`. */
  readonly moved: Replica[];
  /** What waited for something that will not happen any more. */
  readonly failed: Failed[];
  /** By partition; undefined where this broker has no replica. */
  readonly replicas: (Replica | undefined)[];
  readonly own: Replica[];
  readonly fetchers: (Fetcher | undefined)[];
  readonly calls: Map<string, ControllerCall>;
  /** Last correlation used per type of request to the controller. */
  readonly callNumbers: Map<string, number>;
  /** By node of the client. */
  readonly channels: (ProduceChannel | undefined)[];
  readonly parkedBy: (Parked | undefined)[];
  readonly producerIds: {
    next: number;
    end: number;
    readonly waiting: ((producerId: number) => void)[];
  };
  /** By partition of `__consumer_offsets` that this broker leads. */
  readonly shards: (Shard | undefined)[];
  readonly shares: Shares;
  readonly transactions: TransactionService;
  readonly words: Words;
}

export interface Correlation {
  readonly from: NodeId;
  readonly correlation: number;
}

/** Names used on hot paths. */
export interface Words {
  readonly correlation: NameId;
  readonly fetch: NameId;
  readonly heartbeat: NameId;
  readonly metadata: NameId;
  readonly isrShrinks: NameId;
  readonly isrExpands: NameId;
  readonly rebalances: NameId;
  readonly duplicates: NameId;
}

/** Something was appended, the high watermark rose, or the leadership ended. */
export function moved(broker: Broker, replica: Replica): void {
  if (replica.moved) return;
  replica.moved = true;
  broker.moved.push(replica);
}
