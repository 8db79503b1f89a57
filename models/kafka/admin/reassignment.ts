import { elect, type Terms } from '../election.ts';
import type { PartitionState } from '../image.ts';
import type { BrokerIndex, ErrorName } from '../protocol.ts';

/**
 * How a partition moves to other brokers: those that are to have it join, and once all of them are
 * in the ISR those that are to lose it leave. Pure.
 * Source: KIP-455; `PartitionReassignmentReplicas`, `PartitionChangeBuilder`, Kafka 4.0.
 */

const NOBODY: readonly BrokerIndex[] = [];

/** Why brokers cannot be given a partition, or NONE. That they are up is not asked. */
export function judgeTarget(target: readonly BrokerIndex[], brokers: number): ErrorName {
  const known = target.every((broker) => broker >= 0 && broker < brokers);
  const once = new Set(target).size === target.length;
  return target.length > 0 && known && once ? 'NONE' : 'INVALID_REPLICA_ASSIGNMENT';
}

/** Begins to move it to `target`, the preferred leader first; where nobody joins it is done. */
export function reassigned(
  state: PartitionState,
  target: readonly BrokerIndex[],
  terms: Terms,
): PartitionState {
  const { replicas, partitionEpoch } = state;
  const removing = replicas.filter((broker) => !target.includes(broker));
  const adding = target.filter((broker) => !replicas.includes(broker));
  const begun = {
    ...state,
    partitionEpoch: partitionEpoch + 1,
    replicas: [...target, ...removing],
    adding,
    removing,
  };
  return completed(begun, terms);
}

/** The reassignment that is under way is given up: those that were to join leave. */
export function cancelled(state: PartitionState, terms: Terms): PartitionState | ErrorName {
  const { adding, removing, partitionEpoch } = state;
  if (adding.length + removing.length === 0) return 'NO_REASSIGNMENT_IN_PROGRESS';
  const stays = (broker: BrokerIndex) => !adding.includes(broker);
  const isr = state.isr.filter(stays);
  // Nobody is left who has all of it (`PartitionReassignmentRevert.unclean`).
  if (isr.length === 0 && !terms.unclean) return 'INVALID_REPLICA_ASSIGNMENT';
  const back = {
    ...state,
    partitionEpoch: partitionEpoch + 1,
    replicas: state.replicas.filter(stays),
  };
  return without(state, { ...back, adding: NOBODY, removing: NOBODY }, isr, terms);
}

/** The move is over when all that stay are in the ISR; the others are out of it then. */
export function completed(state: PartitionState, terms: Terms): PartitionState {
  const { adding, removing } = state;
  if (adding.length + removing.length === 0) return state;
  const stays = (broker: BrokerIndex) => !removing.includes(broker);
  const replicas = state.replicas.filter(stays);
  const isr = state.isr.filter(stays);
  if (replicas.length === 0 || !replicas.every((broker) => isr.includes(broker))) return state;
  const over = { ...state, replicas, adding: NOBODY, removing: NOBODY };
  return without(state, over, isr, terms);
}

/** A leader that is no replica any more is replaced; whoever leads does so in a new epoch. */
function without(
  before: PartitionState,
  after: PartitionState,
  isr: readonly BrokerIndex[],
  terms: Terms,
): PartitionState {
  const elr = after.elr.filter((broker) => after.replicas.includes(broker));
  const next = elect({ ...after, elr }, isr, terms);
  const shrinks = before.replicas.some((broker) => !next.replicas.includes(broker));
  if (!shrinks || next.leaderEpoch > before.leaderEpoch) return next;
  return { ...next, leaderEpoch: before.leaderEpoch + 1 };
}
