import type { KeyTable } from '../../parts/config.ts';
import { bool, bytes, int, ms, span, text, unmodelled } from '../../parts/key.ts';
import type { Place } from '../../parts/system.ts';

/**
 * Sources: rabbitmq.conf and advanced.config; queue and exchange arguments; the properties of an
 * AMQP message; the Java client's `ConnectionFactory`. What stands beside `config:` is spelled as
 * in a definitions file (`rabbitmqctl export_definitions`).
 */

/** `rabbitmq.conf`. */
const CLUSTER: KeyTable = [
  span('s', 'heartbeat', 60, 'Heartbeat that the server proposes; 0: none.'),
  ms('consumer_timeout', 1_800_000, 'Longest time that a delivery may stay unacknowledged.', {
    was: [{ before: '3.8.15', default: 0 }],
  }),
  ms('channel_tick_interval', 60_000, 'How often a channel looks for such deliveries.', { min: 1 }),
  bytes(
    'vm_memory_high_watermark.absolute',
    null,
    'Above this much memory in messages publishers are blocked; without it never.',
  ),
  bytes(
    'disk_free_limit.absolute',
    50_000_000,
    'Below this much free disk publishers are blocked.',
  ),
  text('cluster_partition_handling', 'ignore', 'What nodes do that lose sight of others.', {
    oneOf: ['ignore', 'autoheal', 'pause_minority'],
  }),
  span('s', 'net_ticktime', 60, 'A node silent for about this long counts as down.', { min: 1 }),
  ...unmodelled(
    'RabbitMQ',
    `listeners.tcp.default listeners.ssl.default log.console log.console.level log.file
     log.file.level default_user default_pass default_vhost default_permissions.configure
     default_permissions.read default_permissions.write loopback_users.guest channel_max frame_max
     vm_memory_high_watermark.relative disk_free_limit.relative queue_master_locator
     queue_leader_locator cluster_name cluster_formation.peer_discovery_backend
     cluster_formation.node_cleanup.interval cluster_formation.node_cleanup.only_log_warning
     mirroring_sync_batch_size collect_statistics collect_statistics_interval
     management.tcp.port management.load_definitions load_definitions
     vm_memory_high_watermark_paging_ratio msg_store_file_size_limit
     queue_index_embed_msgs_below max_message_size handshake_timeout`,
  ),
];

export const CLUSTER_SHAPE: KeyTable = [
  int('nodes', 1, 'Broker nodes, broker-1 and so on.', { min: 1, max: 9 }),
  bytes('disk', null, 'Free disk of each node at the start; without it there is plenty.'),
  {
    ...text('policies', '[]', 'Policies, as in a definitions file: name, pattern, definition.'),
    type: 'json',
  },
];

/** Arguments of `queue.declare`. */
const QUEUE: KeyTable = [
  text('x-queue-type', 'classic', 'Which kind of queue.', {
    oneOf: ['classic', 'quorum', 'stream'],
  }),
  ms('x-message-ttl', null, 'How long a message may wait here.'),
  ms('x-expires', null, 'The queue is deleted when unused for this long.', { min: 1 }),
  int('x-max-length', null, 'Most messages that wait here.'),
  bytes('x-max-length-bytes', null, 'Most bytes of bodies that wait here.'),
  text('x-overflow', 'drop-head', 'What happens at the limit.', {
    oneOf: ['drop-head', 'reject-publish', 'reject-publish-dlx'],
  }),
  text('x-dead-letter-exchange', null, 'Where messages go that leave without being consumed.'),
  text('x-dead-letter-routing-key', null, 'Their new routing key; without it they keep their own.'),
  int('x-max-priority', null, 'Priorities 0 to this one, each in order.', { min: 1, max: 255 }),
  bool('x-single-active-consumer', false, 'One consumer at a time, the others stand by.'),
  ms('x-consumer-timeout', null, "Instead of the server's consumer_timeout."),
  int('x-delivery-limit', 20, 'Quorum: failed deliveries allowed to a message; -1: any number.', {
    min: -1,
    was: [{ before: '4.0', default: -1 }],
  }),
  int('x-quorum-initial-group-size', 3, 'Quorum: members, at most one a node.', { min: 1, max: 9 }),
  bytes('x-stream-max-segment-size-bytes', 500_000_000, 'Stream: what is removed at a time.', {
    min: 1,
  }),
  text('x-max-age', null, 'Stream: how long messages are kept, as "7D", "12h", "30m", "10s".'),
  text('x-dead-letter-strategy', 'at-most-once', 'Quorum: may dead letters get lost?', {
    oneOf: ['at-most-once', 'at-least-once'],
  }),
  ...unmodelled('RabbitMQ', 'x-queue-mode x-queue-version x-queue-leader-locator'),
];

