import { olderThan } from '../parts/config.ts';
import { EVERY_POLL } from '../parts/application.ts';
import type { ConsumerPlan, Deployment, Finding } from '../parts/system.ts';
import { groupInstances, readAssignors, readServerAssignors } from './config/settings.ts';
import { ASSIGNORS } from './consumer/assignor.ts';
import { checkShare } from './share/check.ts';
import { isShare } from './share/plan.ts';

type Say = (severity: Finding['severity'], key: string, says: string, hint: string) => void;

/** What a KafkaConsumer or its coordinator refuses, in their own words where they have some. */
export function checkConsumer(plan: ConsumerPlan, deployment: Deployment): Finding[] {
  const found: Finding[] = [];
  const say: Say = (severity, key, says, hint) =>
    found.push({ severity, place: 'consumer', component: plan.name, key, says, hint });
  if (isShare(plan) && plan.output !== undefined) {
    const says = 'a share group has no offsets that could go with what is produced';
    say('refused', 'group.protocol', says, 'group.protocol: classic');
  }
  if (isShare(plan)) {
    const { cluster, version } = deployment;
    for (const said of checkShare(plan, cluster.config, version)) say(...said);
    return found;
  }
  if (plan.config.text('group.protocol') === 'consumer') checkModern(plan, deployment, say);
  else checkClassic(plan, deployment, say);
  checkInstances(plan, deployment.version, say);
  checkTimeouts(plan, deployment.version, say);
  checkCommits(plan, say);
  checkReset(plan, deployment.version, say);
  return found;
}

function checkClassic({ config }: ConsumerPlan, { version, cluster }: Deployment, say: Say): void {
  const session = config.number('session.timeout.ms');
  const heartbeat = config.number('heartbeat.interval.ms');
  if (heartbeat >= session) {
    const says = 'Heartbeat must be set lower than the session timeout';
    say('refused', 'heartbeat.interval.ms', says, 'a third of session.timeout.ms');
  }
  const least = cluster.config.number('group.min.session.timeout.ms');
  const most = cluster.config.number('group.max.session.timeout.ms');
  if (session < least || session > most) {
    const says = `INVALID_SESSION_TIMEOUT: the broker allows ${least} to ${most}`;
    say('refused', 'session.timeout.ms', says, 'or change group.min/max.session.timeout.ms');
  }
  if (config.given('group.remote.assignor')) {
    const says = 'group.remote.assignor cannot be set when group.protocol=CLASSIC';
    say('refused', 'group.remote.assignor', says, 'group.protocol: consumer');
  }
  const key = 'partition.assignment.strategy';
  const assignors = readAssignors(config);
  const known = Object.keys(ASSIGNORS);
  const [first] = assignors;
  if (!assignors.some((assignor) => known.includes(assignor))) {
    say('refused', key, `no assignor that is modelled`, known.join(' or '));
  } else if (!known.includes(first)) {
    const says = `${first} is not modelled yet: the next one in the list is used`;
    say('adjusted', key, says, known.join(' or '));
  }
  if (config.given(key) && first === 'cooperative-sticky' && olderThan(version, '2.4')) {
    say('refused', key, 'cooperative rebalancing came with 2.4 (KIP-429)', 'sticky');
  }
}

/** Keys that belong to the other protocol. */
const CLASSIC_ONLY = [
  'partition.assignment.strategy',
  'heartbeat.interval.ms',
  'session.timeout.ms',
] as const;

function checkModern({ config }: ConsumerPlan, { version, cluster }: Deployment, say: Say): void {
  if (olderThan(version, '3.7')) {
    const says = 'the consumer protocol (KIP-848) came with 3.7';
    say('refused', 'group.protocol', says, 'group.protocol: classic, or a newer version');
  }
  for (const key of CLASSIC_ONLY) {
    if (!config.given(key)) continue;
    const hint = 'the brokers set this for the whole group: group.consumer...';
    say('refused', key, `${key} cannot be set when group.protocol=CONSUMER`, hint);
  }
  const assignor = config.text('group.remote.assignor');
  const known = readServerAssignors(cluster.config);
  if (assignor !== '' && !known.includes(assignor)) {
    const says = `UNSUPPORTED_ASSIGNOR: the brokers have ${known.join(', ')}`;
    say('refused', 'group.remote.assignor', says, known.join(' or '));
  }
}

function checkInstances(plan: ConsumerPlan, version: string, say: Say): void {
  const key = 'group.instance.id';
  if (plan.config.value(key) === null) return;
  const ids = groupInstances(plan);
  if (ids.length === 0) {
    say('refused', key, 'String must be non-empty', 'a name that stays with the instance');
  } else if (ids.length !== plan.instances) {
    const says = `${ids.length} ids for ${plan.instances} instances`;
    say('refused', key, says, 'one for each, or a single one that gets a number appended');
  }
  if (olderThan(version, '2.3')) {
    say('refused', key, 'static membership came with 2.3 (KIP-345)', 'a newer version');
  }
}

/** Until KIP-266 a blocking call could last as long as its slowest request. */
function checkTimeouts({ config }: ConsumerPlan, version: string, say: Say): void {
  const key = 'request.timeout.ms';
  const [request, session, wait] = [key, 'session.timeout.ms', 'fetch.max.wait.ms'].map((name) =>
    config.number(name),
  );
  if (!olderThan(version, '2.0') || request > Math.max(session, wait)) return;
  const says = `${key} should be greater than session.timeout.ms and fetch.max.wait.ms`;
  say('refused', key, says, `more than ${Math.max(session, wait)}, or version 2.0`);
}

function checkCommits({ config, handling }: ConsumerPlan, say: Say): void {
  const auto = config.flag('enable.auto.commit');
  if (config.given('enable.auto.commit') && auto !== (handling.acknowledge === 'auto')) {
    const says = auto
      ? `enable.auto.commit=true contradicts process.acknowledge: ${handling.acknowledge}`
      : 'enable.auto.commit=false contradicts process.acknowledge: auto: nothing would be committed';
    const hint = auto ? 'acknowledge: auto' : 'acknowledge: after';
    say('refused', 'enable.auto.commit', says, hint);
  }
  const { every, sync, onRevoke } = handling.commit ?? EVERY_POLL;
  if ((every > 1 || !sync || onRevoke) && handling.acknowledge !== 'after') {
    const says = `process.commit has no meaning with acknowledge: ${handling.acknowledge}`;
    say('refused', 'commit', says, 'acknowledge: after');
  }
}

function checkReset({ config }: ConsumerPlan, version: string, say: Say): void {
  const reset = config.text('auto.offset.reset');
  if (['latest', 'earliest', 'none'].includes(reset)) return;
  const key = 'auto.offset.reset';
  if (!/^by_duration:P(?!$)(\d+D)?(T(?!$)(\d+H)?(\d+M)?(\d+S)?)?$/.test(reset)) {
    const says = `Invalid value ${reset} for configuration auto.offset.reset`;
    say('refused', key, says, 'latest, earliest, none or by_duration:PT1H');
  } else if (olderThan(version, '4.0')) {
    say('refused', key, 'by_duration came with 4.0 (KIP-1106)', 'earliest, or version 4.0');
  }
}
