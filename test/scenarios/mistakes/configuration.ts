import { HEAD, type Mistakes } from './mistake.ts';

/** Configuration keys of the real systems. */
export const CONFIGURATION: Mistakes = [
  [
    'SCN030',
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { «enable.idempotnce»: true }'),
      says: 'unknown producer key "enable.idempotnce"',
      hint: 'did you mean "enable.idempotence"?',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { «enableIdempotence»: true }'),
      says: 'unknown producer key',
      hint: 'did you mean "enable.idempotence"?',
    },
    {
      text: HEAD.replace('partitions: 3', '«partition»: 3'),
      says: 'unknown topic key "partition"',
      hint: 'did you mean "partitions"?',
    },
  ],
  [
    'SCN031',
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { «compression.type»: zstd }'),
      says: '"compression.type" exists and is not modelled',
      hint: 'remove it',
    },
  ],
  [
    'SCN032',
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { «auto.offset.reset»: earliest }'),
      says: 'not a key of a producer',
      hint: 'the config of a consumer',
    },
    {
      text: HEAD.replace('partitions: 3', 'config: { «partitions»: 3 }'),
      says: 'not a key of a topic',
      hint: 'beside `config:`',
    },
    {
      text: HEAD.replace('partitions: 3', '«retention.ms»: 3'),
      says: 'not a key of a topic',
      hint: 'under `config:`',
    },
    {
      text: HEAD.replace('partitions: 3', 'config: { «VisibilityTimeout»: 3 }'),
      says: 'not a key of a topic',
      hint: 'a key of sqs; this is kafka',
    },
  ],
  [
    'SCN033',
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { enable.idempotence: «yes» }'),
      says: 'is true or false, not "yes"',
      hint: 'default true',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { linger.ms: «soon» }'),
      says: 'a whole number of ms, not "soon"',
      hint: 'default 0 ms',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { linger.ms: «5 lightyears» }'),
      says: 'a whole number of ms',
      hint: 'no unit of time',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { «linger.ms»: }'),
      says: 'has no value',
      hint: 'default 0 ms',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { «acks»: [all] }'),
      says: 'a text, not a list',
      hint: 'default all',
    },
  ],
  [
    'SCN034',
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { linger.ms: «-5» }'),
      says: '"linger.ms" cannot be -5',
      hint: '0 or more ms (default 0 ms)',
    },
    {
      text: HEAD.replace('instances: 2', 'config: { max.poll.records: «99999» }'),
      says: 'cannot be 99999',
      hint: 'between 1 and 10000 (default 500)',
    },
  ],
  [
    'SCN035',
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { acks: «al» }'),
      says: '"acks" cannot be "al"',
      hint: 'did you mean "all"? one of all, -1, 0, 1 (default all)',
    },
    {
      text: HEAD.replace('partitions: 3', 'config: { cleanup.policy: «"delete, compakt"» }'),
      says: 'cannot be "compakt"',
      hint: 'did you mean "compact"?',
    },
  ],
  [
    'SCN036',
    {
      text: 'scenario: x\nsystem: kafka\ntopics: { orders: {} }\nproducers:\n  p:\n    to: orders\n    config: |\n      # fine\n      «=»5\n',
      says: 'a line without a key',
      hint: 'key=value',
    },
  ],
  [
    'SCN037',
    {
      text: HEAD.replace('partitions: 3', 'replication.factor: «5»'),
      says: 'replication factor larger than available brokers',
      hint: 'add brokers',
    },
  ],
  [
    'SCN038',
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { request.timeout.ms: «1ms» }'),
      says: 'becomes 2 ms',
      hint: 'write 2',
    },
  ],
];
