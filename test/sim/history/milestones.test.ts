import { describe, expect, test } from 'vitest';
import { Milestones, partingOf, type Path } from '../../../sim/history/milestones.ts';

/** A run of so many events whose digest is `from` up to an event and `then` afterwards. */
function pathOf(events: number, parting = Infinity): Path {
  const milestones = new Milestones();
  for (let n = 1; n <= events; n++) {
    if (n !== milestones.next) continue;
    milestones.reach((n < parting ? n : -n).toString(16).padStart(16, '0').slice(-6));
  }
  return milestones.path;
}

describe('milestones', () => {
  test('a run of any length keeps fewer than sixteen, evenly spaced', () => {
    for (const events of [0, 15, 16, 1000, 123_456]) {
      const { every, marks } = pathOf(events);
      expect(marks.length).toBe(Math.floor(events / every));
      expect(marks.length).toBeLessThan(16);
    }
  });

  test('two runs that part after 700 events are known to part between two marks around it', () => {
    const { after, before } = partingOf(pathOf(1000), pathOf(1000, 701));
    expect(after).toBeLessThanOrEqual(700);
    expect(before).toBeGreaterThan(700);
    expect(before - after).toBe(pathOf(1000).every);
  });

  test('runs of different length are compared where both have marks', () => {
    const { after, before } = partingOf(pathOf(100_000), pathOf(300, 250));
    expect(before).toBe(-1); // The long run keeps one mark in 8192 events.
    expect(after).toBe(0);
    expect(partingOf(pathOf(600), pathOf(300, 250))).toMatchObject({ after: 192, before: 256 });
  });

  test('a run has not parted from itself', () => {
    expect(partingOf(pathOf(5000), pathOf(5000)).before).toBe(-1);
  });
});
