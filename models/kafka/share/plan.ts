import type { Micros } from '../../../sim/kernel/time.ts';
import { MILLISECOND } from '../../../sim/kernel/time.ts';
import type { Settings } from '../../parts/config.ts';
import type { ConsumerPlan, Deployment } from '../../parts/system.ts';

/** How one share group reads. */
export interface ShareGroupPlan {
  readonly lockDuration: Micros;
  readonly deliveries: number;
  readonly locks: number;
  readonly maxSize: number;
  readonly session: Micros;
  readonly heartbeat: Micros;
  readonly reset: string;
  /** It had read before the run began, and has its start offset at 0. */
  readonly isOld: boolean;
}

/** A consumer whose `group.protocol` is `share` is a KafkaShareConsumer. */
export function isShare({ config }: Pick<ConsumerPlan, 'config'>): boolean {
  return config.text('group.protocol') === 'share';
}

/** Settings of the group itself win over the broker's. */
export function readShareGroup(
  { config }: ConsumerPlan,
  cluster: Settings,
  isOld: boolean,
): ShareGroupPlan {
  const own = (name: string) =>
    config.given(name) ? config.number(name) : cluster.number(`group.${name}`);
  return {
    lockDuration: own('share.record.lock.duration.ms') * MILLISECOND,
    deliveries: cluster.number('group.share.delivery.count.limit'),
    locks: cluster.number('group.share.partition.max.record.locks'),
    maxSize: cluster.number('group.share.max.size'),
    session: own('share.session.timeout.ms') * MILLISECOND,
    heartbeat: own('share.heartbeat.interval.ms') * MILLISECOND,
    reset: config.text('share.auto.offset.reset'),
    isOld,
  };
}

export function readShareGroups(
  { consumers, cluster }: Deployment,
  isOld: (plan: ConsumerPlan) => boolean,
): ReadonlyMap<string, ShareGroupPlan> {
  return new Map(
    consumers
      .filter(isShare)
      .map((plan) => [plan.name, readShareGroup(plan, cluster.config, isOld(plan))]),
  );
}
