import type { Settings } from '../parts/config.ts';
import type { ConsumerPlan, Deployment, Finding, Place } from '../parts/system.ts';
import { idempotenceConflict, isTransactional } from './config/transactions.ts';

/** What Kafka refuses about transactions, in its own words. */
export function checkTransactions(deployment: Deployment): Finding[] {
  const { cluster } = deployment;
  const found: Finding[] = [];
  for (const { name, config, workload } of deployment.producers) {
    found.push(...checkOne('producer', name, config, cluster.config));
    if (workload.transaction !== undefined && !isTransactional(config)) {
      const says =
        'Cannot use transactional methods without enabling transactions by setting the transactional.id configuration property';
      const hint = 'set transactional.id, or remove `transaction:`';
      found.push(refused('producer', name, 'transactional.id', says, hint));
    }
  }
  for (const plan of deployment.consumers) found.push(...checkOutput(plan, cluster.config));
  return found;
}

function refused(
  place: Place,
  component: string,
  key: string,
  says: string,
  hint: string,
): Finding {
  return { severity: 'refused', place, component, key, says, hint };
}

function checkOutput(plan: ConsumerPlan, cluster: Settings): Finding[] {
  const { name, output, config } = plan;
  // What a job is refused it meets when it starts (FLINK-30419).
  if (output === undefined || plan.checkpoints !== undefined) return [];
  const found = checkOne('consumer', name, output.config, cluster);
  if (config.text('group.protocol') === 'share') {
    const says = 'a share consumer that produces is not modelled';
    found.push(refused('consumer', name, 'group.protocol', says, 'group.protocol: classic'));
  }
  return found;
}

function checkOne(place: Place, name: string, config: Settings, cluster: Settings): Finding[] {
  if (!isTransactional(config)) return [];
  const found: Finding[] = [];
  const say = (key: string, says: string, hint: string) =>
    found.push(refused(place, name, key, says, hint));
  const most = cluster.number('transaction.max.timeout.ms');
  if (config.number('transaction.timeout.ms') > most) {
    const says =
      'INVALID_TRANSACTION_TIMEOUT: The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms).';
    say('transaction.timeout.ms', says, `at most ${most}`);
  }
  if (config.given('enable.idempotence') && !config.flag('enable.idempotence')) {
    const says = 'Cannot set a transactional.id without also enabling idempotence.';
    say('enable.idempotence', says, 'remove it, or remove transactional.id');
    return found;
  }
  const conflict = idempotenceConflict(config);
  // What else stands against idempotence is refused where idempotence is asked for by itself.
  if (conflict !== undefined && !config.given('enable.idempotence')) {
    const says =
      conflict === 'acks'
        ? 'Must set acks to all in order to use the idempotent producer.'
        : `Must set ${conflict} as the idempotent producer needs it to use transactions.`;
    say(conflict, says, 'or remove transactional.id');
  }
  return found;
}
