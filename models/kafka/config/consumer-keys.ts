import type { KeyTable } from '../../parts/config.ts';
import { bool, bytes, CONNECTION_KEYS, int, list, ms, others, text } from './key.ts';

/** Source: `ConsumerConfig`, branch 3.9. */
export const CONSUMER_KEYS: KeyTable = [
  int('max.poll.records', 500, 'Records that one poll hands out at most.', { min: 1 }),
  ms('max.poll.interval.ms', 300_000, 'A member that polls less often leaves its group.', {
    min: 1,
  }),
  ms('session.timeout.ms', 45_000, 'How long a silent member keeps its partitions.', {
    was: [{ before: '3.0', default: 10_000 }],
  }),
  ms('heartbeat.interval.ms', 3000, 'Time between two heartbeats to the coordinator.'),
  bytes('fetch.min.bytes', 1, 'A fetch waits until this much is there.'),
  ms('fetch.max.wait.ms', 500, 'A fetch waits this long for fetch.min.bytes.'),
  bytes('fetch.max.bytes', 52_428_800, 'A fetch returns about this much at most.'),
  bytes('max.partition.fetch.bytes', 1_048_576, 'The same for one partition.'),
  bool('enable.auto.commit', true, 'poll() commits by itself what earlier polls returned.'),
  ms('auto.commit.interval.ms', 5000, 'Least time between two automatic commits.'),
  text(
    'auto.offset.reset',
    'latest',
    'Where to read without an offset: latest, earliest, none, or by_duration:PT1H.',
  ),
  text('isolation.level', 'read_uncommitted', 'Are aborted and open transactions read too?', {
    oneOf: ['read_uncommitted', 'read_committed'],
  }),
  list('partition.assignment.strategy', 'range,cooperative-sticky', 'Assignors by preference.'),
  text(
    'group.protocol',
    'classic',
    'How the group is coordinated; share: as by KafkaShareConsumer.',
    {
      oneOf: ['classic', 'consumer', 'share'],
    },
  ),
  text('group.remote.assignor', null, "The coordinator's assignor; with the consumer protocol.", {
    oneOf: ['uniform', 'range'],
  }),
  text('group.instance.id', null, 'Makes a static member; a list gives one to each instance.'),
  text(
    'share.acknowledgement.mode',
    'implicit',
    'Does the next poll() accept all of the last one?',
    {
      oneOf: ['implicit', 'explicit'],
    },
  ),
  text('share.auto.offset.reset', 'latest', 'Of a share group: where a new one begins.', {
    oneOf: ['latest', 'earliest'],
  }),
  ms('share.record.lock.duration.ms', null, 'Of a share group: how long a member has a record.', {
    min: 1000,
    max: 3_600_000,
  }),
  ms('share.session.timeout.ms', null, 'Of a share group: a silent member is removed after it.'),
  ms('share.heartbeat.interval.ms', null, 'Of a share group: time between two heartbeats.'),
  ms('request.timeout.ms', 30_000, 'An unanswered request this old closes its connection.', {
    was: [
      { before: '0.10', default: 40_000 },
      { before: '2.0', default: 305_000 }, // Above the longest rebalance, until KIP-266.
    ],
  }),
  ms('default.api.timeout.ms', 60_000, 'How long a blocking call such as commitSync may take.'),
  ms('retry.backoff.ms', 100, 'Wait before the first retry.'),
  ms('retry.backoff.max.ms', 1000, 'The wait doubles with each retry up to this.'),
  ms('reconnect.backoff.ms', 50, 'Wait before the first new connection to a broker.'),
  ms('reconnect.backoff.max.ms', 1000, 'That wait doubles with each failure up to this.'),
  ms('socket.connection.setup.timeout.ms', 10_000, 'How long a connection may take to be set up.'),
  ms('metadata.max.age.ms', 300_000, 'Metadata older than this is fetched anew.'),
  text('client.rack', '', 'Where the consumer is; broker-2 is in rack-2 (KIP-392).'),
  ...others(`
    key.deserializer value.deserializer group.id share.isolation.level share.acquire.mode
    allow.auto.create.topics check.crcs exclude.internal.topics
    internal.leave.group.on.close ${CONNECTION_KEYS}
  `),
];
