import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Alarm } from '../../../sim/history/alarm.ts';
import { Bits } from '../../../sim/history/bits.ts';
import { MessageTable } from '../../../sim/history/message-table.ts';
import { Series } from '../../../sim/history/series.ts';
import { HOLE, Stream } from '../../../sim/history/stream.ts';
import { minutes } from './units.ts';
import { Story } from './story.ts';

describe('Bits', () => {
  test('is a set of small numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000)), fc.array(fc.nat(5000)), (numbers, others) => {
        const bits = new Bits();
        const set = new Set<number>();
        for (const n of numbers) {
          expect(bits.add(n)).toBe(!set.has(n));
          set.add(n);
        }
        const outside = new Bits();
        others.forEach((n) => outside.add(n));
        const seen: number[] = [];
        bits.eachOutside([outside], (n) => seen.push(n));
        expect(bits.count).toBe(set.size);
        expect(seen).toEqual([...set].filter((n) => !others.includes(n)).sort((a, b) => a - b));
      }),
    );
  });
});

describe('Stream', () => {
  test('holds what a sparse array would, a hole is filled, and a cut replaces what stood behind it', () => {
    const position = fc.nat(200);
    fc.assert(
      fc.property(fc.array(fc.tuple(position, fc.boolean())), (steps) => {
        const stream = new Stream('orders-0', 0);
        let model: number[] = [];
        let base = -1;
        steps.forEach(([at, trims], message) => {
          if (trims && base >= 0) {
            base = Math.min(Math.max(base, at), model.length);
            stream.trim(at);
            return;
          }
          if (at < base || model[at] !== HOLE) {
            model = model.slice(0, at);
            while (model.length < at) model.push(HOLE);
          }
          if (base < 0 || at < base) base = at;
          model[at] = message;
          stream.put(at, message);
        });
        for (let p = Math.max(base, 0); p < model.length; p++) {
          expect(stream.at(p)).toBe(model[p] ?? HOLE);
        }
      }),
    );
  });
});

describe('Series', () => {
  test('keeps few samples and every peak, however long the run', () => {
    const series = new Series();
    for (let t = 0; t < 5_000_000; t += 500) {
      if (t >= series.due) series.add(t, t === 3_000_000 ? 99 : 1);
      else series.peak(1);
    }
    series.peak(99);
    expect(series.values.length).toBeLessThanOrEqual(512);
    expect(series.measures(5_000_000, 1)).toEqual({ max: 99, p50: 1, p99: 1, final: 1 });
  });

  test('a percentile weighs the time that a value stood', () => {
    const series = new Series();
    series.add(0, 1); // 1 stands for 10 ms,
    series.add(10_000, 7); // 7 for 990 ms.
    expect(series.measures(1_000_000, 0)).toMatchObject({ p50: 7, p99: 7, max: 7 });
    expect(series.measures(12_000, 0)).toMatchObject({ p50: 1, p99: 7 });
  });
});

describe('MessageTable', () => {
  test('forgets pages that are done and old, and keeps those that are open', () => {
    const table = new MessageTable();
    table.put(0, 5, 7, 1);
    for (let m = 512; m < 1_300_000; m++) {
      table.put(m, m, 0, 1);
      table.close(m, 1);
    }
    expect([table.at(0), table.key(0)]).toEqual([5, 7]); // Still open.
    expect(table.at(600)).toBe(-1);
    expect(table.at(1_299_999)).toBe(1_299_999);
    table.close(0, 1);
    expect(table.at(0)).toBe(-1);
  });
});

describe('Alarm', () => {
  // Message 0 is sent at 0 and never settled: its age passes 60 s at 60 s, and has done so for 5
  // min at 6 min.
  const lagging = (until: number) => {
    const story = new Story().at(0).sent(0);
    const alarm = new Alarm({
      name: 'lagging',
      subscription: '',
      lag: 'time',
      above: minutes(1),
      for: minutes(5),
    });
    for (let t = 0; t <= until; t += minutes(1)) alarm.sample(story.ledger.subscriptions[0], t);
    return alarm.firedAt;
  };

  test('fires when a lag has stayed above the threshold for long enough', () => {
    expect(lagging(minutes(6))).toBe(minutes(6));
  });

  test('stays silent a minute earlier', () => {
    expect(lagging(minutes(5))).toBe(-1);
  });
});
