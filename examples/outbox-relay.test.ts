import 'lost-ack/testing/vitest';
import fc from 'fast-check';
import { simulate, type StartHandler, type StartService } from 'lost-ack/testing';
import { faultPlans } from 'lost-ack/testing/fast-check';
import { describe, expect, test } from 'vitest';

/**
 * A service takes orders from a topic, keeps them in its database and tells others of each by an
 * event. Database and event bus are two systems: what happens between the two is what matters. The
 * event of an order is its effect: an order without event is lost, one with two is a duplicate.
 */
const scenario = `
scenario: Orders are kept, and others are told of them
system: kafka
topics:
  orders: { partitions: 2 }
producers:
  shop:
    to: orders
    send: { count: 10, every: 20ms, keys: 4 }
consumers:
  placing:
    from: orders
    config: { enable.auto.commit: false, auto.offset.reset: earliest, session.timeout.ms: 6000 }
    process: { takes: 2ms, effect: api, timeout: 1s }
`;

/** Writes the order, then tells of it; an order that is there already is a repeat. */
const dualWrite: StartHandler = ({ api, database }) =>
  function* (order) {
    if (yield* database.get(`order/${order.id}`)) return;
    yield* database.set(`order/${order.id}`, 'placed');
    yield* api.call(order);
  };

/** Writes the order and the event that shall be sent, in one transaction. */
const withOutbox: StartHandler = ({ database }) =>
  function* (order) {
    yield* database.transaction((tx) => {
      if (tx.get(`order/${order.id}`)) return;
      tx.set(`order/${order.id}`, 'placed');
      tx.set(`outbox/${order.id}`, order.id);
    });
  };

/** Sends what is in the outbox: how, is the difference between the relays. */
function relay(send: (id: string, tools: Parameters<StartService>[0]) => ReturnType<StartService>) {
  const run: StartService = function* (tools) {
    const { database, sleep } = tools;
    for (;;) {
      const waiting = yield* database.transaction((tx) =>
        tx.keys('outbox/').map((key) => String(tx.get(key))),
      );
      for (const id of waiting) yield* send(id, tools);
      yield* sleep(50);
    }
  };
  return { relay: { of: 'placing', run } };
}

/** Ticks the event off first. */
const ticksOffFirst = relay(function* (id, { api, database }) {
  yield* database.transaction((tx) => tx.delete(`outbox/${id}`));
  yield* api.call(id);
});

/** Sends it first: whoever dies in between sends it again. */
const sendsFirst = relay(function* (id, { api, database }) {
  yield* api.call(id);
  yield* database.transaction((tx) => tx.delete(`outbox/${id}`));
});

/** The same, with an id that the receiver recognises a repeat by. */
const sendsFirstWithId = relay(function* (id, { api, database }) {
  yield* api.call(id, { idempotencyKey: id });
  yield* database.transaction((tx) => tx.delete(`outbox/${id}`));
});

/** The request to the event bus is lost: nobody knows whether it got there. */
const lostRequest = { lose: 'ChargeRequest', nth: 3 } as const;
/** The relay dies just after an event was published. */
const crash = { crash: 'relay', when: { event: 'effect', nth: 4 }, restart: '1s' } as const;

test('writing to two systems loses an event: the repeat finds the order and believes in it', () => {
  const run = simulate(scenario, { handlers: { placing: dualWrite }, faults: [lostRequest] });
  expect(run).toLose(1);
  expect(run).toViolate('loss', { witness: /its handler never finished/ });
});

describe('with an outbox', () => {
  const handlers = { placing: withOutbox };

  test('a relay that ticks off first loses what it had ticked off', () => {
    const run = simulate(scenario, { handlers, services: ticksOffFirst, faults: [lostRequest] });
    expect(run).toLose(1);
    expect(run).toDeliver('at-most-once');
  });

  test('a relay that sends first sends twice', () => {
    const run = simulate(scenario, { handlers, services: sendsFirst, faults: [crash] });
    expect(run).toDuplicate(1);
    expect(run).not.toDeliver('exactly-once');
    expect(run).toDeliver('at-least-once');
  });

  test('random faults find that out too, with one of them', () => {
    const options = { handlers, services: sendsFirst };
    const plans = faultPlans(scenario, options, { nodes: ['relay'], kinds: ['crash', 'lose'] });
    const result = fc.check(
      fc.property(plans, (faults) => {
        const run = simulate(scenario, { ...options, faults });
        fc.pre(run.conclusive);
        return run.record.guarantee === 'exactly-once';
      }),
    );
    expect(result.failed).toBe(true);
    expect(result.counterexample?.[0]).toHaveLength(1);
  });

  test('sent first and recognised by its id, each event counts once under any three faults', () => {
    const options = { handlers, services: sendsFirstWithId };
    const nodes = ['relay', 'placing', 'payment-api', 'database'];
    let repeats = 0;
    fc.assert(
      fc.property(faultPlans(scenario, options, { nodes }), (faults) => {
        const run = simulate(scenario, { ...options, faults });
        fc.pre(run.conclusive);
        expect(run).toDeliver('exactly-once');
        repeats += run.thrown.length;
      }),
      { numRuns: 300 },
    );
    expect(repeats).toBeGreaterThan(0);
  });
});
