import fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  acksAll,
  COMMITTED,
  commitAfter,
  idempotent,
  oneByOne,
  range,
  SHARE,
  staticModern,
  transactional,
  TRANSFORMER,
  transforming,
  type Tree,
  versions,
} from './plan-configs.ts';
import type { FaultKind } from './plan-faults.ts';
import { type Axes, plans } from './plans.ts';
import { broken, type Outcome, sometimes } from './promises.ts';

/**
 * What nobody promises does happen: for each precondition of a promise, plans in which it is
 * missing are tried until one shows the damage. Otherwise the promises next door could hold because
 * the plans are too tame.
 */

const lost = ({ group }: Outcome) => group.lost > 0;
const storedAgain = ({ group }: Outcome) => group.duplicates.stored > 0;
const deliveredAgain = ({ group }: Outcome) => group.duplicates.delivered > 0;
const appliedAgain = ({ group }: Outcome) => group.duplicates.effects > 0;
const disordered = ({ group }: Outcome) => group.ordering.by.partition.inversions > 0;
const phantom = ({ group }: Outcome) => group.phantom > 0;
const madeAgain = ({ ledger }: Outcome) => (ledger?.duplicates.stored ?? 0) > 0;
const stuck = ({ record, group }: Outcome) => record.ended === 'quiet' && group.pending > 0;

const three = { brokers: fc.constant(3), factor: fc.constant(3) };
const weak = (acks: string) => fc.constant({ acks, 'enable.idempotence': false });
const plain = acksAll.map((config) => ({ ...config, 'enable.idempotence': false }));
const one = oneByOne;
const handling = (process: Tree) => fc.constant({ takes: '20ms', ...process });
const min = (insync: number, more = {}) => fc.constant({ 'min.insync.replicas': insync, ...more });

/** A request of the producer comes after it was given up. */
const late = (request: string) =>
  fc
    .record({ nth: range(1, 10), ms: range(700, 2500) })
    .map(({ nth, ms }) => [{ delay: request, from: 'checkout', nth, by: `${ms}ms` }]);

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
    'an idempotent producer, too, when its first batch goes astray and its second does not (T14)',
    storedAgain,
    [],
    {
      ...three,
      producer: idempotent,
      partitions: fc.constant(1),
      always: fc.constant([
        { lose: 'ProduceRequest', nth: 1 },
        { partition: [['broker-1'], ['broker-2', 'broker-3']], at: '0ms', for: '1s' },
      ]),
    },
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

const MEMBERS: readonly Case[] = [
  [
    'a static member of KIP-848 that is back before its session is over is refused for good',
    stuck,
    ['consumers'],
    { instances: fc.constant(1), consumer: staticModern },
  ],
];

const share: Axes = {
  version: versions('4.1'),
  instances: fc.constant(2),
  partitions: fc.constant(1),
  consumer: fc.constant({ ...SHARE, 'max.poll.records': 1 }),
  process: one,
};

const SHARING: readonly Case[] = [
  ['a share group keeps no order (T42)', disordered, ['consumers'], share],
  ['a share group hands out again', deliveredAgain, ['consumers'], share],
];

/** A batch is given up before it is tried a second time. */
const sends: Axes = {
  ...three,
  producer: transactional.map((config) => ({
    ...config,
    'max.in.flight.requests.per.connection': 1,
    'linger.ms': 0,
    'delivery.timeout.ms': 600,
  })),
  send: fc.record({
    count: range(4, 30),
    every: fc.constantFrom('20ms', '200ms'),
    keys: fc.constant(5),
    transaction: fc.constant({ messages: 8, aborts: 2, then: 'drop' }),
  }),
  process: one,
};
const committed = fc.constant(COMMITTED);
const makes = (more: Tree): Axes => ({
  ...three,
  instances: fc.constant(2),
  partitions: fc.constant(2),
  consumer: committed,
  process: transforming(TRANSFORMER, more).map((process) => ({ ...process, takes: '100ms' })),
});

const TRANSACTIONS: readonly Case[] = [
  ['who reads uncommitted data reads what is aborted (T24)', phantom, ['resets'], sends],
  [
    'a record that comes late is open for ever, where the coordinator is not asked (T21)',
    stuck,
    [],
    {
      ...sends,
      version: versions('1.1', '3.5'),
      partitions: fc.constant(1),
      consumer: committed,
      always: late('ProduceRequest'),
    },
  ],
  [
    'an end that comes late tears the next transaction, before each had its epoch (T22)',
    phantom,
    [],
    {
      ...sends,
      version: versions('1.1', '4.0'),
      partitions: fc.constant(3),
      consumer: committed,
      always: late('EndTxnRequest'),
    },
  ],
  [
    'an output is made twice when offsets do not say whose they are (T23)',
    madeAgain,
    ['consumers'],
    makes({ 'group-metadata': false }),
  ],
];

const OLD: readonly Case[] = [
  [
    'followers truncate to their high watermark, and what was committed is lost (KIP-101, T06)',
    broken('kafka.committed-survives'),
    ['brokers'],
    { brokers: fc.constant(2), factor: fc.constant(2), version: versions('0.9', '0.11') },
  ],
  [
    'followers truncate too little, and replicas differ (KIP-101, T07)',
    broken('kafka.log-matching'),
    ['power', 'brokers'],
    { brokers: fc.constant(2), factor: fc.constant(2), version: versions('0.9', '0.11') },
  ],
];

describe.each([...PRODUCING, ...CONSUMING, ...MEMBERS, ...SHARING, ...TRANSACTIONS, ...OLD])(
  '%s',
  (_, happens, faults, axes) => {
    test('in some plan', () => {
      sometimes(plans({ faults, ...axes }), happens);
    });
  },
);
