import 'lost-ack/testing/vitest';
import fc from 'fast-check';
import { simulate, type SimulatedRun, type StartHandler } from 'lost-ack/testing';
import { faultPlans } from 'lost-ack/testing/fast-check';
import { describe, expect, test } from 'vitest';

/**
 * Deposits are added up per account. To spare a read, each consumer keeps the accounts that it has
 * seen in memory. A partition, and its accounts with it, may move to another consumer at any time.
 */
const scenario = `
scenario: Balances are kept in memory, and accounts move
system: kafka
topics:
  deposits: { partitions: 4 }
producers:
  tellers:
    to: deposits
    send: { count: 60, every: 500ms, keys: 6 }
consumers:
  ledger:
    from: deposits
    instances: 2
    starts: [0s, 5s]
    config: { enable.auto.commit: false, auto.offset.reset: earliest, session.timeout.ms: 6000 }
    process: { takes: 5ms, effect: database, timeout: 1s }
`;

interface Account {
  readonly balance: number;
  /** Offset of the next deposit: whatever is below is in the balance already. */
  readonly next: number;
}
const EMPTY: Account = { balance: 0, next: 0 };

/** What all three do with a deposit, given where the account is read and how it is written. */
function adding(account: Account, offset: number): Account | undefined {
  if (offset < account.next) return undefined;
  return { balance: account.balance + 1, next: offset + 1 };
}

/** Keeps what it has read for ever. */
const cachesForEver: StartHandler = ({ database }) => {
  const cache = new Map<string, Account>();
  return function* (deposit) {
    const name = `account/${deposit.key}`;
    const account = cache.get(name) ?? ((yield* database.get(name)) as Account) ?? EMPTY;
    const after = adding(account, deposit.offset);
    if (after === undefined) return;
    yield* database.transaction((tx) => {
      tx.set(name, after);
      tx.apply(deposit);
    });
    cache.set(name, after);
  };
};

/** Forgets everything whenever partitions move. */
const forgetsOnRebalance: StartHandler = ({ database }) => {
  const cache = new Map<string, Account>();
  return {
    onAssigned: () => cache.clear(),
    onRevoked: () => cache.clear(),
    *onMessage(deposit) {
      const name = `account/${deposit.key}`;
      const account = cache.get(name) ?? ((yield* database.get(name)) as Account) ?? EMPTY;
      const after = adding(account, deposit.offset);
      if (after === undefined) return;
      yield* database.transaction((tx) => {
        tx.set(name, after);
        tx.apply(deposit);
      });
      cache.set(name, after);
    },
  };
};

/** Writes only if the account is still what it had read: who was replaced meanwhile cannot. */
const fenced: StartHandler = ({ database }) => {
  const cache = new Map<string, Account>();
  return {
    onAssigned: () => cache.clear(),
    onRevoked: () => cache.clear(),
    *onMessage(deposit) {
      const name = `account/${deposit.key}`;
      const account = cache.get(name) ?? ((yield* database.get(name)) as Account) ?? EMPTY;
      cache.delete(name);
      const after = adding(account, deposit.offset);
      if (after === undefined) return;
      yield* database.transaction((tx) => {
        const stored = (tx.get(name) as Account | undefined) ?? EMPTY;
        // The message is rejected and comes again; the cache has let go of the account by then.
        if (stored.next !== account.next) throw new Error('the account has changed meanwhile');
        tx.set(name, after);
        tx.apply(deposit);
      });
      cache.set(name, after);
    },
  };
};

/** Deposits that no balance shows, although a transaction took them. */
function missing(run: SimulatedRun): number {
  const balances = [...run.rows.values()].map((account) => (account as Account).balance);
  return run.of('ledger').effects - balances.reduce((sum, balance) => sum + balance, 0);
}

/** The second consumer comes, and goes for good: its partitions return to the first. */
const gone = { crash: 'ledger-2', at: '16s' } as const;
/** A consumer stands still in the middle of a deposit for longer than its session. */
const zombie = {
  pause: 'ledger-1',
  when: { event: 'delivered', nth: 20, node: 'ledger-1' },
  for: '10s',
} as const;

test('a cache that forgets nothing overwrites what others have done meanwhile', () => {
  const run = simulate(scenario, { handlers: { ledger: cachesForEver }, faults: [gone] });
  expect(run).toDeliver('exactly-once');
  // Each deposit took effect once, and the balances are wrong: transactions alone do not help.
  expect(missing(run)).toBeGreaterThan(0);
});

describe('a cache that forgets on a rebalance', () => {
  const handlers = { ledger: forgetsOnRebalance };

  test('is right when consumers go', () => {
    const run = simulate(scenario, { handlers, faults: [gone] });
    expect(run).toDeliver('exactly-once');
    expect(missing(run)).toBe(0);
  });

  test('is wrong when one comes back that does not know it was replaced', () => {
    const run = simulate(scenario, { handlers, faults: [zombie] });
    expect(run.conclusive).toBe(true);
    expect(missing(run)).toBeGreaterThan(0);
  });

  test('and random faults find that, with one of them', () => {
    const plans = faultPlans(scenario, { handlers }, { nodes: ['ledger'], kinds: ['pause'] });
    const result = fc.check(
      fc.property(plans, (faults) => {
        const run = simulate(scenario, { handlers, faults });
        fc.pre(run.conclusive);
        return missing(run) === 0;
      }),
      { numRuns: 300 },
    );
    expect(result.failed).toBe(true);
    expect(result.counterexample?.[0]).toHaveLength(1);
    expect(result.counterexample?.[0]).toHaveLength(1);
  });
});

describe('a cache behind writes that check what they were based on', () => {
  const handlers = { ledger: fenced };

  test('keeps the zombie out', () => {
    const run = simulate(scenario, { handlers, faults: [zombie] });
    expect(run).toDeliver('exactly-once');
    expect(missing(run)).toBe(0);
    expect(run.thrown.map(({ says }) => says)).toContain(
      'Error: the account has changed meanwhile',
    );
  });

  test('is right under any three faults', () => {
    let refusals = 0;
    const kinds = ['delay', 'lose', 'pause', 'crash'] as const;
    fc.assert(
      fc.property(faultPlans(scenario, { handlers }, { kinds, nodes: ['ledger'] }), (faults) => {
        const run = simulate(scenario, { handlers, faults });
        fc.pre(run.conclusive);
        expect(run).toDeliver('exactly-once');
        expect(missing(run)).toBe(0);
        refusals += run.thrown.length;
      }),
      { numRuns: 300 },
    );
    expect(refusals).toBeGreaterThan(0);
  });
});
