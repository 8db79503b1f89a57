import { type Image, isActive, type PartitionState } from './image.ts';
import type { AlterPartitionRequest, BrokerIndex, ErrorName } from './protocol.ts';

/** Pure rules of the controller about leaders and ISRs. Source: `PartitionChangeBuilder`, 3.9. */

/** An ISR never becomes empty: its last member stays in it, even when it is gone (no ELR). */
export function withoutBroker(state: PartitionState, broker: BrokerIndex): readonly BrokerIndex[] {
  const rest = state.isr.filter((member) => member !== broker);
  return rest.length > 0 ? rest : state.isr;
}

/**
 * Who leads with this ISR: the present leader if it may, else the first active member in the order
 * of assignment, else (unclean) the first active replica, else nobody.
 */
export function elect(
  replicas: readonly BrokerIndex[],
  isr: readonly BrokerIndex[],
  last: PartitionState,
  active: (broker: BrokerIndex) => boolean,
  unclean: boolean,
): PartitionState {
  const may = (broker: BrokerIndex) => isr.includes(broker) && active(broker);
  let members = isr;
  let leader = last.leader >= 0 && may(last.leader) ? last.leader : -1;
  if (leader < 0) leader = replicas.find(may) ?? -1;
  if (leader < 0 && unclean) {
    leader = replicas.find(active) ?? -1;
    if (leader >= 0) members = [leader];
  }
  const sameIsr = members.length === last.isr.length && members.every((m, i) => m === last.isr[i]);
  if (leader === last.leader && sameIsr) return last;
  return {
    leader,
    leaderEpoch: leader === last.leader ? last.leaderEpoch : last.leaderEpoch + 1,
    partitionEpoch: last.partitionEpoch + 1,
    isr: members,
  };
}

/** What the controller says to a leader that wants another ISR. */
export function judge(
  image: Image,
  state: PartitionState,
  request: AlterPartitionRequest,
): ErrorName {
  if (image.brokers[request.broker].epoch !== request.brokerEpoch) return 'STALE_BROKER_EPOCH';
  if (request.leaderEpoch < state.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (request.leaderEpoch > state.leaderEpoch) return 'NOT_CONTROLLER';
  if (request.partitionEpoch < state.partitionEpoch) return 'INVALID_UPDATE_VERSION';
  if (request.partitionEpoch > state.partitionEpoch) return 'NOT_CONTROLLER';
  const fit = request.isr.every(
    (m, i) => isActive(image, m) && image.brokers[m].epoch === request.epochs[i],
  );
  return fit ? 'NONE' : 'INELIGIBLE_REPLICA';
}
