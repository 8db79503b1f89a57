import { describe, expect, test } from 'vitest';
import type { Broker } from '../../../../models/rabbitmq/broker/broker.ts';
import { QuorumQueue } from '../../../../models/rabbitmq/quorum/queue.ts';
import { Raft } from '../../../../models/rabbitmq/quorum/raft.ts';
import { Execution } from '../../../../scenarios/execute.ts';
import { loadScenario } from '../../../../scenarios/load.ts';
import type { ModelFinding } from '../../../../sim/history/record.ts';
import { seconds } from '../../../../sim/kernel/time.ts';

/** The rules of Raft that a test may break: those that keep its promises. */
interface Rules {
  has(entry: { readonly index: number }): boolean;
  isUpToDate(candidate: unknown): boolean;
}
const RULES = Raft.prototype as unknown as Rules;

/** As `Raft.has`, and does not look at the term. */
function keepsItsOwn(this: Raft<unknown, unknown>, { index }: { readonly index: number }): boolean {
  return index <= this.log.lastIndex;
}

interface Case {
  readonly claim: string;
  readonly what: string;
  readonly faults: readonly unknown[];
  /** Seeds of which one at least shows it. */
  readonly seeds: readonly string[];
  readonly publisherAt?: number;
  readonly rule?: keyof Rules;
  readonly meddles?: (execution: Execution) => void;
}

function queueAt(execution: Execution, node: number): QuorumQueue {
  const queue = (execution.world.stateOf(node) as Broker).queues[0];
  if (!(queue instanceof QuorumQueue)) throw new Error(`no quorum queue on node ${node}`);
  return queue;
}

/** Two members take themselves for the whole group, each, and ask for votes at one instant. */
function alone(execution: Execution): void {
  for (const node of [1, 2]) {
    const { member } = queueAt(execution, node);
    Object.assign(member as object, { members: [node] });
  }
  for (const node of [1, 2]) queueAt(execution, node).member?.raft.onElectionTimeout();
}

const CUT_OFF = { partition: ['broker-3', ['broker-1', 'broker-2']], at: '500ms', for: '3s' };

const CASES: readonly Case[] = [
  {
    claim: 'one-leader',
    what: 'members count only themselves',
    faults: [],
    seeds: ['1'],
    meddles: alone,
  },
  {
    claim: 'log-matching',
    what: 'followers keep what stands in the place of what they are sent',
    // A leader that is cut off has entries that nobody else has.
    faults: [{ partition: ['broker-1', ['broker-2', 'broker-3']], at: '500ms', for: '9s' }],
    publisherAt: 1,
    seeds: ['1'],
    rule: 'has',
  },
  {
    claim: 'confirmed-survives',
    what: 'members vote for candidates that lack what they have',
    // Broker 3 has missed some when the leader goes.
    faults: [CUT_OFF, { crash: 'broker-1', at: '3490ms', restart: '9s' }],
    seeds: ['1', '2', '3', '4', '5', '6', '7', '8'],
    rule: 'isUpToDate',
  },
];

function auditOf({ faults, publisherAt = 2, rule, meddles }: Case, seed: string, broken: boolean) {
  const text = JSON.stringify({
    scenario: 'Raft with a flaw',
    system: 'rabbitmq',
    cluster: { nodes: 3, config: { consumer_timeout: 60_000 } },
    queues: { orders: { node: 1, config: { 'x-queue-type': 'quorum' } } },
    producers: {
      checkout: {
        to: 'orders',
        send: { count: 200, every: '20ms' },
        config: { endpoint: publisherAt },
      },
    },
    consumers: { fulfilment: { from: 'orders', process: { acknowledge: 'after' } } },
    faults,
    limits: { until: '20s', events: 100_000 },
  });
  const { scenario, problems } = loadScenario(text, 'flaw.json');
  if (scenario === undefined) throw new Error(problems.map(({ says }) => says).join('\n'));
  const real = rule === undefined ? undefined : RULES[rule];
  try {
    if (broken && rule === 'isUpToDate') RULES[rule] = () => true;
    if (broken && rule === 'has') RULES[rule] = keepsItsOwn;
    const execution = new Execution(scenario, { seed });
    if (broken && meddles !== undefined) {
      while (execution.world.now < seconds(1) && !execution.advance(1));
      meddles(execution);
    }
    while (!execution.advance(Infinity));
    return new Map((execution.record().model ?? []).map((found) => [found.name, found]));
  } finally {
    if (rule !== undefined && real !== undefined) RULES[rule] = real;
  }
}

describe.each(CASES)('rabbitmq.$claim', (flawed) => {
  const find = (seed: string, broken: boolean): ModelFinding | undefined => {
    return auditOf(flawed, seed, broken).get(`rabbitmq.${flawed.claim}`);
  };

  test(`is violated when ${flawed.what}, with a witness`, () => {
    const found = flawed.seeds.map((seed) => find(seed, true));
    const violated = found.filter((finding) => finding?.verdict === 'violated');
    expect(violated.length).toBeGreaterThan(0);
    expect(violated[0]?.witnesses.length).toBeGreaterThan(0);
  });

  test('holds in the same runs of the model as it is, and was put to the test', () => {
    const found = flawed.seeds.map((seed) => find(seed, false));
    expect(found.map((finding) => finding?.violations)).toEqual(flawed.seeds.map(() => 0));
    expect(found.some((finding) => finding?.verdict === 'holds')).toBe(true);
  });
});
