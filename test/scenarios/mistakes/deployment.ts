import { HEAD, withSystem, type Mistakes } from './mistake.ts';

/** What is deployed. */
export const DEPLOYMENT: Mistakes = [
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
];
