import type { Key, KeyTable, KeyType, KeyUnit, KeyValue } from '../parts/config.ts';
import type { ChannelKind, Place } from '../parts/system.ts';

/** Sources: Amazon SQS API Reference (2012-11-05); AWS SDKs; bbc/sqs-consumer `ConsumerOptions`. */

function key(
  name: string,
  type: KeyType,
  unit: KeyUnit,
  value: KeyValue,
  range: readonly [min: number, max: number] | undefined,
  says: string,
): Key {
  const bounds = range === undefined ? {} : { min: range[0], max: range[1] };
  return { name, type, unit, default: value, ...bounds, modelled: true, says };
}

/** A key that exists and has no effect here. */
function other(name: string, type: KeyType, says: string): Key {
  return { name, type, unit: '', default: null, modelled: false, says };
}

const queue: KeyTable = [
  key(
    'VisibilityTimeout',
    'int',
    's',
    30,
    [0, 43_200],
    'How long a received message stays hidden.',
  ),
  key(
    'ReceiveMessageWaitTimeSeconds',
    'int',
    's',
    0,
    [0, 20],
    'How long a receive waits for a first message; 0 polls a sample of the servers (short poll).',
  ),
  key('DelaySeconds', 'int', 's', 0, [0, 900], 'How long a sent message stays hidden at first.'),
  key(
    'MessageRetentionPeriod',
    'int',
    's',
    345_600,
    [60, 1_209_600],
    'How long after its sending a message is kept, whatever happens to it.',
  ),
  key('MaximumMessageSize', 'int', 'bytes', 1_048_576, [1024, 1_048_576], 'Largest message.'),
  key(
    'RedrivePolicy',
    'json',
    '',
    null,
    undefined,
    'deadLetterTargetArn (or the name of a queue here) and maxReceiveCount.',
  ),
  key('FifoQueue', 'bool', '', null, undefined, 'Order by message group; the name ends in .fifo.'),
  key(
    'ContentBasedDeduplication',
    'bool',
    '',
    false,
    undefined,
    'FIFO: without a MessageDeduplicationId, the body (not the attributes) stands for one.',
  ),
  {
    ...key('DeduplicationScope', 'text', '', 'queue', undefined, 'FIFO: where an id is unique.'),
    oneOf: ['queue', 'messageGroup'],
  },
  {
    ...key(
      'FifoThroughputLimit',
      'text',
      '',
      'perQueue',
      undefined,
      'FIFO: what has a quota of calls; perMessageGroupId splits the queue into partitions.',
    ),
    oneOf: ['perQueue', 'perMessageGroupId'],
  },
  other('RedriveAllowPolicy', 'json', 'Which queues may use this one as dead-letter queue.'),
  key(
    'Policy',
    'json',
    '',
    null,
    undefined,
    'Access policy: may SNS send here? Conditions are not looked at.',
  ),
  other('KmsMasterKeyId', 'text', 'Encryption at rest.'),
  other('KmsDataKeyReusePeriodSeconds', 'int', 'Encryption at rest.'),
  other('SqsManagedSseEnabled', 'bool', 'Encryption at rest.'),
  other('QueueArn', 'text', 'The name of the queue is what counts here.'),
  other('ApproximateNumberOfMessages', 'int', 'Reported by the service, not set.'),
  other('ApproximateNumberOfMessagesDelayed', 'int', 'Reported by the service, not set.'),
  other('ApproximateNumberOfMessagesNotVisible', 'int', 'Reported by the service, not set.'),
  other('CreatedTimestamp', 'int', 'Reported by the service, not set.'),
  other('LastModifiedTimestamp', 'int', 'Reported by the service, not set.'),
];

