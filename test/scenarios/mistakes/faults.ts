import { HEAD, type Mistakes } from './mistake.ts';

/** Faults. */
export const FAULTS: Mistakes = [
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
      text: `${HEAD}faults: [{ pause: broker-1, at: 1s, for: 3s, «every»: 3s }]\n`,
      says: 'how often a `chance`',
      hint: 'remove it',
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
];