export const QUEUE_SHAPE: KeyTable = [
  bool('durable', true, 'Does the queue survive a restart of its node?'),
  bool('auto_delete', false, 'Deleted when its last consumer leaves.'),
  bool('exclusive', false, 'Of one connection, and deleted with it.'),
  bool('declared', true, 'Does it exist from the start, or once somebody declares it?'),
  int('node', 1, 'Home node: 1 is broker-1.', { min: 1, max: 9 }),
];

/** What a publishing application says with each message, and its client library. */
const PRODUCER: KeyTable = [
  text('routing_key', null, 'Routing key; "{key}" is the key of the message ("key-3").'),
  int('delivery_mode', 2, '2 persistent (default of Spring AMQP), 1 transient.', {
    min: 1,
    max: 2,
  }),
  bool('mandatory', false, 'Is an unroutable message returned?'),
  ms('expiration', null, 'Per-message TTL.'),
  int('priority', null, 'Priority of the messages.', { min: 0, max: 255 }),
  { ...text('headers', '{}', 'Headers, also CC, BCC and x-delay.'), type: 'json' },
  bool('confirm.select', true, 'Publisher confirms; without them a publish counts as done.'),
  int('maxOutstandingConfirms', 100, 'Publishes that may wait for their confirm.', { min: 1 }),
  ms('confirmTimeout', 5_000, 'A confirm that takes longer is given up; 0: never.'),
  bool('republish', true, 'Is what was nacked, or not confirmed in time, published again?'),
  int('republishAttempts', 5, 'Publishes of one message in all.', { min: 1 }),
  ms('republishDelay', 1_000, 'Pause after a basic.nack.'),
];

/** A consuming application and its client library. */
const CONSUMER: KeyTable = [
  int('prefetch', 0, 'basic.qos: unacknowledged deliveries; 0: unlimited.', { max: 65_535 }),
  bool('global', false, 'Does the prefetch hold for the channel, not for each consumer?'),
  bool('no_ack', false, 'Automatic acknowledgement: gone once written to the socket.'),
  bool('multiple', false, 'Acknowledge everything up to a delivery with it.'),
  text('onFailure', 'nack', 'What is said of a message whose handler failed.', {
    oneOf: ['nack', 'reject', 'nothing'],
  }),
  bool('requeue', true, 'Does it come back, or is it dead-lettered or dropped?'),
  bool('exclusive', false, 'No other consumer is let in.'),
  text('x-priority', '0', 'Consumer priority; for several instances a list: "10, 0".'),
  text('x-stream-offset', 'next', 'Stream: first, last, next, an offset, or an age as "1h".'),
  int('consumersPerChannel', 1, 'Times basic.consume is called on the channel.', {
    min: 1,
    max: 100,
  }),
  int('doubleAckEvery', 0, 'A bug: every n-th delivery is acknowledged twice.'),
  ms('basic.get', null, 'Poll with basic.get, pausing so long after an empty answer.', { min: 1 }),
];

/** `ConnectionFactory` of the Java client. */
const CLIENT: KeyTable = [
  span('s', 'requestedHeartbeat', 60, 'Heartbeat that the client asks for; the smaller one wins.'),
  bool('automaticRecovery', true, 'Does the client connect again?'),
  ms('networkRecoveryInterval', 5_000, 'Pause before each attempt to connect again.'),
  int('endpoint', 0, 'Which node it connects to first; 0: spread over all.', { max: 9 }),
  ...unmodelled(
    'RabbitMQ',
    `host port username password virtualHost connectionTimeout handshakeTimeout shutdownTimeout
     topologyRecovery channelRpcTimeout requestedChannelMax requestedFrameMax`,
  ),
];

const EXCHANGE: KeyTable = [
  text('alternate-exchange', null, 'Where messages go that no binding matches.'),
  text('x-delayed-type', 'direct', 'How an x-delayed-message exchange routes.', {
    oneOf: ['direct', 'fanout', 'topic', 'headers'],
  }),
];

export const EXCHANGE_SHAPE: KeyTable = [
  text('type', 'direct', 'How it routes.', {
    oneOf: ['direct', 'fanout', 'topic', 'headers', 'x-delayed-message'],
  }),
  bool('durable', true, 'Does it survive a restart of the cluster?'),
  bool('internal', false, 'Only other exchanges may publish to it.'),
  {
    ...text('bindings', '[]', 'As in a definitions file: destination, routing_key, arguments.'),
    type: 'json',
  },
];

export const EXCHANGE_KEYS = EXCHANGE;

export const KEYS: Readonly<Record<Place, KeyTable>> = {
  cluster: CLUSTER,
  channel: QUEUE,
  producer: [...PRODUCER, ...CLIENT],
  consumer: [...CONSUMER, ...CLIENT],
};