/** What every AWS SDK client has; names as in the SDK for JavaScript v3. */
const sdk: KeyTable = [
  key('maxAttempts', 'int', '', 3, [1, 100], 'Tries of one call in all, the first included.'),
  {
    ...key('retryMode', 'text', '', 'standard', undefined, 'How the SDK paces its tries.'),
    oneOf: ['standard', 'adaptive', 'legacy'],
  },
  key(
    'socketTimeout',
    'int',
    'ms',
    30_000,
    [1, 86_400_000],
    'How long a try waits for its answer; 30 s as in the SDK for Java 2.x.',
  ),
  other('connectionTimeout', 'int', 'Connections are not modelled: each request is on its own.'),
  other('requestTimeout', 'int', 'socketTimeout is the one that counts here.'),
];

const producer: KeyTable = [
  key('DelaySeconds', 'int', 's', null, [0, 900], "The message's own; without it the queue's."),
  ...sdk,
  key('maxSockets', 'int', '', 50, [1, 100_000], 'Requests that one client has open at a time.'),
  {
    ...key(
      'maxBatchSize',
      'int',
      '',
      1,
      [1, 10],
      'Messages of a burst in one SendMessageBatch; 1 sends each by itself (model choice; 10 in ' +
        "the SDK's SqsAsyncBatchManager).",
    ),
    refusal: 'TooManyEntriesInBatchRequest',
  },
  other('sendRequestFrequency', 'int', 'Batches are made of what is due at one moment.'),
  key(
    'MessageGroupId',
    'text',
    '',
    null,
    undefined,
    'FIFO: whose order it is; standard: whose share (fair queues). {key} stands for the key.',
  ),
  key(
    'MessageDeduplicationId',
    'text',
    '',
    null,
    undefined,
    'FIFO: what repeats are told by. {producer}, {sequence} and {key} are those of the message.',
  ),
  key(
    'MessageAttributes',
    'json',
    '',
    null,
    undefined,
    'What filter policies see. A list of values is taken in turn.',
  ),
  key(
    'MessageBody',
    'json',
    '',
    null,
    undefined,
    'The body, if anybody looks at it; without it every body is another one. Lists in turn.',
  ),
];

const consumer: KeyTable = [
  key('MaxNumberOfMessages', 'int', '', 1, [1, 10], 'Most messages of one receive.'),
  key('WaitTimeSeconds', 'int', 's', null, [0, 20], "Without it the queue's."),
  key('VisibilityTimeout', 'int', 's', null, [0, 43_200], "Without it the queue's."),
  ...sdk,
  key(
    'pollingWaitTimeMs',
    'int',
    'ms',
    0,
    [0, 86_400_000],
    'Pause after an empty receive (sqs-consumer).',
  ),
  key(
    'terminateVisibilityTimeout',
    'bool',
    '',
    false,
    undefined,
    'Make a message that failed visible again at once (sqs-consumer).',
  ),
  key(
    'heartbeatInterval',
    'int',
    's',
    null,
    [1, 43_200],
    'Extend the visibility timeout this often while a message is handled (sqs-consumer).',
  ),
  other('AttributeNames', 'list', 'Contents are not modelled.'),
  other('MessageAttributeNames', 'list', 'Contents are not modelled.'),
  other('MessageSystemAttributeNames', 'list', 'Contents are not modelled.'),
  key(
    'ReceiveRequestAttemptId',
    'text',
    '',
    null,
    undefined,
    'FIFO: a call with the id of an earlier one gets its messages again. {consumer}-{nr} is new ' +
      'for each call and the same for its tries.',
  ),
];

/** Says what the API answers to a value out of range. */
function refusing(table: KeyTable, error: string): KeyTable {
  return table.map((k) => (k.min === undefined ? k : { refusal: error, ...k }));
}

const topic: KeyTable = [
  key('FifoTopic', 'bool', '', null, undefined, 'Order by message group; the name ends in .fifo.'),
  key(
    'ContentBasedDeduplication',
    'bool',
    '',
    false,
    undefined,
    'FIFO: without a MessageDeduplicationId, the body stands for one.',
  ),
  {
    ...key('FifoThroughputScope', 'text', '', 'Topic', undefined, 'FIFO: where an id is unique.'),
    oneOf: ['Topic', 'MessageGroup'],
  },
  other('DisplayName', 'text', 'For mail and SMS.'),
  other('KmsMasterKeyId', 'text', 'Encryption at rest.'),
  other('Policy', 'json', 'Access policy.'),
  other('TracingConfig', 'text', 'Tracing.'),
  other('ArchivePolicy', 'json', 'Archive and replay.'),
];

