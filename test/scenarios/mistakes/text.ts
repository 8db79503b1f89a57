import { HEAD, type Mistakes } from './mistake.ts';

/** The text itself. */
export const TEXT: Mistakes = [
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
];
