import { expect, test } from 'vitest';
import type { HandlingPlan, IdempotencyPlan } from '../../../models/parts/application.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { crash, Stage, type Handing } from './stage.ts';

function by(
  which: IdempotencyPlan['by'],
  check: IdempotencyPlan['check'] = 'inside',
  window = 0,
): Partial<HandlingPlan> {
  return { effect: 'database', idempotency: { by: which, check, window } };
}

/** Message 0 twice, the second time to another worker, `apart` later. Handling takes 10 + 2 ms. */
const twice = (apart: number): Handing[] => [
  { at: 0, by: 0 },
  { at: apart, by: 1, attempt: 2 },
];

test('without idempotency a message handled twice has two effects', () => {
  expect(new Stage(by('none'), twice(seconds(1))).run(seconds(9)).effects).toEqual([0, 0]);
});

test('by message id a repeat is recognised, checked inside or before the transaction', () => {
  for (const check of ['inside', 'outside'] as const) {
    const stage = new Stage(by('message-id', check), twice(seconds(1))).run(seconds(9));
    expect(stage.effects).toEqual([0]);
    expect(stage.outcomes).toEqual(['done', 'done']);
  }
});

test('T-54: checked before the transaction, two holders of one message both apply it', () => {
  // Both ask "seen?" by 6 ms and are answered no; both apply at 13 ms and later.
  const stage = new Stage(by('message-id', 'outside'), twice(millis(5))).run(seconds(9));
  expect(stage.effects).toEqual([0, 0]);
});

test('T-54, one step short: checked inside the transaction, the second is recognised', () => {
  const stage = new Stage(by('message-id', 'inside'), twice(millis(5))).run(seconds(9));
  expect(stage.effects).toEqual([0]);
  expect(stage.outcomes).toEqual(['done', 'done']);
});

test('T-54, one step short: checked before, the second asks when the first has committed', () => {
  // The first asks (2 ms), works (10 ms) and commits at 13 ms; the second asks at 13 + 1 ms.
  const stage = new Stage(by('message-id', 'outside'), twice(millis(13))).run(seconds(9));
  expect(stage.effects).toEqual([0]);
});

test('T-56: by sequence, 1 3 2 loses 2 without any duplicate', () => {
  const order = (...messages: number[]): Handing[] =>
    messages.map((message, i) => ({ message, at: seconds(i) }));
  expect(new Stage(by('sequence'), order(1, 3, 2)).run(seconds(9)).effects).toEqual([1, 3]);
  // One step short: in order all three are applied, and a repeat is recognised.
  expect(new Stage(by('sequence'), order(1, 2, 3, 2)).run(seconds(9)).effects).toEqual([1, 2, 3]);
});

test('by sequence each key has its own highest', () => {
  const stage = new Stage(by('sequence'), [
    { message: 3, key: 7, at: 0 },
    { message: 2, key: 8, at: seconds(1) },
  ]).run(seconds(9));
  expect(stage.effects).toEqual([3, 2]);
});

test('T-57: a window of 5 min recognises a repeat within it, and not after it', () => {
  // The first is committed at 11 ms; the second asks apart + 11 ms.
  const plan = by('window', 'inside', seconds(300));
  const within = new Stage(plan, twice(seconds(300) - 1)).run(seconds(400));
  expect(within.effects).toEqual([0]);
  const after = new Stage(plan, twice(seconds(300))).run(seconds(400));
  expect(after.effects).toEqual([0, 0]);
});

test('idempotency in memory forgets with the process, in the database it does not', () => {
  const handings = [{ at: 0 }, { at: seconds(1), attempt: 2 }];
  const local = { ...by('message-id'), effect: 'local' } as const;
  expect(new Stage(local, handings).run(seconds(9)).effects).toEqual([0]);
  for (const [plan, effects] of [
    [local, [0, 0]],
    [by('message-id'), [0]],
  ] as const) {
    const stage = new Stage(plan, handings);
    stage.faults(crash(stage.workers[0], millis(500))).run(seconds(9));
    expect(stage.effects).toEqual(effects);
  }
});

test('the database keeps its rows through its own crash', () => {
  const stage = new Stage(by('message-id'), [{ at: 0 }, { at: seconds(1), attempt: 2 }]);
  stage.faults(crash(stage.database, millis(500))).run(seconds(9));
  expect(stage.effects).toEqual([0]);
});
