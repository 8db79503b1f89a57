import { type Image, isActive, type PartitionState } from './image.ts';
import type { AlterPartitionRequest, BrokerIndex, ErrorName } from './protocol.ts';
import type { Rules } from './versions.ts';

/** Pure rules of the controller about leaders and ISRs. Source: `PartitionChangeBuilder`, 3.9. */

/** What an election goes by, besides the partition's last state. */
export interface Terms {
  readonly active: (broker: BrokerIndex) => boolean;
  readonly unclean: boolean;
  readonly minInsync: number;
  readonly rules: Pick<Rules, 'eligibleLeaderReplicas' | 'shrinkKeepsEpoch'>;
  /** A broker that has come back without having shut down cleanly: its log may be shorter. */
  readonly suspect?: BrokerIndex;
}

/**
 * The ISR without a broker. Without ELR it never becomes empty: its last member stays in it, even
 * when it is gone.
 */
export function withoutBroker(
  { isr }: PartitionState,
  broker: BrokerIndex,
  rules: Terms['rules'],
): readonly BrokerIndex[] {
  const rest = isr.filter((member) => member !== broker);
  return rest.length > 0 || rules.eligibleLeaderReplicas ? rest : isr;
}

/**
 * Who may lead although it left the ISR: whoever left one that had become too small, for it has all
 * that was acknowledged since (KIP-966).
 */
function eligible(last: PartitionState, isr: readonly BrokerIndex[], terms: Terms) {
  const { rules, minInsync, suspect } = terms;
  if (!rules.eligibleLeaderReplicas || isr.length >= minInsync) return NOBODY;
  const left = [...last.elr, ...last.isr.filter((member) => !last.elr.includes(member))];
  return left.filter((member) => !isr.includes(member) && member !== suspect);
}

const NOBODY: readonly BrokerIndex[] = [];

/**
 * Who leads with this ISR: the present leader if it may, else the first active member in the order
 * of assignment; with an empty ISR an eligible replica, or the last leader when there is none of
 * these; else (unclean) the first active replica; else nobody.
 */
export function elect(
  last: PartitionState,
  isr: readonly BrokerIndex[],
  terms: Terms,
): PartitionState {
  const { active, rules } = terms;
  const { replicas } = last;
  const may = (broker: BrokerIndex) => isr.includes(broker) && active(broker);
  let members = isr;
  let leader = last.leader >= 0 && may(last.leader) ? last.leader : -1;
  if (leader < 0) leader = replicas.find(may) ?? -1;
  if (leader < 0 && isr.length === 0) {
    const elr = eligible(last, isr, terms);
    leader = replicas.find((broker) => elr.includes(broker) && active(broker)) ?? -1;
    if (leader < 0 && elr.length === 0 && active(last.lastLeader)) leader = last.lastLeader;
    if (leader >= 0) members = [leader];
  }
  if (leader < 0 && terms.unclean) {
    leader = replicas.find(active) ?? -1;
    if (leader >= 0) members = [leader];
  }
  return changed(last, leader, members, terms, rules);
}

function changed(
  last: PartitionState,
  leader: BrokerIndex,
  isr: readonly BrokerIndex[],
  terms: Terms,
  rules: Terms['rules'],
): PartitionState {
  const clean = last.isr.includes(leader) || last.elr.includes(leader);
  // After an unclean election nobody is known to have everything.
  const elr = leader >= 0 && !clean ? NOBODY : eligible(last, isr, terms);
  if (leader === last.leader && same(isr, last.isr) && same(elr, last.elr)) return last;
  const shrinks = last.isr.some((member) => !isr.includes(member));
  const newEpoch = leader !== last.leader || (shrinks && !rules.shrinkKeepsEpoch);
  return {
    ...last,
    leader,
    leaderEpoch: newEpoch ? last.leaderEpoch + 1 : last.leaderEpoch,
    partitionEpoch: last.partitionEpoch + 1,
    isr,
    elr,
    lastLeader: leader >= 0 ? leader : last.lastLeader,
  };
}

/** The state with the ISR that its leader asked for. */
export function withIsr(
  last: PartitionState,
  isr: readonly BrokerIndex[],
  terms: Pick<Terms, 'minInsync'> & { readonly rules: Rules },
): PartitionState {
  const { rules, minInsync } = terms;
  const elr = eligible(last, isr, { active: () => true, unclean: false, minInsync, rules });
  const shrinks = last.isr.some((member) => !isr.includes(member));
  // A leader that wrote the ISR by itself went on in its epoch.
  const newEpoch = shrinks && rules.controllerDecidesIsr && !rules.shrinkKeepsEpoch;
  return {
    ...last,
    isr,
    elr,
    leaderEpoch: newEpoch ? last.leaderEpoch + 1 : last.leaderEpoch,
    partitionEpoch: last.partitionEpoch + 1,
  };
}

function same(a: readonly BrokerIndex[], b: readonly BrokerIndex[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i]);
}

/** What the controller says to a leader that wants another ISR. */
export function judge(
  image: Image,
  state: PartitionState,
  request: AlterPartitionRequest,
  rules: Rules,
): ErrorName {
  // ZooKeeper compared the version of the node and nothing else.
  if (!rules.controllerDecidesIsr) {
    return request.partitionEpoch === state.partitionEpoch ? 'NONE' : 'INVALID_UPDATE_VERSION';
  }
  if (image.brokers[request.broker].epoch !== request.brokerEpoch) return 'STALE_BROKER_EPOCH';
  if (request.leaderEpoch < state.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (request.leaderEpoch > state.leaderEpoch) return 'NOT_CONTROLLER';
  if (request.partitionEpoch < state.partitionEpoch) return 'INVALID_UPDATE_VERSION';
  if (request.partitionEpoch > state.partitionEpoch) return 'NOT_CONTROLLER';
  const fit = request.isr.every((m, i) => {
    if (rules.activeJoinIsr && !isActive(image, m)) return false;
    return !rules.isrNamesEpochs || image.brokers[m].epoch === request.epochs[i];
  });
  return fit ? 'NONE' : 'INELIGIBLE_REPLICA';
}
