import 'lost-ack/testing/vitest';
import fc from 'fast-check';
import { simulate, type StartHandler } from 'lost-ack/testing';
import { faultPlans } from 'lost-ack/testing/fast-check';
import { describe, expect, test } from 'vitest';

/**
 * A consumer that charges cards through somebody else's API. Kafka hands a payment out again when
 * the process dies between charging and committing, so charging twice is what has to be prevented.
 */
const scenario = `
scenario: Payments are charged by a service that is not ours
system: kafka
topics:
  payments: { partitions: 2 }
producers:
  shop:
    to: payments
    send: { count: 10, every: 10ms, keys: 4 }
consumers:
  billing:
    from: payments
    instances: 2
    config: { enable.auto.commit: false, auto.offset.reset: earliest, session.timeout.ms: 6000 }
    process: { takes: 2ms, effect: api, timeout: 1s }
`;

/** Charges whatever comes. */
const naive: StartHandler = ({ api }) =>
  function* (payment) {
    yield* api.call(payment);
  };

/** Looks first whether it has charged already. Looking and charging are two things. */
const checksFirst: StartHandler = ({ api, database }) =>
  function* (payment) {
    if (yield* database.get(`charged/${payment.id}`)) return;
    yield* api.call(payment);
    yield* database.set(`charged/${payment.id}`, true);
  };

/** Says which payment it is; the service recognises a repeat. */
const idempotent: StartHandler = ({ api }) =>
  function* (payment) {
    yield* api.call(payment, { idempotencyKey: payment.id });
  };

/** A crash of a consumer after the charge and before its commit. */
const crash = {
  crash: 'billing-1',
  when: { event: 'effect', nth: 2 },
  restart: '1s',
} as const;

describe('a naive consumer', () => {
  test('charges twice when it dies after charging', () => {
    const run = simulate(scenario, { handlers: { billing: naive }, faults: [crash] });
    expect(run).toViolate('duplicates', { witness: /applied again/ });
    expect(run).toDeliver('at-least-once');
    expect(run).not.toDeliver('exactly-once');
  });

  test('is found out by random faults, and one of them is enough', () => {
    const handlers = { billing: naive };
    const plans = faultPlans(
      scenario,
      { handlers },
      { nodes: ['billing'], kinds: ['crash', 'lose'] },
    );
    const result = fc.check(
      fc.property(plans, (faults) => {
        const run = simulate(scenario, { handlers, faults });
        fc.pre(run.conclusive);
        return run.record.guarantee === 'exactly-once';
      }),
    );
    expect(result.failed).toBe(true);
    expect(result.counterexample?.[0]).toHaveLength(1);
  });
});

test('looking before charging narrows the gap and leaves it open', () => {
  const handlers = { billing: checksFirst };
  const run = simulate(scenario, { handlers, faults: [crash] });
  expect(run).toDuplicate(1);
  expect(run).toLose(0);
});

describe('a consumer with idempotency keys', () => {
  const handlers = { billing: idempotent };

  test('charges once, under the crash that breaks the others', () => {
    const run = simulate(scenario, { handlers, faults: [crash] });
    expect(run.of('billing').duplicates.delivered).toBeGreaterThan(0);
    expect(run).toDeliver('exactly-once');
  });

  test('charges once under any three faults', () => {
    const kinds = ['delay', 'lose', 'pause', 'crash'] as const;
    let repeats = 0;
    fc.assert(
      fc.property(faultPlans(scenario, { handlers }, { kinds }), (faults) => {
        const run = simulate(scenario, { handlers, faults });
        fc.pre(run.conclusive);
        expect(run).toDeliver('exactly-once');
        repeats += run.of('billing').duplicates.delivered;
      }),
      { numRuns: 300 },
    );
    expect(repeats).toBeGreaterThan(100);
  });
});
