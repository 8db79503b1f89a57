import { expect, test } from 'vitest';
import { CODES } from '../../scenarios/codes.ts';
import type { LoadOptions } from '../../scenarios/load.ts';
import { load } from './fake-systems.ts';

/** A file that is right but for what is added to it. */
const HEAD = `scenario: x
system: kafka
cluster: { brokers: 3 }
topics: { orders: { partitions: 3 } }
producers: { checkout: { to: orders } }
consumers: { fulfilment: { from: orders, instances: 2 } }
`;

/** What a system says is a line of its own; the rest of a file stands around it. */
function withSystem(line: string): string {
  return `scenario: x\nsystem: kafka\ntopics: { orders: {} }\n${line}\n`;
}

interface Case {
  readonly text: string;
  /** Part of what the problem says, and of the remedy. */
  readonly says: string;
  readonly hint: string;
  readonly options?: LoadOptions;
}

/**
 * The text between « and » is what the caret underlines; a file has as many problems as marks. The
 * marks are taken out before loading.
 */
const CASES: readonly (readonly [code: keyof typeof CODES, ...cases: Case[]])[] = [
  [
    'SCN001',
    { text: 'scenario: x\nabout: a«\u0000»b\n', says: 'not a text file', hint: 'UTF-8' },
    { text: '\u007fELF'.replace('\u007f', '«\u007f»'), says: 'U+007F', hint: 'UTF-8' },
  ],
  [
    'SCN003',
    { text: '«»', says: 'the file is empty', hint: 'scenario:' },
    { text: '«#» nothing\n', says: 'empty', hint: 'scenario:' },
  ],
  [
    'SCN004',
    { text: `${HEAD}about: "no end\n«»`, says: 'missing closing "quote', hint: 'close' },
    { text: 'scenario: x\n«\t»about: y\n', says: 'tabs', hint: 'indent with spaces' },
  ],
  [
    'SCN005',
    {
      text: 'scenario: x\n«scenario»: y\nsystem: kafka\n',
      says: 'written twice, first in line 1',
      hint: 'remove one',
    },
    {
      text: HEAD.replace('{ to: orders }', '{ to: orders, config: { acks: all, «acks»: all } }'),
      says: '"acks" is written twice',
      hint: 'remove',
    },
    {
      text: `scenario: x\nsystem: kafka\ntopics: { orders: {} }\nproducers:\n  checkout:\n    to: orders\n    config: |\n      acks=1\n      «acks»=0\n`,
      says: '"acks" is written twice',
      hint: 'remove',
    },
  ],
  [
    'SCN006',
    {
      text: `scenario: x\nabout: ${'['.repeat(82)}«[»${'['.repeat(100)}`,
      says: 'more than 40 levels',
      hint: 'no part',
    },
  ],
  [
    'SCN007',
    { text: `${HEAD}? «[a]»\n: 1\n`, says: 'a key must be a plain text', hint: 'name: value' },
    {
      text: `${HEAD}«__proto__»: { polluted: true }\n`,
      says: 'cannot be a key',
      hint: 'another name',
    },
    { text: `${HEAD}limits:\n  «<<»: { until: 5s }\n`, says: 'merge keys', hint: 'alias' },
  ],
  [
    'SCN008',
    { text: `${HEAD}about: «*nobody»\n`, says: 'nothing is anchored', hint: '&' },
    { text: `${HEAD}about: «!secret» x\n`, says: 'unresolved tag', hint: 'plain YAML' },
    { text: `${HEAD}source: &a [«*a»]\n`, says: 'contains itself', hint: '&' },
  ],
  ['SCN009', { text: `${HEAD}«---»\nscenario: y\n`, says: 'second document', hint: 'vary' }],
  [
    'SCN010',
    { text: `${HEAD}«fault»: []\n`, says: 'unknown key "fault"', hint: 'did you mean "faults"?' },
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { «evry»: 10ms }'),
      says: 'unknown key "evry" in "producers.checkout.send"',
      hint: 'did you mean "every"?',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, «acks»: all'),
      says: 'unknown key "acks"',
      hint: 'under `config:`',
    },
    {
      text: `${HEAD}faults:\n  - crash: broker-1\n    at: 1s\n    «restrt»: 5s\n`,
      says: 'unknown key "restrt"',
      hint: 'did you mean "restart"?',
    },
    {
      text: `${HEAD}network: { latency: { p50: 1ms, «p98»: 2ms } }\n`,
      says: 'unknown key "p98"',
      hint: 'did you mean "p99"?',
    },
  ],
  [
    'SCN011',
    { text: '«system»: kafka\n', says: '"scenario" is missing', hint: 'The name of the scenario' },
    {
      text: HEAD.replace('checkout: { to: orders }', '«checkout»: {}'),
      says: '"producers.checkout": "to" is missing',
      hint: 'Topic or queue',
    },
    {
      text: `${HEAD}faults:\n  - «delay»: ProduceResponse\n    nth: 1\n`,
      says: '"by" is missing',
      hint: '`by: ...`',
    },
  ],
  [
    'SCN012',
    {
      text: `${HEAD}faults:\n  - { at: 4ms, «partiton»: [[broker-1], [broker-2]] }\n`,
      says: 'unknown fault "partiton"',
      hint: 'did you mean "partition"?',
    },
    {
      text: `${HEAD}faults:\n  - crash: broker-1\n    «pause»: broker-2\n    at: 1s\n`,
      says: 'two faults in one entry',
      hint: '"-"',
    },
  ],
  [
    'SCN013',
    { text: `${HEAD}limits: «5»\n`, says: 'not "5"', hint: 'a mapping' },
    {
      text: HEAD.replace('instances: 2', 'instances: «two»'),
      says: '"instances" is a whole number, not "two"',
      hint: 'a whole number',
    },
    {
      text: HEAD.replace('instances: 2', 'instances: «1.5»'),
      says: 'a whole number',
      hint: 'a whole number',
    },
    { text: `${HEAD}«faults»: { crash: broker-1 }\n`, says: '"faults" is a list', hint: '- lose' },
    { text: `${HEAD}faults: [«crash»]\n`, says: 'a fault is a mapping', hint: '- lose' },
    { text: '«just a text»', says: 'a mapping of keys', hint: 'scenario:' },
    { text: `${HEAD}expect: «0»\n`, says: 'a mapping of measures', hint: 'loss: 0' },
    { text: `${HEAD}vary: «7»\n`, says: 'a list or a mapping', hint: 'path: [values]' },
  ],
  [
    'SCN014',
    {
      text: HEAD.replace('instances: 2', 'process: { acknowledge: «aftr» }'),
      says: '"acknowledge" cannot be "aftr"',
      hint: 'did you mean "after"?',
    },
    {
      text: `${HEAD}faults: [{ crash: broker-1, when: { event: «storred» } }]\n`,
      says: '"event" cannot be "storred"',
      hint: 'did you mean "stored"?',
    },
  ],
  [
    'SCN015',
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { every: «10 parsecs» }'),
      says: 'not "10 parsecs"',
      hint: '"parsecs" is no unit of time; known: us, ms, s, min (or m), h, d',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { every: «10» }'),
      says: 'not "10"',
      hint: 'it needs a unit',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { size: «5kb» }'),
      says: 'not "5kb"',
      hint: 'write "KB" for "kb"',
    },
    {
      text: `${HEAD}limits: { until: «10 seconds» }\n`,
      says: '"until"',
      hint: 'write "s" for "seconds"',
    },
  ],
  [
    'SCN016',
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { count: «0» }'),
      says: '"count" cannot be "0"',
      hint: '1 is the least',
    },
    {
      text: `${HEAD}limits: { until: «0s» }\n`,
      says: '"until" must be above 0',
      hint: 'some time',
    },
    { text: `${HEAD}limits: { until: «11000d» }\n`, says: '"until"', hint: 'ten years' },
    {
      text: `${HEAD}faults: [{ lose: ProduceResponse, chance: «101%» }]\n`,
      says: '"chance"',
      hint: '100%',
    },
    {
      text: HEAD.replace(
        'to: orders',
        'to: orders, send: { keys: { count: 5, hot: { keys: 1, share: «100%» } } }',
      ),
      says: '"share"',
      hint: '99.9%',
    },
  ],
  [
    'SCN017',
    {
      text: HEAD.replace('checkout:', '«"check out"»:'),
      says: '"check out" is no name',
      hint: 'letters, digits',
    },
  ],
  [
    'SCN018',
    {
      text: HEAD.replace('fulfilment:', '«checkout»:'),
      says: "a producer's name already",
      hint: 'another name',
    },
    {
      text: HEAD.replace('checkout:', '«broker-1»:'),
      says: 'two nodes would be called "broker-1"',
      hint: 'another name',
    },
    {
      text: HEAD.replace('checkout:', '«database»:'),
      says: 'two nodes would be called "database"',
      hint: 'another name',
    },
    {
      text: HEAD.replace('fulfilment:', '«loss»:'),
      says: 'the name of a measure',
      hint: 'another name',
    },
    {
      text: HEAD.replace('checkout:', '«brokers»:'),
      says: 'stands for all brokers',
      hint: 'another name',
    },
  ],
  [
    'SCN019',
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { every: «0.0005ms» }'),
      says: '"0.0005ms"',
      hint: '1us',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, config: { linger.ms: «5us» }'),
      says: 'in whole ms',
      hint: 'round it',
    },
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { rate: «2000000/s» }'),
      says: '"rate"',
      hint: '1000000/s',
    },
    {
      text: `${HEAD}faults: [{ slow-disk: broker-1, at: 1s, factor: «1.00001» }]\n`,
      says: '"factor"',
      hint: 'three decimals',
    },
  ],
  [
    'SCN020',
    {
      text: 'scenario: x\nsystem: «kafca»\n',
      says: 'no system "kafca" is modelled',
      hint: 'did you mean "kafka"?',
    },
    {
      text: 'scenario: x\nsystem: «rocketmq»\n',
      says: 'no system',
      hint: 'known here: kafka, sqs',
    },
  ],
  [
    'SCN021',
    {
      text: withSystem('version: «"2.7"»'),
      says: 'kafka 2.7 is not modelled',
      hint: '3.9, 3.10, 0.10',
    },
  ],
  [
    'SCN022',
    {
      text: withSystem('«queues»: { jobs: {} }'),
      says: 'kafka has topics, not queues',
      hint: '`topics:`',
    },
  ],
  [
    'SCN023',
    {
      text: HEAD.replace('to: orders', 'to: «order»'),
      says: 'no topic "order" is declared',
      hint: 'did you mean "orders"?',
    },
    {
      text: 'scenario: x\nsystem: kafka\nproducers: { p: { to: «orders» } }\n',
      says: 'no topic',
      hint: 'topics: { orders: {} }',
    },
    {
      text: 'scenario: x\nsystems: { a: { system: kafka, topics: { t: {} } }, b: { system: sqs, queues: { t: {} } } }\nconsumers: { c: { from: «t» } }\n',
      says: 'in several systems',
      hint: 'a/t or b/t',
    },
  ],
  [
    'SCN024',
    {
      text: '«scenario»: x\n',
      says: 'no system is given',
      hint: '`system: kafka`; known: kafka, sqs',
    },
    { text: 'scenario: x\nsystem: kafka\n«systems»: {}\n', says: 'both', hint: 'several systems' },
    {
      text: 'scenario: x\nsystems: { a: { system: kafka } }\n«version»: "3.9"\n',
      says: 'belongs to none',
      hint: 'move it',
    },
  ],
  [
    'SCN025',
    {
      text: HEAD.replace('to: orders', 'to: orders, send: { every: 1s, rate: «5/s» }'),
      says: 'both say how often',
      hint: 'remove one',
    },
    {
      text: HEAD.replace(
        'to: orders',
        'to: orders, send: { every: { min: 1s, max: 2s }, arrivals: «poisson» }',
      ),
      says: 'a mean',
      hint: 'one duration',
    },
    {
      text: `${HEAD}network: { latency: { p50: «5ms», p99: 1ms } }\n`,
      says: '"p50" (5ms) is above "p99" (1ms)',
      hint: 'exchange',
    },
    {
      text: HEAD.replace('instances: 2', 'instances: 2, «starts»: [0s, 1s, 2s]'),
      says: '3 starts for 2 instances',
      hint: 'one for each',
    },
    {
      text: HEAD.replace('instances: 2', 'process: { acknowledge: «with-effect» }'),
      says: 'one transaction with a local effect',
      hint: 'effect: database',
    },
    {
      text: HEAD.replace(
        'instances: 2',
        'process: { idempotency: { by: message-id, window: «5min» } }',
      ),
      says: 'no meaning',
      hint: 'by: window',
    },
    {
      text: HEAD.replace('instances: 2', 'process: { retry: { base: 5s, cap: «1s» } }'),
      says: '"cap" is below "base"',
      hint: 'first wait',
    },
    {
      text: `${HEAD}alerts: { slow: { lag: time, above: «1000» } }\n`,
      says: 'a lag in time',
      hint: '60s',
    },
    {
      text: HEAD.replace(
        'to: orders',
        'to: orders, send: { keys: { count: 5, hot: { keys: «5», share: 50% } } }',
      ),
      says: 'leave no others',
      hint: 'fewer',
    },
  ],
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
  [
    'SCN040',
    {
      text: `${HEAD}faults: [{ crash: «broker-7», at: 1s }]\n`,
      says: 'there is no node "broker-7"',
      hint: 'did you mean "broker-1"?',
    },
    {
      text: `${HEAD}faults: [{ crash: [broker-1, «brocker-2»], at: 1s }]\n`,
      says: 'no node "brocker-2"',
      hint: '"broker-2"',
    },
    {
      text: `${HEAD}faults: [{ pause: «database», at: 1s, for: 1s }]\n`,
      says: 'no node "database"',
      hint: 'effect: database',
    },
    {
      text: `${HEAD}faults: [{ lose: ProduceResponse, nth: 1, to: «chekout» }]\n`,
      says: 'no node "chekout"',
      hint: '"checkout"',
    },
  ],
  [
    'SCN041',
    {
      text: `${HEAD}faults: [{ lose: «ProduceRespones», nth: 1 }]\n`,
      says: 'no message is called "ProduceRespones"',
      hint: 'did you mean "ProduceResponse"?',
    },
  ],
  [
    'SCN042',
    {
      text: `${HEAD}faults: [{ «crash»: broker-1 }]\n`,
      says: 'when does "crash" strike?',
      hint: '`at`, `when` or `chance`',
    },
    {
      text: `${HEAD}faults: [{ «lose»: any, for: 1s }]\n`,
      says: 'when does "lose" strike?',
      hint: '`nth`',
    },
  ],
  [
    'SCN043',
    {
      text: `${HEAD}faults: [{ lose: any, at: 1s, «nth»: 3 }]\n`,
      says: '"at" and "nth" both say when',
      hint: 'two entries',
    },
  ],
  [
    'SCN044',
    {
      text: `${HEAD}faults: [{ crash: broker-1, «nth»: 3 }]\n`,
      says: '"crash" is not about messages',
      hint: 'event: stored',
    },
  ],
  [
    'SCN045',
    {
      text: `${HEAD}limits: { until: 10s }\nfaults: [{ crash: broker-1, at: «10s» }]\n`,
      says: 'after the end',
      hint: 'limits',
    },
  ],
  [
    'SCN046',
    {
      text: `${HEAD}faults: [{ lose: any, nth: 3, «for»: 3s }]\n`,
      says: 'single messages',
      hint: 'remove it',
    },
    {
      text: `${HEAD}faults: [{ clock-jump: broker-1, by: 1s, at: 1s, «for»: 3s }]\n`,
      says: 'one moment',
      hint: 'jump back',
    },
    {
      text: `${HEAD}faults: [{ pause: broker-1, at: 5s, «until»: 3s }]\n`,
      says: 'ends before it begins',
      hint: 'later',
    },
    {
      text: `${HEAD}faults: [{ crash: broker-1, at: 5s, «for»: 3s, restart: 1s }]\n`,
      says: 'say the same',
      hint: 'restart',
    },
    {
      text: `${HEAD}faults: [{ pause: broker-1, when: { event: stored }, «until»: 3s }]\n`,
      says: 'not known beforehand',
      hint: '`for:`',
    },
    {
      text: `${HEAD}faults: [{ pause: broker-1, at: 1s, for: 3s, «until»: 3s }]\n`,
      says: 'both say when it ends',
      hint: 'one of them',
    },
  ],
  [
    'SCN047',
    {
      text: `${HEAD}faults: [{ «reorder»: FetchResponse, nth: 3 }, { «duplicate»: any, chance: 1% }]\n`,
      says: 'kafka talks over TCP',
      hint: '`delay`',
    },
    {
      text: `scenario: x\nsystem: sqs\nqueues: { q: {} }\nconsumers: { c: { from: q, process: { effect: database } } }\nfaults: [{ «reorder»: Transaction, nth: 3 }, { «reorder»: any, chance: 1% }]\n`,
      says: 'database talks over TCP',
      hint: '`delay`',
    },
  ],
  [
    'SCN048',
    {
      text: `${HEAD}faults: [{ «partition»: [[broker-1], brokers], at: 1s }]\n`,
      says: '"broker-1" cannot be on both sides',
      hint: 'one side',
    },
  ],
  [
    'SCN049',
    {
      text: `${HEAD}faults: [{ crash: broker-1, when: { event: stored, node: «fulfilment» } }]\n`,
      says: '"fulfilment" is 2 nodes',
      hint: 'fulfilment-1',
    },
  ],
  [
    'SCN050',
    {
      text: `${HEAD}expect: { «lost»: 0 }\n`,
      says: 'no measure "lost"',
      hint: 'did you mean "loss"?',
    },
    {
      text: `${HEAD}expect: { duplicates: { «storred»: 0 } }\n`,
      says: 'no measure "storred"',
      hint: 'did you mean "stored"?',
    },
    {
      text: `${HEAD}expect: { fulfilment: { «drained»: true } }\n`,
      says: 'no measure "drained"',
      hint: 'known',
    },
  ],
  [
    'SCN051',
    {
      text: `${HEAD}expect: { «fulfillment»: { loss: 0 } }\n`,
      says: 'no measure or subscription "fulfillment"',
      hint: 'did you mean "fulfilment"?',
    },
    {
      text: `${HEAD}expect: { producers: { «chekout»: { ok: 1 } } }\n`,
      says: 'no producer "chekout"',
      hint: '"checkout"',
    },
    {
      text: `${HEAD}expect: { alerts: { «late»: fires } }\n`,
      says: 'no alert "late"',
      hint: 'there are no alerts',
    },
    {
      text: `${HEAD}alerts: { late: { lag: time, above: 1s, subscription: «fulfil» } }\n`,
      says: 'no subscription "fulfil"',
      hint: 'fulfilment',
    },
  ],
  [
    'SCN052',
    { text: `${HEAD}expect: { loss: «some» }\n`, says: '"loss" cannot be "some"', hint: '"< 3"' },
    {
      text: `${HEAD}expect: { loss: «5..1» }\n`,
      says: '"loss" cannot be "5..1"',
      hint: 'smaller number comes first',
    },
    {
      text: `${HEAD}expect: { lag: { time: «"< 60"» } }\n`,
      says: '"lag.time.max" cannot be "< 60"',
      hint: 'it needs a unit',
    },
    {
      text: `${HEAD}expect: { guarantee: «exactly-onec» }\n`,
      says: '"guarantee" cannot be',
      hint: 'did you mean "exactly-once"?',
    },
    {
      text: `${HEAD}expect: { lag: «0» }\n`,
      says: 'counted as messages, time',
      hint: 'lag: { messages:',
    },
    {
      text: `${HEAD}expect: { «producers»: 3 }\n`,
      says: 'a mapping of names',
      hint: 'producers: {',
    },
  ],
  [
    'SCN060',
    {
      text: `${HEAD}vary:\n  «producers.chekout.config.acks»: [all]\n`,
      says: 'leads nowhere: no "chekout" in "producers"',
      hint: 'did you mean "checkout"?',
    },
    {
      text: `${HEAD}vary:\n  - name: a\n    set: { «limit.until»: 5s }\n`,
      says: 'no "limit"',
      hint: 'did you mean "limits"?',
    },
  ],
  [
    'SCN061',
    {
      text: `${HEAD}vary:\n  - name: a\n  - name: «a»\n`,
      says: 'two variants are called "a"',
      hint: 'differently',
    },
  ],
  [
    'SCN062',
    {
      text: `${HEAD}vary:\n  «producers.checkout.config.acks»: []\n`,
      says: 'has no values',
      hint: '[one, another]',
    },
  ],
  [
    'SCN080',
    {
      text: HEAD.replace('producers:', '«producers»:').replace(
        '{ to: orders }',
        '{ to: orders, send: { count: 20000000 } }, more: { to: orders }',
      ),
      says: '20000100 messages',
      hint: 'count',
    },
  ],
  [
    'SCN081',
    {
      text: HEAD.replace('consumers:', '«consumers»:').replace('instances: 2', 'instances: 1000'),
      says: '1004 nodes',
      hint: 'instances',
    },
  ],
  [
    'SCN082',
    {
      text: HEAD.replace('topics:', '«topics»:').replace('partitions: 3', 'partitions: 10001'),
      says: '10001 partitions',
      hint: 'partitions',
    },
  ],
  [
    'SCN085',
    {
      text: `${HEAD}limits: { events: «2000000001» }\n`,
      says: '2000000001 events',
      hint: '2000000000',
    },
  ],
];

