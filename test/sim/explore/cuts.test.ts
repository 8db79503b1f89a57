import { expect, test } from 'vitest';
import { Cuts } from '../../../sim/explore/search/cuts.ts';
import { Draws } from '../../../sim/explore/search/draws.ts';
import { fewer } from '../../../sim/explore/search/fewer.ts';
import { both } from '../../../sim/explore/search/hear.ts';
import { place, planned, plannedFault } from '../../../sim/explore/search/planned.ts';
import { scopeOf } from '../../../sim/explore/search/scope.ts';
import { isMinimal } from '../../../sim/explore/search/shrink.ts';
import { Support } from '../../../sim/explore/search/support.ts';
import { Turns } from '../../../sim/explore/search/turns.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { flawed, GROUND } from './flawed.ts';

const ANOMALY = 'duplicates.stored above';

function cutsOfQuietRun() {
  const run = flawed('memory');
  const { portrait } = scopeOf(GROUND, 2, '1');
  const seen = portrait();
  const support = new Support(new Set([Fact.stored]));
  place(run, [], { trace: (world) => both(seen.trace(world), support.trace(world)) });
  return { run, seen, support, cuts: new Cuts(GROUND, seen, support, new Draws('1')) };
}

test('a cut of a run is of something that this run has: alone, it strikes', () => {
  const { run, cuts } = cutsOfQuietRun();
  const whats = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const fault = cuts.next(undefined);
    if (fault === undefined) throw new Error('there is something to cut');
    whats.add(fault.what);
    // A crash at a time may find the broker down or the run over; what waits for a cause does not.
    if (fault.when.is !== 'at') expect(place(run, [planned(fault)]).placed).toHaveLength(1);
  }
  expect([...whats].sort()).toEqual(['crash', 'lose']);
});

test('what a message rests on: its sends, its answers and where it was stored, not its neighbours', () => {
  const { support } = cutsOfQuietRun();
  expect(support.messages()).toEqual([0, 1, 2]);
  // Message 1: its publish is the second, so is its storing and its answer.
  const rests = support.of(1).map((at) => (at.is === 'message' ? at.type : 'moment') + at.nth);
  expect(rests).toEqual(['publish2', 'moment2', 'stored2']);
});

test('a plan is a text and back', () => {
  const { cuts } = cutsOfQuietRun();
  const fault = cuts.next(undefined);
  if (fault === undefined) throw new Error('there is something to cut');
  expect(plannedFault(planned(fault))).toEqual(fault);
  expect(plannedFault('lose broker>client stored orders/1 #1')).toBeUndefined();
});

test('fewer faults are found where a plan is roundabout, and none are lost where it is not', () => {
  const answer = { type: 'stored', from: ['broker'], to: ['client'], about: '' };
  const lose = (nth: number) =>
    planned({ what: 'lose', match: answer, when: { is: 'nth', nth: [nth] }, for: -1 });
  const crash = planned({
    what: 'crash',
    nodes: ['broker'],
    when: { is: 'at', at: 12_000 },
    for: 5_000,
  });
  const scope = scopeOf(GROUND, 2, '1');
  // A broker that keeps nothing needs one lost answer: of two, and a crash, one is left.
  const nowhere = flawed('nowhere');
  const keeps = (run: typeof nowhere) => (faults: readonly string[]) =>
    place(run, faults).violated.includes(ANOMALY);
  const least = fewer(nowhere, [crash, lose(1)], keeps(nowhere), scope, 50);
  expect(least).toHaveLength(1);
  expect(isMinimal(nowhere, least, ANOMALY)).toBe(true);
  // One that keeps it in memory needs both.
  const memory = flawed('memory');
  const both = fewer(memory, [lose(1), crash], keeps(memory), scope, 50);
  expect(both).toHaveLength(2);
  expect(keeps(memory)(both)).toBe(true);
});

test('turns are shared out by cost, and what does not fit waits', () => {
  const turns = new Turns<string>(new Draws('1')).add('often', 1).add('seldom', 3);
  const taken = Array.from({ length: 40 }, () => turns.next());
  // 40 turns at costs 1 and 3: 30 and 10.
  expect(taken.filter((word) => word === 'often')).toHaveLength(30);
  expect(turns.next((word) => word === 'seldom')).toBe('seldom');
  expect(turns.next(() => false)).toBeUndefined();
});
