import type { Script, Step } from '../script.ts';

const TOPIC: Step = { do: 'declare-exchange', exchange: 'x', type: 'topic' };
const HEADERS: Step = { do: 'declare-exchange', exchange: 'x', type: 'headers' };

/** One queue and consumer for each binding key; then each key is published. */
function topics(keys: readonly string[], published: readonly string[]): readonly Step[] {
  return [
    TOPIC,
    ...keys.flatMap((key, i): Step[] => [
      { do: 'declare', queue: `q${i}` },
      { do: 'bind', queue: `q${i}`, exchange: 'x', key },
      { do: 'consume', on: 'a', queue: `q${i}`, tag: `[${key}]` },
    ]),
    ...published.map((key): Step => {
      return { do: 'publish', exchange: 'x', key, bodies: [key === '' ? 'empty' : key] };
    }),
  ];
}

const BOUND = [
  ['all', { 'x-match': 'all', a: 1, b: 'x' }],
  ['any', { 'x-match': 'any', a: 1, b: 'x' }],
  ['none', { 'x-match': 'any' }],
  ['every', { 'x-match': 'all' }],
  ['present', { 'x-match': 'all', a: null }],
] as const;

export const ROUTING: readonly Script[] = [
  {
    name: 'topic-star',
    says: 'A star is exactly one word, which may be empty.',
    steps: topics(['*', 'a.*', '*.b'], ['a', 'a.b', 'a.', 'a.b.c', '']),
  },
  {
    name: 'topic-hash',
    says: 'A hash is any number of words, also none.',
    steps: topics(['#', 'a.#', '#.b', 'a.#.c'], ['a', 'b', 'a.b', 'a.c', 'a.b.c', '']),
  },
  {
    name: 'headers-match',
    says: 'Headers match by all or any; no value means that it must be there.',
    steps: [
      HEADERS,
      ...BOUND.flatMap(([queue, table]): Step[] => [
        { do: 'declare', queue },
        { do: 'bind', queue, exchange: 'x', key: '', arguments: table },
        { do: 'consume', on: 'a', queue, tag: queue },
      ]),
      { do: 'publish', exchange: 'x', key: '', bodies: ['both'], headers: { a: 1, b: 'x' } },
      { do: 'publish', exchange: 'x', key: '', bodies: ['one'], headers: { a: 1 } },
      { do: 'publish', exchange: 'x', key: '', bodies: ['other'], headers: { a: 2 } },
      { do: 'publish', exchange: 'x', key: '', bodies: ['neither'] },
    ],
  },
  {
    name: 'one-copy-for-each-queue',
    says: 'Several bindings that match give a queue one copy.',
    steps: [
      TOPIC,
      { do: 'declare', queue: 'q' },
      { do: 'bind', queue: 'q', exchange: 'x', key: '#' },
      { do: 'bind', queue: 'q', exchange: 'x', key: 'a' },
      { do: 'publish', exchange: 'x', key: 'a', bodies: ['1'] },
      { do: 'count', queue: 'q' },
    ],
  },
  {
    name: 'exchange-to-exchange',
    says: 'A bound exchange is resolved in the same routing.',
    steps: [
      { do: 'declare-exchange', exchange: 'f', type: 'fanout' },
      { do: 'declare-exchange', exchange: 'x', type: 'direct' },
      { do: 'bind-exchange', to: 'f', exchange: 'x', key: 'a' },
      { do: 'declare', queue: 'q' },
      { do: 'declare', queue: 'r' },
      { do: 'bind', queue: 'q', exchange: 'f', key: '' },
      { do: 'bind', queue: 'r', exchange: 'f', key: 'ignored' },
      { do: 'publish', exchange: 'x', key: 'a', bodies: ['1'] },
      { do: 'publish', exchange: 'x', key: 'b', bodies: ['2'], mandatory: true },
      { do: 'count', queue: 'q' },
      { do: 'count', queue: 'r' },
    ],
  },
  {
    name: 'alternate-exchange',
    says: 'What no queue takes goes to the alternate exchange, and is then not returned.',
    steps: [
      { do: 'declare-exchange', exchange: 'f', type: 'fanout' },
      {
        do: 'declare-exchange',
        exchange: 'x',
        type: 'direct',
        arguments: { 'alternate-exchange': 'f' },
      },
      { do: 'publish', exchange: 'x', key: 'a', bodies: ['1'], mandatory: true },
      { do: 'declare', queue: 'q' },
      { do: 'bind', queue: 'q', exchange: 'f', key: '' },
      { do: 'publish', exchange: 'x', key: 'a', bodies: ['2'], mandatory: true },
      { do: 'get', on: 'g', queue: 'q' },
    ],
  },
];
