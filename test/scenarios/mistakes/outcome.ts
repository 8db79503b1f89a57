import { HEAD, type Mistakes } from './mistake.ts';

/** Expectations, assignments, variants, bounds. */
export const OUTCOME: Mistakes = [
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
      says: '1001 nodes',
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