const subscription: KeyTable = [
  key('FilterPolicy', 'json', '', null, undefined, 'Which messages are delivered.'),
  {
    ...key(
      'FilterPolicyScope',
      'text',
      '',
      'MessageAttributes',
      undefined,
      'What the filter policy looks at.',
    ),
    oneOf: ['MessageAttributes', 'MessageBody'],
  },
  key(
    'RawMessageDelivery',
    'bool',
    '',
    false,
    undefined,
    'The body alone, without the JSON envelope around it.',
  ),
  key(
    'RedrivePolicy',
    'json',
    '',
    null,
    undefined,
    'deadLetterTargetArn (or the name of a queue here): what becomes of messages given up.',
  ),
  key(
    'DeliveryPolicy',
    'json',
    '',
    null,
    undefined,
    'HTTP endpoints: healthyRetryPolicy and throttlePolicy.',
  ),
  other('ReplayPolicy', 'json', 'Archive and replay.'),
  other('SubscriptionRoleArn', 'text', 'Firehose.'),
];

const subscriptionShape: KeyTable = [
  key('topic', 'text', '', '', undefined, 'The topic that it subscribes to.'),
  key(
    'queue',
    'text',
    '',
    '',
    undefined,
    'The queue that it delivers to; without one, the consumer that reads it is an HTTP endpoint.',
  ),
];

/** SNS, in front of the queues. */
export const KINDS: readonly ChannelKind[] = [
  { word: 'topics', to: true, from: false, keys: topic, shape: [] },
  { word: 'subscriptions', to: false, from: true, keys: subscription, shape: subscriptionShape },
];

export const KEYS: Readonly<Record<Place, KeyTable>> = {
  cluster: [],
  channel: refusing(queue, 'InvalidAttributeValue'),
  producer: refusing(producer, 'InvalidParameterValue'),
  consumer: refusing(consumer, 'InvalidParameterValue'),
};

/** The vendor publishes nothing of this; all defaults are model choices. */
export const CLUSTER_SHAPE: KeyTable = [
  key('servers', 'int', '', 5, [1, 16], 'Storage servers, sqs-store-1 and so on.'),
  key('replicas', 'int', '', 3, [1, 16], 'Servers that keep a copy of each message.'),
  key('sampled', 'int', '', 3, [1, 16], 'Servers that a short poll asks.'),
  key('inFlightLimit', 'int', '', 120_000, [1, 120_000], 'Messages of one queue in flight.'),
  key(
    'fifoScan',
    'int',
    '',
    120_000,
    [1, 120_000],
    'How many of the oldest messages of a FIFO queue are looked at for available groups.',
  ),
  key('fifoCallsPerSecond', 'int', '', 300, [1, 1_000_000], 'FIFO: calls of one action a second.'),
  key('filterHosts', 'int', '', 4, [1, 64], 'SNS: hosts that apply filter policies.'),
  key(
    'filterDelay',
    'int',
    'ms',
    900_000,
    [0, 900_000],
    'SNS: within this time each host learns of a new filter policy; "up to 15 minutes".',
  ),
  key('fifoPartitions', 'int', '', 4, [1, 16], 'FIFO: partitions of a high-throughput queue.'),
  key('serverTimeout', 'int', 'ms', 250, [1, 60_000], 'A silent server counts as out of reach.'),
  key('probeInterval', 'int', 'ms', 500, [1, 60_000], 'How often a server out of reach is asked.'),
  key(
    'antiEntropyDelay',
    'int',
    'ms',
    5_000,
    [0, 3_600_000],
    'How long after its return a server is told what it missed.',
  ),
];
