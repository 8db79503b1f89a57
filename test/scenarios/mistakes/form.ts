import { HEAD, type Mistakes } from './mistake.ts';

/** The form of a file: keys, values, units, names. */
export const FORM: Mistakes = [
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
];
