import { HEAD, type Mistakes } from './mistake.ts';

/** Actions of operators. */
export const ACTIONS: Mistakes = [
  [
    'SCN055',
    {
      text: `${HEAD}actions: [{ «add-partition»: { topic: orders, to: 6 }, at: 1s }]\n`,
      says: 'unknown action "add-partition"',
      hint: 'did you mean "add-partitions"?',
    },
    {
      text: `${HEAD}actions: [{ reset-offsets: { group: fulfilment }, «add-partitions»: {}, at: 1s }]\n`,
      says: 'two actions in one entry',
      hint: 'begin a new entry',
    },
  ],
  [
    'SCN056',
    {
      text: `${HEAD}actions: [{ «add-partitions»: { topic: orders, to: 6 } }]\n`,
      says: 'when is "add-partitions" done?',
      hint: 'add `at: 5s`',
    },
  ],
];

/** Codes that other places have too. */
export const MORE_ACTIONS: Mistakes = [
  [
    'SCN023',
    {
      text: `${HEAD}actions: [{ add-partitions: { topic: «order», to: 6 }, at: 1s }]\n`,
      says: 'there is no topic "order"',
      hint: 'did you mean "orders"?',
    },
  ],
  [
    'SCN051',
    {
      text: `${HEAD}actions: [{ reset-offsets: { group: «fulfillment» }, at: 1s }]\n`,
      says: 'there is no group "fulfillment"',
      hint: 'did you mean "fulfilment"?',
    },
  ],
  [
    'SCN011',
    {
      text: `${HEAD}actions: [{ «add-partitions»: { topic: orders }, at: 1s }]\n`,
      says: '"add-partitions" needs "to"',
      hint: '',
    },
  ],
  [
    'SCN030',
    {
      text: `${HEAD}actions: [{ reset-offsets: { group: fulfilment, «groop»: x }, at: 1s }]\n`,
      says: 'unknown "reset-offsets" action key "groop"',
      hint: 'did you mean "group"?',
    },
  ],
  [
    'SCN034',
    {
      text: `${HEAD}actions: [{ add-partitions: { topic: orders, to: «500» }, at: 1s }]\n`,
      says: '"to"',
      hint: '100',
    },
  ],
  [
    'SCN045',
    {
      text: `${HEAD}actions: [{ add-partitions: { topic: orders, to: 6 }, at: «2h» }]\n`,
      says: 'after the end of the run',
      hint: 'act earlier',
    },
  ],
];
