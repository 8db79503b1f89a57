import { type Assertion, describe, expect, test } from 'vitest';
import { widthOf } from '../../reports/text.ts';
import { simulate, type SimulatedRun, type StartHandler } from '../../testing/index.ts';
import '../../testing/vitest.ts';
import { calls, callsOnce, crashAtEffect, KAFKA } from './scenes.ts';

const FAULTS = [crashAtEffect(3)];
type Claim = (expected: Assertion<SimulatedRun>) => void;

/** Three messages are charged twice. */
const twice = () => simulate(KAFKA, { handlers: { billing: calls }, faults: FAULTS });
const once = () => simulate(KAFKA, { handlers: { billing: callsOnce }, faults: FAULTS });
/** Acknowledged before it is handled: what the crash interrupts is lost. */
const lost = () => {
  const set = { 'consumers.billing.process.acknowledge': 'before' };
  return simulate(KAFKA, { set, handlers: { billing: calls }, faults: FAULTS });
};

const withReplicas = () => {
  const set = { 'cluster.brokers': 3, 'topics.orders.replication.factor': 3 };
  return simulate(KAFKA, { set, handlers: { billing: callsOnce } });
};
const withoutReplicas = () => simulate(KAFKA, { handlers: { billing: callsOnce } });

/** What a matcher says when it fails. */
function failing(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

describe('each matcher passes for what is so, and fails for what is not', () => {
  test.each<[name: string, claim: Claim, so: () => SimulatedRun, not: () => SimulatedRun]>([
    ['exactly once', (e) => e.toDeliver('exactly-once'), once, twice],
    ['at least once', (e) => e.toDeliver('at-least-once'), twice, lost],
    ['at most once', (e) => e.toDeliver('at-most-once'), lost, twice],
    ['a stronger guarantee', (e) => e.toDeliver('at-least-once'), once, lost],
    ['none is lost', (e) => e.toLose(0), twice, lost],
    ['so many copies', (e) => e.toDuplicate(3), twice, once],
    ['copies handed over', (e) => e.toDuplicate(3, { level: 'delivered' }), once, lost],
    ['of one group', (e) => e.toDuplicate(3, { group: 'billing' }), twice, once],
    ['an invariant', (e) => e.toHold('duplicates'), once, twice],
    ['a claim of a system', (e) => e.toHold('kafka.log-matching'), withReplicas, withoutReplicas],
    ['a violation', (e) => e.toViolate('duplicates'), twice, once],
    ['with a witness', (e) => e.toViolate('duplicates', { witness: 'shop/2' }), twice, once],
  ])('%s', (_name, claim, so, not) => {
    claim(expect(so()));
    expect(failing(() => claim(expect(not())))).toMatch(/^(expected|inconclusive)/);
    // The other way round. What was never put to the test is not the opposite either.
    expect(failing(() => claim(expect(so()).not))).toMatch(/^expected/);
  });

  test('a witness that proves something else is none', () => {
    expect(failing(() => expect(twice()).toViolate('duplicates', { witness: 'shop/9' }))).toMatch(
      /^expected duplicates to be violated, and it is 3, but by no such witness/,
    );
  });

  test('what the scenario itself expects', () => {
    const expecting = (loss: number) => `${KAFKA}expect: { loss: ${loss}, duplicates: 0 }\n`;
    expect(simulate(expecting(0))).toPass();
    expect(failing(() => expect(simulate(expecting(1))).toPass())).toMatch(
      /^expected loss 1, and it is 0/,
    );
    expect(() => expect(simulate(KAFKA)).toPass()).toThrow('expects nothing');
  });

  test('what is misspelled is no promise', () => {
    expect(() => expect(once()).toHold('orderin')).toThrow('did you mean "ordering"?');
    expect(() => expect(once()).toDeliver('exactly' as never)).toThrow('"exactly"');
    expect(() => expect(once()).toLose(-1)).toThrow('-1 is no whole number');
    expect(() => expect(once()).toLose(0, { group: 'bill' })).toThrow('the groups billing');
    expect(() => expect(1).toLose(0)).toThrow('what simulate() returns');
  });
});

describe('what proves nothing fails, with `not` and without', () => {
  const bothWays = (run: SimulatedRun, claim: Claim) => [
    failing(() => claim(expect(run))),
    failing(() => claim(expect(run).not)),
  ];

  test('a fault that never fired', () => {
    const faults = [{ lose: 'ProduceResponse', nth: 99 }] as const;
    const run = simulate(KAFKA, { faults, handlers: { billing: callsOnce } });
    expect(run.conclusive).toBe(false);
    for (const claim of [
      (e: Assertion<SimulatedRun>) => e.toDeliver('exactly-once'),
      (e: Assertion<SimulatedRun>) => e.toLose(0),
      (e: Assertion<SimulatedRun>) => e.toHold('ordering'),
      (e: Assertion<SimulatedRun>) => e.toViolate('loss'),
    ]) {
      for (const says of bothWays(run, claim)) {
        expect(says).toMatch(/^inconclusive: never fired: lose ProduceResponse, nth 99\n/);
      }
    }
  });

  test('nothing acknowledged', () => {
    const lose = { lose: 'ProduceRequest', chance: '100%' } as const;
    const run = simulate(KAFKA, { faults: [lose], handlers: { billing: callsOnce } });
    const [says, other] = bothWays(run, (e) => e.toLose(0));
    expect(says).toMatch(/^inconclusive: nothing was acknowledged/);
    expect(other).toBe(says);
  });

  test('own code that nobody called', () => {
    const set = { 'consumers.billing.starts': 'never' };
    const run = simulate(KAFKA, { set, handlers: { billing: callsOnce } });
    const [says] = bothWays(run, (e) => e.toDuplicate(0));
    expect(says).toMatch(/^inconclusive: own code of "billing" was never started/);
  });

  test('a run that a bound has cut', () => {
    const run = simulate(KAFKA, {
      set: { limits: { until: '3.02s' } },
      handlers: { billing: calls },
    });
    const [says] = bothWays(run, (e) => e.toLose(0));
    expect(says).toMatch(/^inconclusive: the run was cut/);
  });

  test('a claim that nothing could have broken', () => {
    const [says] = bothWays(once(), (e) => e.toHold('kafka.log-matching'));
    expect(says).toMatch(/^inconclusive: it was never put to the test/);
  });
});

describe('the message of a failure', () => {
  const faults = [
    { delay: 'FetchResponse', by: '50ms', nth: 2 },
    { crash: 'billing-1', when: { event: 'effect', nth: 8 }, restart: '1s' },
    { lose: 'ProduceResponse', nth: 2 },
  ] as const;
  const says = () =>
    failing(() => {
      const run = simulate(KAFKA, { seed: 'x', handlers: { billing: calls }, faults });
      expect(run).toDeliver('exactly-once');
    });

  test('has the one fault that it takes, as YAML, and the story', () => {
    const text = says();
    expect(text).toContain(
      `expected guarantee exactly-once, and it is at-least-once

shrunk from 3 to 1 fault (`,
    );
    expect(text).toContain(`
faults:
  - crash: billing-1
    when: { event: effect, nth: 1 }
    restart: 1ms

FAIL  simulate  seed x`);
    expect(text).toMatch(/why {7}shop\/0: applied again, not recognised as a repeat/);
    expect(text).toMatch(/payment-api +effect for billing: AGAIN/);
    expect(text).toContain('but for   fault #1: guarantee would be exactly-once, as expected');
    expect(text).toContain('replay    simulate() with seed x, these faults and the same handlers');
  });

  test('says that the token is without handlers, and what it is good for with them', () => {
    const text = says();
    expect(text).toMatch(/The token holds scenario, faults and seed, not the handlers/);
    const token = /\ntoken (la1\.\S+)/.exec(text)?.[1] ?? '';
    expect(simulate(token, { handlers: { billing: calls } })).toReplay(token);
    const handlers = { billing: callsOnce };
    expect(failing(() => expect(simulate(token, { handlers })).toReplay(token))).toMatch(
      /^expected the run of the token, digest [0-9a-f]{16}, and it is [0-9a-f]{16}:\nthey part between events \d+ and \d+$/,
    );
  });

  test('fits 80 columns, but for the token', () => {
    for (const line of says().split('\n')) {
      if (!line.startsWith('token ')) expect(widthOf(line)).toBeLessThanOrEqual(80);
    }
  });

  test('shows the faults of chance as faults that can be counted', () => {
    const chance = [{ lose: 'ChargeResponse', chance: '20%' }] as const;
    const run = simulate(KAFKA, { handlers: { billing: calls }, faults: chance });
    const text = failing(() => expect(run).toDeliver('exactly-once'));
    expect(text).toMatch(
      /\nfaults:\n {2}- (lose|delay): ChargeResponse\n.*( {4}by: .*\n)?.*nth: 1\n/,
    );
  });

  test('tells what own code threw', () => {
    const throwing: StartHandler = ({ api }) =>
      function* (message) {
        yield* api.call(message);
        if (message.number === 1) throw new Error('declined');
      };
    const set = { 'limits.until': '8s' };
    const run = simulate(KAFKA, { set, handlers: { billing: throwing } });
    expect(failing(() => expect(run).toDuplicate(0))).toMatch(
      /own code threw\n {2}\d+ times Error: declined {2}\(first: billing-1, shop\/1\)/,
    );
  });

  test('shrinks nothing without a budget, and nothing that holds', () => {
    const run = simulate(KAFKA, { handlers: { billing: calls }, faults, budget: 0 });
    expect(failing(() => expect(run).toDeliver('exactly-once'))).not.toContain('shrunk');
    expect(failing(() => expect(once()).not.toDeliver('exactly-once'))).not.toContain('shrunk');
  });

  test('is no story of another run: code that remembers one run in the next is found out', () => {
    const seen = new Set<string>();
    const remembers: StartHandler = ({ api }) =>
      function* (message) {
        if (seen.has(message.id)) return;
        seen.add(message.id);
        yield* api.call(message);
      };
    // The first crash kills what was seen and not yet called for.
    const run = simulate(KAFKA, { handlers: { billing: remembers }, faults: [] });
    expect(failing(() => expect(run).not.toLose(0))).toMatch(
      /The same run came out differently the second time/,
    );
  });
});
