import { expect, test } from 'vitest';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { crash, lose, Stage } from './stage.ts';

const THREE = { attempts: 3, backoff: 'fixed', base: millis(100), cap: seconds(1) } as const;

test('a delivery is stated, worked on and handled in that order', () => {
  const stage = new Stage({}, [{ at: 0, message: 4 }]).run(seconds(1));
  expect(stage.heard.filter((h) => h.node === stage.workers[0]).map((h) => h.fact)).toEqual([
    'started',
    'delivered',
    'effect',
    'handled',
  ]);
  expect(stage.all('handled')[0].time).toBe(millis(10));
});

test('a poison message fails every try, and is left or skipped', () => {
  for (const [exhausted, outcome] of [
    ['leave', 'failed'],
    ['skip', 'skipped'],
  ] as const) {
    const stage = new Stage({ exhausted, retry: THREE }, [{ at: 0, poison: true }]).run(seconds(9));
    expect(stage.outcomes).toEqual([outcome]);
    expect(stage.effects).toEqual([]);
    // Three tries of 10 ms, two pauses of 100 ms.
    expect(stage.all('handled')[0].time).toBe(millis(3 * 10 + 2 * 100));
  }
});

test('a passing failure is tried again; with one try it is not', () => {
  // The first draw fails, the second does not.
  let draws = 0;
  const once = { choose: () => (draws++ === 0 ? 1 : 0), sample: () => 0 };
  const stage = new Stage({ fails: 500_000, retry: THREE }, [{ at: 0 }], once).run(seconds(9));
  expect(stage.outcomes).toEqual(['done']);
  expect(stage.effects).toEqual([0]);
  draws = 0;
  const short = new Stage({ fails: 500_000 }, [{ at: 0 }], once).run(seconds(9));
  expect(short.outcomes).toEqual(['failed']);
});

/** Dies at the moment a fact is stated. */
function crashAt(node: NodeId, fact: number): Fault {
  return {
    what: 'crash',
    nodes: [node],
    when: { is: 'event', fact, nth: 1, node: undefined },
    for: 1,
  };
}

test('T-55: a crash after the effect and before its end leaves the effect and no outcome', () => {
  const stage = new Stage({}, [{ at: 0 }]);
  stage.faults(crashAt(stage.workers[0], Fact.effect)).run(seconds(1));
  expect(stage.effects).toEqual([0]);
  expect(stage.outcomes).toEqual([]);
});

test('T-55: a crash before the effect leaves neither', () => {
  const stage = new Stage({}, [{ at: 0 }]);
  stage.faults(crash(stage.workers[0], millis(9))).run(seconds(1));
  expect(stage.all('delivered')).toHaveLength(1);
  expect(stage.effects).toEqual([]);
  expect(stage.outcomes).toEqual([]);
});

test('a crash while the database commits leaves the effect without its outcome', () => {
  // The request left at 10 ms and arrives at 11 ms; the worker dies at 11.5 ms.
  const plan = { effect: 'database' } as const;
  const stage = new Stage(plan, [{ at: 0 }]);
  stage.faults(crash(stage.workers[0], millis(11) + 500)).run(seconds(1));
  expect(stage.effects).toEqual([0]);
  expect(stage.outcomes).toEqual([]);
});

test('a lost answer of the database is tried again: without idempotency the effect is doubled', () => {
  const doubled = (by: 'none' | 'message-id') => {
    const idempotency = { by, window: 0, check: 'inside' } as const;
    const stage = new Stage({ effect: 'database', idempotency, retry: THREE }, [{ at: 0 }]);
    stage.faults(lose('TransactionResponse', 1)).run(seconds(9));
    expect(stage.outcomes).toEqual(['done']);
    return stage.effects;
  };
  expect(doubled('none')).toEqual([0, 0]);
  expect(doubled('message-id')).toEqual([0]);
});

test('T-60: a repeated charge without an idempotency key charges twice, with one once', () => {
  for (const [idempotencyKeys, effects] of [
    [false, [0, 0]],
    [true, [0]],
  ] as const) {
    const stage = new Stage({ effect: 'api', idempotencyKeys, retry: THREE }, [{ at: 0 }]);
    stage.faults(lose('ChargeResponse', 1)).run(seconds(9));
    expect(stage.outcomes).toEqual(['done']);
    expect(stage.effects).toEqual(effects);
  }
});

test('T-60: a key is forgotten after 24 h, not a second before', () => {
  const day = seconds(86_400);
  const charge = (apart: number) =>
    new Stage({ effect: 'api', idempotencyKeys: true }, [{ at: 0 }, { at: apart, attempt: 2 }]).run(
      2 * day,
    ).effects;
  expect(charge(day - 1)).toEqual([0]);
  expect(charge(day)).toEqual([0, 0]);
});

test('a sink that never answers fails the try after the timeout', () => {
  const stage = new Stage({ effect: 'api' }, [{ at: 0 }]);
  stage.faults(lose('ChargeResponse', 1)).run(seconds(9));
  expect(stage.outcomes).toEqual(['failed']);
  expect(stage.all('handled')[0].time).toBe(millis(10) + seconds(1));
});

test('a message that comes again has draws of its own', () => {
  const plan = {
    takes: Distribution.uniform(0, 1000),
    fails: 500_000,
    retry: { ...THREE, backoff: 'full-jitter' },
  } as const;
  const always = { choose: () => 1, sample: () => 5 };
  const again = [{ at: 0 }, { at: seconds(5), attempt: 2 }];
  expect(new Stage(plan, again, always).run(seconds(9)).selfCheck.repeated).toEqual([]);
  // One step short: handed out as the same attempt, its draws bear the same names.
  const same = [{ at: 0 }, { at: seconds(5) }];
  expect(new Stage(plan, same, always).run(seconds(9)).selfCheck.repeated).not.toEqual([]);
});
