import fc from 'fast-check';
import { describe, test } from 'vitest';
import { acksAll, type Axes, commitAfter, type FaultKind, idempotent, plans } from './plans.ts';
import { type Outcome, sometimes } from './promises.ts';

/**
 * What nobody promises does happen: for each precondition of a promise, plans in which it is
 * missing are tried until one shows the damage. Otherwise the promises next door could hold because
 * the plans are too tame.
 */

const lost = ({ group }: Outcome) => group.lost > 0;
const storedAgain = ({ group }: Outcome) => group.duplicates.stored > 0;
const appliedAgain = ({ group }: Outcome) => group.duplicates.effects > 0;
const disordered = ({ group }: Outcome) => group.ordering.by.partition.inversions > 0;

const three = { brokers: fc.constant(3), factor: fc.constant(3) };
const weak = (acks: string) => fc.constant({ acks, 'enable.idempotence': false });
const plain = acksAll.map((config) => ({ ...config, 'enable.idempotence': false }));
const one = commitAfter.map((process) => ({ ...process, workers: 1 }));
const handling = (process: Record<string, unknown>) => fc.constant({ takes: '20ms', ...process });
const min = (insync: number, more = {}) => fc.constant({ 'min.insync.replicas': insync, ...more });

type Case = readonly [
  what: string,
  happens: (outcome: Outcome) => boolean,
  faults: readonly FaultKind[],
  axes: Axes,
];

const PRODUCING: readonly Case[] = [
  ['acks=0 loses', lost, ['resets', 'brokers'], { producer: weak('0') }],
  ['acks=1 loses', lost, ['brokers'], { ...three, producer: weak('1') }],
  [
    'acks=all loses when one replica is enough and its machine loses power',
    lost,
    ['power'],
    { ...three, topic: min(1) },
  ],
  [
    'acks=all and two in sync lose when machines lose power in turn, without eligible leaders',
    lost,
    ['power', 'brokers'],
    { ...three, version: fc.constant('3.9'), topic: min(2) },
  ],
  [
    'acks=all loses with unclean elections',
    lost,
    ['brokers', 'networks'],
    { ...three, topic: min(1, { 'unclean.leader.election.enable': true }) },
  ],
  ['a retry is stored again without idempotence', storedAgain, ['resets'], { producer: plain }],
  [
    'a producer that sends again after a restart stores again, idempotent or not',
    storedAgain,
    ['producer'],
    { producer: idempotent },
  ],
  [
    'retries overtake without idempotence and with several requests in flight',
    disordered,
    ['messages', 'brokers'],
    { ...three, producer: plain, process: one, topic: min(2) },
  ],
];

const CONSUMING: readonly Case[] = [
  ['commit after processing repeats', appliedAgain, ['consumers'], { process: commitAfter }],
  [
    'commit before processing loses',
    lost,
    ['consumers'],
    { process: handling({ acknowledge: 'before' }) },
  ],
  [
    'the automatic commit repeats',
    appliedAgain,
    ['consumers'],
    { process: handling({ acknowledge: 'auto' }) },
  ],
  [
    'the automatic commit loses what workers have not done yet (T30)',
    lost,
    ['consumers'],
    { process: handling({ takes: '200ms', acknowledge: 'auto', workers: 3 }) },
  ],
  [
    'a position beside the effect does not stop a member that is taken for dead (zombie)',
    appliedAgain,
    ['consumers'],
    {
      instances: fc.constant(2),
      process: handling({ acknowledge: 'with-effect', effect: 'database' }),
    },
  ],
];

describe.each([...PRODUCING, ...CONSUMING])('%s', (_, happens, faults, axes) => {
  test('in some plan', () => {
    sometimes(plans({ faults, ...axes }), happens);
  });
});
