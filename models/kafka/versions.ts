import { olderThan } from '../parts/config.ts';

/**
 * Rules of Kafka that were different once: each holds since the version beside it. Before, the rule
 * named in its comment did. Where defaults changed, the tables in `config/` say so (`was`).
 * Source: the KIPs and issues named, and the release branches of Kafka that have their commits;
 * minor versions only, so a fix of a patch release counts from the next minor one.
 */
const SINCE = {
  // --- Replication ---
  /** KIP-101: a follower truncates by leader epoch. Before: to its own high watermark. */
  truncatesByEpoch: '0.11',
  /** KIP-279: the answer names the epoch whose end it is. Before: the end alone. */
  epochEndNamesEpoch: '2.0',
  /** Truncation on fetch (inter-broker protocol 2.7). Before: asked for after each new leader. */
  truncatesOnFetch: '2.7',
  /** KAFKA-7128: joins the ISR at the leader's epoch start, not only at its high watermark. */
  joinsIsrInEpoch: '2.1',
  /** KIP-497: the controller decides on the ISR. Before: the leader wrote it by itself. */
  controllerDecidesIsr: '2.7',
  /** KIP-841: fenced and stopping brokers join no ISR. Before: any that fetches. */
  activeJoinIsr: '3.3',
  /** KIP-903: members of an ISR are named with their broker epochs. */
  isrNamesEpochs: '3.5',
  /** Metadata version 3.6: an ISR shrinks within its leader epoch. Before: a new epoch. */
  shrinkKeepsEpoch: '3.6',
  /** KAFKA-15583: below min.insync.replicas the high watermark stands still. Before: it rises. */
  watermarkWaitsForMinIsr: '3.7',
  /** KIP-966: replicas that left a small ISR stay eligible. 4.0 has it switched off. */
  eligibleLeaderReplicas: '4.1',
  /** KAFKA-14704: an answer that tells of a divergence moves no high watermark. */
  divergenceMovesNoWatermark: '3.5',
  /** KIP-392: consumers may read from followers. */
  readsFromFollowers: '2.4',
  /** KIP-207: a new leader does not know its latest offset. Before: an old one was answered. */
  latestOffsetMayBeUnknown: '2.2',
  // --- Log ---
  /** KAFKA-7190, KIP-360: producer state outlives its records. Before: it went with the last. */
  producerStateOutlivesData: '2.5',
  /** KAFKA-13194: the cleaner stops at the high watermark. Before: at the active segment. */
  cleanerStopsAtWatermark: '3.1',
  /** KAFKA-14055: markers are no keys to the cleaner. Before: a record could replace a marker. */
  cleanerSparesMarkers: '3.3',
  /** KAFKA-5494: five batches are remembered of each producer. Before: the last one. */
  remembersFiveBatches: '1.0',
  // --- Transactions ---
  /** KAFKA-6119: a transaction that timed out is aborted under a new epoch. */
  timeoutFencesProducer: '1.1',
  /** KAFKA-14561 (KIP-890, part 1): the coordinator is asked before the first append. */
  verifiesTransactions: '3.5',
  /** KIP-890, part 2: each transaction has an epoch of its own. */
  epochPerTransaction: '4.0',
  /** KIP-890: what a producer may abort has an error of its own. Before: INVALID_TXN_STATE. */
  namesAbortableErrors: '3.8',
  /** KIP-360: a producer may have its epoch raised after an error. */
  producersRaiseEpochs: '2.5',
  /** KIP-588: an old epoch in an answer to a produce request may be aborted. Before: fatal. */
  oldEpochMayBeAborted: '2.7',
  /** KIP-447: offsets in a transaction say which member of the group sends them. */
  offsetsNameMember: '2.5',
  // --- Clients and groups ---
  /** KAFKA-3197: one request in flight keeps a partition's order. Before: a connection's only. */
  mutesPartitions: '0.10',
  /** KIP-98: producers may be idempotent. */
  idempotence: '0.11',
  /** KIP-126, record format 2: a batch that is too large is split. Before: it fails. */
  splitsBatches: '0.11',
  /** KAFKA-8350: what was split once is split into halves. Before: into `batch.size` again. */
  splitsIntoHalves: '4.2',
  /** KIP-360: an idempotent producer raises its epoch by itself. Before: it takes a new id. */
  bumpsEpochItself: '2.5',
  /** KIP-480: records without a key stick to a partition. Before: they go round in a circle. */
  sticksToPartition: '2.4',
  /** KIP-794: until enough bytes went there. Before: until a batch is begun. */
  sticksByBytes: '3.3',
  /** KIP-320: a consumer checks its position when the leader changes. */
  consumersValidatePositions: '2.3',
  /** KAFKA-12984: cooperative claims carry their generation. Before: two of them are an error. */
  claimsCarryGeneration: '3.0',
  /** KAFKA-12983: onJoinPrepare is called anew after a reset. Before: stale claims were kept. */
  preparesAfterReset: '3.0',
  /** KAFKA-14639: a claim of an older generation counts unless a newer one contradicts it. */
  olderClaimsCount: '3.5',
  /** KAFKA-13310: the commit before a revocation is asynchronous and awaited. */
  revocationCommitIsAwaited: '3.2',
  /** KAFKA-14196: and nothing is handed out meanwhile. */
  handsOutNothingBeforeRevocation: '3.3',
  /** KAFKA-13636: offsets of a group that rebalances do not expire. */
  rebalancingExpiresNothing: '3.2',
  /** KAFKA-18641: in the protocol of KIP-848 poll() builds the commit. Before: another thread. */
  pollBuildsCommit: '4.0',
  /** KIP-1082: a member of KIP-848 names itself. Before: the coordinator named it. */
  membersNameThemselves: '4.0',
  /** KIP-951: a refusal names the new leader. */
  refusalNamesLeader: '3.7',
  /** KIP-932: share groups (a preview in 4.1). */
  shareGroups: '4.1',
  /** KIP-1222: an acquisition lock can be renewed. */
  renewsLocks: '4.2',
  /** KIP-211: offsets expire by group, once it is empty. Before: each commit by its age. */
  offsetsExpireByGroup: '2.1',
} as const;

export type Rule = keyof typeof SINCE;
/** Which of the newer rules hold. */
export type Rules = { readonly [R in Rule]: boolean };

/**
 * Versions that a scenario may name: the default, then the others, newest first. Those between two
 * of them had no rule of their own that is modelled.
 */
export const VERSIONS: readonly string[] = [
  ...[
    '4.0',
    '4.2',
    '4.1',
    '3.9',
    '3.8',
    '3.7',
    '3.6',
    '3.5',
    '3.4',
    '3.3',
    '3.2',
    '3.1',
    '3.0',
    '2.8',
  ],
  ...['2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0', '1.1', '1.0', '0.11', '0.10', '0.9'],
];

const rules = new Map<string, Rules>();

/** The rules of a version, one object for each. */
export function rulesOf(version: string): Rules {
  let known = rules.get(version);
  if (known === undefined) {
    const entries = Object.entries(SINCE);
    const holds = entries.map(([rule, since]) => [rule, !olderThan(version, since)] as const);
    known = Object.fromEntries(holds) as Rules;
    rules.set(version, known);
  }
  return known;
}

/** The version since which a rule holds, for reports and messages. */
export function since(rule: Rule): string {
  return SINCE[rule];
}
