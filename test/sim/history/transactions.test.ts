import { expect, test } from 'vitest';
import { Ledger } from '../../../sim/history/ledger.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { Names } from '../../../sim/kernel/names.ts';

/** One producer, one stream, a reader of committed data (0) and one of everything (1). */
function told(...facts: [fact: number, a: number, b?: number, c?: number, d?: number][]): Ledger {
  const ledger = new Ledger({
    names: new Names(),
    producers: ['producer'],
    channels: [0],
    channelCount: 1,
    subscriptions: [
      { name: 'committed', channel: 0, committedOnly: true },
      { name: 'all', channel: 0 },
    ],
    alarms: [],
  });
  ledger.addStream('orders-0', 0);
  ledger.fact(0, 0, Fact.invoked, 0, 0, -1, 0);
  for (const [fact, a, b = 0, c = 0, d = 0] of facts) ledger.fact(1, 0, fact, a, b, c, d);
  return ledger;
}

const OPEN = [Fact.stored, 0, 0, 0, 1] as [number, number, number, number, number];

test('what is stored in an open transaction is waited for by the reader of everything alone', () => {
  const ledger = told(OPEN);
  expect(ledger.subscriptions.map((s) => s.behind)).toEqual([0, 1]);
  const ended = told(OPEN, [Fact.committed, 0, 0, 0]);
  expect(ended.subscriptions.map((s) => s.behind)).toEqual([1, 1]);
});

test('the good copy behind an aborted one is no duplicate to a reader of committed data', () => {
  const again = [Fact.stored, 0, 0, 2, 1] as typeof OPEN;
  const ledger = told(OPEN, [Fact.aborted, 0, 0, 0], again, [Fact.committed, 0, 0, 2]);
  expect(ledger.subscriptions.map((s) => s.duplicates.stored)).toEqual([0, 1]);
  const both = told(OPEN, [Fact.committed, 0, 0, 0], again, [Fact.committed, 0, 0, 2]);
  expect(both.subscriptions.map((s) => s.duplicates.stored)).toEqual([1, 1]);
});

test('a commit of offsets that passes an aborted record settles nothing', () => {
  const ledger = told(OPEN, [Fact.aborted, 0, 0, 0], [Fact.settledTo, 0, 0, 1]);
  expect(ledger.subscriptions[0].settled.count).toBe(0);
  const kept = told(OPEN, [Fact.committed, 0, 0, 0], [Fact.settledTo, 0, 0, 1]);
  expect(kept.subscriptions[0].settled.count).toBe(1);
});

test('a failed message that is handed over is a phantom, committed in whose name it may be', () => {
  const failed = [Fact.failed, 0] as [number, number];
  const ledger = told(OPEN, [Fact.committed, 0, 0, 0], failed, [Fact.delivered, 0, 0, 0, 0]);
  expect(ledger.subscriptions[0].phantom).toBe(1);
  const fine = told(OPEN, [Fact.committed, 0, 0, 0], [Fact.ok, 0, 1], [Fact.delivered, 0, 0, 0, 0]);
  expect(fine.subscriptions[0].phantom).toBe(0);
});

test('an acknowledged message whose transaction was aborted is not waited for', () => {
  const ok = [Fact.ok, 0, 1] as [number, number, number];
  const seen = [Fact.settled, 0, 1] as [number, number, number];
  const given = [Fact.delivered, 0, 1, 0, 0] as [number, number, number, number, number];
  const done = [Fact.handled, 0, 1, 0] as [number, number, number, number];
  expect(told(OPEN, ok, given, done, seen).drained).toBe(false);
  expect(told(OPEN, ok, given, done, seen, [Fact.aborted, 0, 0, 0]).drained).toBe(true);
});
