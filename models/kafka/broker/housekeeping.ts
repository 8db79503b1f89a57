import { type Broker, Timer } from './state.ts';

/** What a broker does with old records by and by: retention and compaction. */

/** Every log.retention.check.interval.ms. */
export function enforceRetention(broker: Broker): void {
  const { out, layout } = broker;
  const now = out.clock;
  for (const replica of broker.own) {
    const { log, plan } = replica;
    if (plan.stream < 0) continue;
    log.expireProducers(now - layout.broker.producerIdExpiration);
    if (!log.expire(now, replica.highWatermark) || replica.role.is !== 'leader') continue;
    layout.chronicle.expired(plan.index, replica.leaderEpoch, log.start, out);
  }
}

/** The cleaner has something to look at only where a topic is compacted, now or later. */
export function startCleaner(broker: Broker): void {
  const { cleanerEvery } = broker.layout.broker;
  const compacts = broker.own.some(({ plan, config }) => plan.stream >= 0 && config.compacts);
  if (!compacts || broker.cleans || cleanerEvery === Infinity) return;
  broker.cleans = true;
  broker.out.timer(cleanerEvery, Timer.cleaner);
}

/** Every log.cleaner.backoff.ms: the dirtiest log first, until none is dirty enough. */
export function runCleaner(broker: Broker): void {
  const { out, layout } = broker;
  const now = out.clock;
  const dirty = broker.own
    .filter((replica) => replica.plan.stream >= 0)
    .map((replica) => ({ replica, ratio: replica.log.dirtiness(now, replica.highWatermark) }))
    .filter(({ ratio }) => ratio > 0)
    .sort((a, b) => b.ratio - a.ratio || a.replica.plan.index - b.replica.plan.index);
  for (const { replica } of dirty) {
    const { log, plan } = replica;
    log.clean(now, replica.highWatermark);
    out.count(out.names.id('logs.cleaned'));
    if (out.tracing) out.tell(`${plan.name} is clean up to ${log.cleanedTo}`);
    if (replica.role.is !== 'leader') continue;
    layout.chronicle.compacted(plan.index, replica.leaderEpoch, log, out);
  }
  out.timer(layout.broker.cleanerEvery, Timer.cleaner);
}
