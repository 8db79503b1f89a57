import type { KeyTable } from '../../parts/config.ts';
import { bool, bytes, CONNECTION_KEYS, int, list, ms, NEVER, others, span, text } from './key.ts';

/** Source: `KafkaConfig` and the configuration classes beside it, branch 3.9. */
export const BROKER_KEYS: KeyTable = [
  int('min.insync.replicas', 1, 'Smallest ISR with which acks=all is accepted.', { min: 1 }),
  bool('unclean.leader.election.enable', false, 'May a replica outside the ISR lead?', {
    was: [{ before: '0.11', default: true }],
  }),
  ms('replica.lag.time.max.ms', 30_000, 'A follower behind for this long leaves the ISR.', {
    was: [{ before: '2.5', default: 10_000 }],
  }),
  ms('replica.fetch.wait.max.ms', 500, "How long a follower's fetch waits for data."),
  bytes('replica.fetch.min.bytes', 1, "A follower's fetch waits until this much is there."),
  bytes('replica.fetch.max.bytes', 1_048_576, 'What a follower fetches of one partition.'),
  bytes('replica.fetch.response.max.bytes', 10_485_760, 'What a follower fetches at a time.'),
  ms('replica.fetch.backoff.ms', 1000, "A follower's pause after an error."),
  ms('replica.socket.timeout.ms', 30_000, 'A fetch unanswered for this long is given up.'),
  ms('replica.high.watermark.checkpoint.interval.ms', 5000, 'How often it is written to disk.'),
  ms('broker.heartbeat.interval.ms', 2000, "A broker's heartbeat to the controller."),
  ms('broker.session.timeout.ms', 9000, 'A broker silent for this long is fenced.'),
  ms('controller.socket.timeout.ms', 30_000, 'A request to the controller is repeated after it.'),
  bool('controlled.shutdown.enable', true, 'Move leaderships away before shutting down.'),
  bool('auto.leader.rebalance.enable', true, 'Give leaderships back to preferred replicas.'),
  span('s', 'leader.imbalance.check.interval.seconds', 300, 'How often that is looked at.', {
    min: 1,
  }),
  int('leader.imbalance.per.broker.percentage', 10, 'Imbalance that is tolerated.'),
  int('log.flush.interval.messages', NEVER, 'Records after which a log is synced.', { min: 1 }),
  ms('log.flush.interval.ms', null, 'Time after which a log is synced.'),
  bytes('log.segment.bytes', 1_073_741_824, 'Size at which a new segment is rolled.', {
    min: 14,
  }),
  span('h', 'log.roll.hours', 168, 'Age at which a new segment is rolled.', { min: 1 }),
  ms('log.roll.ms', null, 'The same in ms; wins over log.roll.hours.', { min: 1 }),
  span('h', 'log.retention.hours', 168, 'Age at which a segment is deleted; -1: never.', {
    min: -1,
  }),
  span('min', 'log.retention.minutes', null, 'The same in minutes; wins over hours.', { min: -1 }),
  ms('log.retention.ms', null, 'The same in ms; wins over minutes.', { min: -1 }),
  bytes('log.retention.bytes', -1, 'Size above which a partition loses segments; -1: none.', {
    min: -1,
  }),
  ms('log.retention.check.interval.ms', 300_000, 'How often retention is enforced.', { min: 1 }),
  ms('log.initial.task.delay.ms', 30_000, 'When it is enforced first.'),
  text(
    'replica.selector.class',
    null,
    'RackAwareReplicaSelector: consumers read near by (KIP-392).',
  ),
  text('log.cleanup.policy', 'delete', 'What becomes of old records of a topic.', {
    oneOf: ['delete', 'compact', 'compact,delete', 'delete,compact'],
  }),
  bool('log.cleaner.enable', true, 'Does the log cleaner run?'),
  ms('log.cleaner.backoff.ms', 15_000, 'How often the cleaner looks for a log to clean.', {
    min: 1,
  }),
  text('log.cleaner.min.cleanable.ratio', '0.5', 'Share that is dirty before a log is cleaned.'),
  ms('log.cleaner.min.compaction.lag.ms', 0, 'A record younger than this is not compacted away.'),
  ms('log.cleaner.max.compaction.lag.ms', NEVER, 'One older than this makes the log be cleaned.', {
    min: 1,
  }),
  ms('log.cleaner.delete.retention.ms', 86_400_000, 'How long a tombstone stays after cleaning.'),
  bytes('message.max.bytes', 1_048_588, 'Largest batch that is accepted.'),
  ms('producer.id.expiration.ms', 86_400_000, 'State of a silent producer is dropped after it.', {
    min: 1,
  }),
  int('offsets.topic.num.partitions', 50, 'Partitions of __consumer_offsets.', { min: 1 }),
  int('offsets.topic.replication.factor', 3, 'Replicas of each of them.', { min: 1 }),
  ms('offsets.commit.timeout.ms', 5000, 'How long a commit may wait for its replication.', {
    min: 1,
  }),
  ms('group.share.record.lock.duration.ms', 30_000, 'How long a member has a record.', {
    min: 1000,
    max: 3_600_000,
  }),
  int('group.share.delivery.count.limit', 5, 'A record handed out this often is archived.', {
    min: 2,
    max: 10,
  }),
  int('group.share.partition.max.record.locks', 2000, 'Records between start and end offset.', {
    min: 100,
    max: 10_000,
  }),
  int('group.share.max.size', 200, 'Members of a share group.', { min: 1 }),
  ms('group.share.session.timeout.ms', 45_000, 'A silent member of a share group is removed.', {
    min: 1,
  }),
  ms('group.share.heartbeat.interval.ms', 5000, 'What share group members are told to keep.', {
    min: 1,
  }),
  ms('transaction.max.timeout.ms', 900_000, 'Longest transaction.timeout.ms that is accepted.', {
    min: 1,
  }),
  ms('transactional.id.expiration.ms', 604_800_000, 'An id unused for this long is forgotten.', {
    min: 1,
  }),
  ms(
    'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    10_000,
    'How often transactions that take too long are looked for.',
    { min: 1 },
  ),
  ms(
    'transaction.remove.expired.transaction.cleanup.interval.ms',
    3_600_000,
    'How often expired transactional ids are looked for.',
    { min: 1 },
  ),
  int('transaction.state.log.num.partitions', 50, 'Partitions of __transaction_state.', { min: 1 }),
  int('transaction.state.log.replication.factor', 3, 'Replicas of each of them.', { min: 1 }),
  int('transaction.state.log.min.isr', 2, 'min.insync.replicas of each of them.', { min: 1 }),
  bool(
    'transaction.partition.verification.enable',
    true,
    'Ask the coordinator before a transaction first writes to a partition (KIP-890).',
    { was: [{ before: '3.5', default: false }] },
  ),
  ms('group.initial.rebalance.delay.ms', 3000, 'An empty group waits for more members.'),
  ms('group.min.session.timeout.ms', 6000, 'Shortest session timeout a member may ask for.'),
  ms('group.max.session.timeout.ms', 1_800_000, 'Longest one.'),
  ms('group.consumer.session.timeout.ms', 45_000, 'The same for the consumer protocol.'),
  ms('group.consumer.heartbeat.interval.ms', 5000, 'How often its members are heard of.', {
    min: 1,
  }),
  list('group.consumer.assignors', 'uniform,range', 'Its assignors, the default one first.'),
  span('min', 'offsets.retention.minutes', 10_080, 'Age at which a committed offset expires.', {
    min: 1,
    was: [{ before: '2.0', default: 1440 }],
  }),
  ms('offsets.retention.check.interval.ms', 600_000, 'How often that is looked at.', { min: 1 }),
  ...others(`
    default.replication.factor num.partitions num.replica.fetchers auto.create.topics.enable
    broker.id node.id process.roles controller.quorum.voters controller.quorum.bootstrap.servers
    controller.listener.names listeners advertised.listeners listener.security.protocol.map
    inter.broker.listener.name inter.broker.protocol.version log.message.format.version
    log.dirs log.dir metadata.log.dir broker.rack broker.id.generation.enable
    unclean.leader.election.interval.ms controlled.shutdown.max.retries
    controlled.shutdown.retry.backoff.ms controller.quorum.fetch.timeout.ms
    controller.quorum.election.timeout.ms controller.quorum.election.backoff.max.ms
    controller.quorum.request.timeout.ms controller.quorum.append.linger.ms
    controller.quorum.retry.backoff.ms initial.broker.registration.timeout.ms
    log.flush.offset.checkpoint.interval.ms log.flush.start.offset.checkpoint.interval.ms
    log.flush.scheduler.interval.ms log.segment.delete.delay.ms log.cleaner.dedupe.buffer.size
    log.cleaner.io.buffer.load.factor
    log.cleaner.io.buffer.size log.cleaner.io.max.bytes.per.second
    log.cleaner.threads log.index.interval.bytes
    log.index.size.max.bytes log.message.downconversion.enable log.message.timestamp.type
    log.message.timestamp.after.max.ms log.message.timestamp.before.max.ms
    log.message.timestamp.difference.max.ms log.preallocate log.roll.jitter.hours
    log.roll.jitter.ms log.local.retention.bytes log.local.retention.ms
    num.network.threads num.io.threads background.threads num.recovery.threads.per.data.dir
    queued.max.requests queued.max.request.bytes request.timeout.ms
    socket.request.max.bytes socket.send.buffer.bytes socket.receive.buffer.bytes
    socket.listen.backlog.size max.connections max.connections.per.ip
    max.connections.per.ip.overrides max.connection.creation.rate
    fetch.max.bytes max.incremental.fetch.session.cache.slots
    fetch.purgatory.purge.interval.requests producer.purgatory.purge.interval.requests
    replica.socket.receive.buffer.bytes
    transaction.state.log.segment.bytes transaction.state.log.load.buffer.size
    offsets.topic.segment.bytes
    offsets.topic.compression.codec offsets.load.buffer.size offset.metadata.max.bytes
    offsets.commit.required.acks group.max.size group.coordinator.threads
    group.coordinator.append.linger.ms group.coordinator.rebalance.protocols
    group.consumer.min.session.timeout.ms group.consumer.max.session.timeout.ms
    group.consumer.min.heartbeat.interval.ms group.consumer.max.heartbeat.interval.ms
    group.consumer.max.size group.consumer.migration.policy
    group.share.enable group.share.max.groups group.share.max.record.lock.duration.ms
    group.share.min.record.lock.duration.ms group.share.max.share.sessions
    share.coordinator.state.topic.num.partitions share.coordinator.state.topic.replication.factor
    share.coordinator.state.topic.min.isr
    compression.type compression.gzip.level compression.lz4.level compression.zstd.level
    delete.topic.enable delete.records.purgatory.purge.interval.requests
    create.topic.policy.class.name alter.config.policy.class.name authorizer.class.name
    super.users allow.everyone.if.no.acl.found principal.builder.class early.start.listeners
    quota.consumer.default quota.producer.default quota.window.num quota.window.size.seconds
    replication.quota.window.num replication.quota.window.size.seconds
    alter.log.dirs.replication.quota.window.num metadata.log.max.record.bytes.between.snapshots
    metadata.log.max.snapshot.interval.ms metadata.log.segment.bytes metadata.log.segment.ms
    metadata.max.idle.interval.ms metadata.max.retention.bytes metadata.max.retention.ms
    remote.log.storage.system.enable remote.log.manager.task.interval.ms
    remote.log.metadata.manager.class.name remote.log.storage.manager.class.name
    sasl.enabled.mechanisms sasl.mechanism.inter.broker.protocol sasl.mechanism.controller.protocol
    security.inter.broker.protocol ssl.client.auth ssl.principal.mapping.rules
    kafka.metrics.reporters kafka.metrics.polling.interval.secs telemetry.max.bytes
    zookeeper.connect zookeeper.connection.timeout.ms zookeeper.session.timeout.ms
    zookeeper.max.in.flight.requests zookeeper.metadata.migration.enable zookeeper.set.acl
    connection.failed.authentication.delay.ms connections.max.reauth.ms
    client.rack ${CONNECTION_KEYS}
  `),
];