/** Takes out the marks; says where they were. */
function marked(text: string): { text: string; marks: string[] } {
  const marks: string[] = [];
  let plain = '';
  for (const [, before, inner, rest] of text.matchAll(/([^«]*)(?:«([^»]*)»)?(.{0})/gs)) {
    plain += before;
    if (inner === undefined) continue;
    const lines = plain.split('\n');
    marks.push(`${lines.length}:${(lines.at(-1) ?? '').length + 1}+${Math.max(1, inner.length)}`);
    plain += inner + rest;
  }
  return { text: plain, marks };
}

for (const [code, ...cases] of CASES) {
  cases.forEach(({ says, hint, options, text: given }, i) => {
    test(`${code} (${i + 1}) is told at its place: ${says}`, () => {
      const { text, marks } = marked(given);
      const { problems, scenario } = load(text, options);
      const found = problems.map((p) => `${p.line}:${p.column}+${p.length}`);
      expect(problems.map((p) => p.code)).toEqual(marks.map(() => code));
      expect(found).toEqual(marks);
      for (const problem of problems) {
        expect(problem.says).toContain(says);
        expect(problem.hint).toContain(hint);
        expect(problem.file).toBe('test.yaml');
        expect(problem.source).toBe(text.split('\n')[problem.line - 1]);
      }
      const warning = problems.every((p) => p.severity === 'warning');
      expect(scenario !== undefined).toBe(warning);
    });
  });
}

/** These need a text too long for a table: see bounds.test.ts. */
const ELSEWHERE = ['SCN002', 'SCN083', 'SCN084', 'SCN099'];

test('every code has a case that provokes it', () => {
  const covered = [...CASES.map(([code]) => code), ...ELSEWHERE].sort();
  expect(covered).toEqual(Object.keys(CODES).sort());
});
