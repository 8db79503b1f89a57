import { elect, type Terms } from '../election.ts';
import { type Image, isActive, type PartitionState } from '../image.ts';
import type { Layout, PartitionPlan } from '../layout.ts';
import type { AdminRequest, BrokerIndex, ErrorName, PartitionIndex } from '../protocol.ts';
import { cancelled, judgeTarget, reassigned } from './reassignment.ts';

/** What the controller makes of an operator's request: the new metadata, or why not. Pure. */
export interface Ruling {
  readonly error: ErrorName;
  readonly partitions?: readonly PartitionState[];
  readonly configs?: Image['configs'];
}

export function rule(
  layout: Layout,
  image: Image,
  request: AdminRequest,
  termsOf: (image: Image, partition: PartitionIndex) => Terms,
): Ruling {
  switch (request.type) {
    case 'CreatePartitionsRequest':
      return createPartitions(layout, image, request.topic, request.count);
    case 'ElectLeadersRequest':
      return request.electionType === 'unclean'
        ? electUnclean(image, existing(image, request.partitions), termsOf)
        : electPreferred(image, existing(image, request.partitions));
    case 'AlterPartitionReassignmentsRequest':
      return reassign(image, request.partitions, request.replicas, termsOf);
    case 'IncrementalAlterConfigsRequest':
      return alterConfig(layout, image, request, termsOf);
  }
}

/** Without those that are still to be added. */
function existing(image: Image, asked: readonly PartitionIndex[]): PartitionIndex[] {
  return asked.filter((p) => image.partitions[p].leaderEpoch >= 0);
}

function createPartitions(layout: Layout, image: Image, topic: string, count: number): Ruling {
  const own = layout.topics.get(topic)?.partitions ?? [];
  const present = own.filter((p) => image.partitions[p].leaderEpoch >= 0).length;
  if (own.length === 0) return { error: 'UNKNOWN_TOPIC_OR_PARTITION' };
  if (count <= present) return { error: 'INVALID_PARTITIONS' };
  const born = own.slice(present, count);
  // `StripedReplicaPlacer`: the first replica must be on a broker that is there.
  const placed = born.every((p) => layout.partitions[p].replicas.some((b) => isActive(image, b)));
  if (!placed) return { error: 'INVALID_REPLICATION_FACTOR' };
  return {
    error: 'NONE',
    partitions: image.partitions.map((state, i) =>
      born.includes(i) ? newborn(image, layout.partitions[i]) : state,
    ),
  };
}

/** A new partition begins with the replicas that are active. */
function newborn(image: Image, { replicas }: PartitionPlan): PartitionState {
  const isr = replicas.filter((broker) => isActive(image, broker));
  const leader = isr[0];
  return {
    leader,
    leaderEpoch: 0,
    partitionEpoch: 0,
    isr,
    replicas,
    adding: [],
    removing: [],
    elr: [],
    lastLeader: leader,
  };
}

/** The state with another leader out of its ISR. */
export function ledBy(state: PartitionState, leader: BrokerIndex): PartitionState {
  const { leaderEpoch, partitionEpoch } = state;
  return {
    ...state,
    leader,
    lastLeader: leader,
    leaderEpoch: leaderEpoch + 1,
    partitionEpoch: partitionEpoch + 1,
  };
}

function electPreferred(image: Image, asked: readonly PartitionIndex[]): Ruling {
  const displaced = asked.filter(
    (p) => image.partitions[p].leader !== image.partitions[p].replicas[0],
  );
  if (displaced.length === 0) return { error: 'ELECTION_NOT_NEEDED' };
  const fit = displaced.filter((p) => {
    const { isr, replicas } = image.partitions[p];
    return isr.includes(replicas[0]) && isActive(image, replicas[0]);
  });
  const partitions = image.partitions.map((state, i) =>
    fit.includes(i) ? ledBy(state, state.replicas[0]) : state,
  );
  const error = fit.length < displaced.length ? 'PREFERRED_LEADER_NOT_AVAILABLE' : 'NONE';
  return { error, partitions };
}

function electUnclean(
  image: Image,
  asked: readonly PartitionIndex[],
  termsOf: (image: Image, partition: PartitionIndex) => Terms,
): Ruling {
  const headless = asked.filter((p) => image.partitions[p].leader < 0);
  if (headless.length === 0) return { error: 'ELECTION_NOT_NEEDED' };
  const partitions = image.partitions.map((state, i) =>
    headless.includes(i) ? elect(state, state.isr, { ...termsOf(image, i), unclean: true }) : state,
  );
  const failed = headless.some((p) => partitions[p].leader < 0);
  return { error: failed ? 'ELIGIBLE_LEADERS_NOT_AVAILABLE' : 'NONE', partitions };
}

function reassign(
  image: Image,
  asked: readonly PartitionIndex[],
  target: readonly BrokerIndex[],
  termsOf: (image: Image, partition: PartitionIndex) => Terms,
): Ruling {
  const there = existing(image, asked);
  if (there.length === 0) return { error: 'UNKNOWN_TOPIC_OR_PARTITION' };
  const cancels = target.length === 0;
  const judged = cancels ? 'NONE' : judgeTarget(target, image.brokers.length);
  if (judged !== 'NONE') return { error: judged };
  let error: ErrorName = 'NONE';
  const partitions = image.partitions.map((state, i) => {
    if (!there.includes(i)) return state;
    const terms = termsOf(image, i);
    const next = cancels ? cancelled(state, terms) : reassigned(state, target, terms);
    if (typeof next !== 'string') return next;
    error = next;
    return state;
  });
  return { error, partitions };
}

function alterConfig(
  layout: Layout,
  image: Image,
  { topic, key, value }: { readonly topic: string; readonly key: string; readonly value: string },
  termsOf: (image: Image, partition: PartitionIndex) => Terms,
): Ruling {
  const altered = { ...image.configs[topic], [key]: value };
  if (layout.configOf(topic, altered) === undefined) return { error: 'INVALID_CONFIG' };
  const configs = { ...image.configs, [topic]: altered };
  const after = { ...image, configs };
  // Unclean elections may be allowed now.
  const partitions = image.partitions.map((state, i) => {
    if (state.leader >= 0 || state.leaderEpoch < 0) return state;
    return layout.partitions[i].topic === topic
      ? elect(state, state.isr, termsOf(after, i))
      : state;
  });
  return { error: 'NONE', partitions, configs };
}
