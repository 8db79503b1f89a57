import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Execution } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { RunRecord } from '../../../sim/history/record.ts';

type Tree = Readonly<Record<string, unknown>>;

const BROKERS = ['broker-1', 'broker-2', 'broker-3'];
const RAFT = ['append_entries_rpc', 'append_entries_reply', 'request_vote_rpc', 'pre_vote_result'];
const CLIENT = ['ra_command', 'ra_event', 'delivery', 'leader_change'];

const moment = fc.integer({ min: 0, max: 4000 }).map((n) => `${n}ms`);
const span = fc.integer({ min: 20, max: 8000 }).map((n) => `${n}ms`);
const some = fc.subarray(BROKERS, { minLength: 1 });
const sides = fc.constantFrom(...BROKERS).map((one) => [one, BROKERS.filter((b) => b !== one)]);

/** Anything that leaves disks as they are. */
const fault: fc.Arbitrary<Tree> = fc.oneof(
  fc.record({ crash: some, at: moment, restart: span }),
  fc.record({ 'power-loss': some, at: moment, restart: span }),
  fc.record({ stop: some, at: moment, restart: span }),
  fc.record({ pause: some, at: moment, for: span }),
  fc.record({ partition: sides, at: moment, for: span }),
  fc.record({ lose: fc.constantFrom(...RAFT, ...CLIENT), nth: fc.integer({ min: 1, max: 60 }) }),
  fc.record({
    crash: some,
    when: fc.record({ event: fc.constant('stored'), nth: fc.nat(80).map((n) => n + 1) }),
    restart: span,
  }),
);

/**
 * A leader that cannot reach a node takes back what its consumers hold: they may hold more than
 * their prefetch then, and be handed again what they have acknowledged into the void.
 */
const AS_CHANNELS_SEE_IT = ['rabbitmq.settled-once', 'rabbitmq.prefetch'];

interface Plan {
  readonly faults: readonly Tree[];
  readonly args: Tree;
  readonly version: string;
  readonly prefetch: number;
  readonly seed: string;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  faults: fc.array(fault, { minLength: 1, maxLength: 4 }),
  args: fc.constantFrom<Tree[]>(
    {},
    { 'x-single-active-consumer': true },
    { 'x-delivery-limit': -1 },
    { 'x-quorum-initial-group-size': 1 },
  ),
  version: fc.constantFrom('4.3', '4.2', '3.13'),
  prefetch: fc.constantFrom(1, 5, 0),
  seed: fc.nat(1000).map(String),
});

function run({ faults, args, version, prefetch, seed }: Plan): RunRecord {
  const text = JSON.stringify({
    scenario: 'a quorum queue and whatever comes',
    system: 'rabbitmq',
    version,
    cluster: { nodes: 3, config: { consumer_timeout: 120_000 } },
    queues: { orders: { config: { 'x-queue-type': 'quorum', ...args } } },
    producers: { checkout: { to: 'orders', send: { count: 80, every: '50ms' } } },
    consumers: {
      fulfilment: {
        from: 'orders',
        instances: 2,
        config: { prefetch },
        process: { takes: '2ms', acknowledge: 'after', effect: 'database' },
      },
    },
    faults,
    limits: { until: '2h' },
  });
  const { scenario, problems } = loadScenario(text, 'chaos.json');
  if (scenario === undefined) throw new Error(problems.map(({ says }) => says).join('\n'));
  const execution = new Execution(scenario, { seed });
  while (!execution.advance(Infinity));
  return execution.record();
}

describe('whatever happens to its nodes, as long as disks keep what was synced', () => {
  test('a quorum queue loses nothing that it confirmed, and its logs agree', () => {
    fc.assert(
      fc.property(plan, (chosen) => {
        const record = run(chosen);
        for (const { name, verdict, witnesses } of record.model ?? []) {
          if (AS_CHANNELS_SEE_IT.includes(name)) continue;
          expect(`${name} ${verdict} ${witnesses[0]?.says ?? ''}`).not.toContain(' violated ');
        }
        const { lost, pending } = record.subscriptions.fulfilment;
        expect({ ended: record.ended, lost, pending }).toEqual({
          ended: 'drained',
          lost: 0,
          pending: 0,
        });
      }),
      { numRuns: 60 },
    );
  });
});
