import { expect, test } from 'vitest';
import { Biography } from '../../reports/biography.ts';
import type { TraceEntry } from '../../reports/trace.ts';

let i = 0;
const sent = (t: number, node: string, to: string, part: Partial<TraceEntry> = {}): TraceEntry => ({
  i: i++,
  t,
  node,
  kind: 'sent',
  to,
  type: 'ProduceRequest',
  about: 'orders-0',
  nr: 2,
  attempt: 1,
  carries: ['checkout/2'],
  arrives: t + 500,
  fate: '',
  cause: null,
  ...part,
});
const fact = (t: number, node: string, kind: string, part = {}): TraceEntry => ({
  i: i++,
  t,
  node,
  kind,
  message: 'checkout/2',
  ...part,
  cause: null,
});

/** Sent, stored, the answer lost, sent again, stored again. */
const life = () => [
  fact(20_000, 'checkout', 'invoked'),
  sent(20_000, 'checkout', 'broker-1'),
  fact(21_000, 'broker-1', 'stored', { stream: 'orders-0', position: 2 }),
  sent(21_000, 'broker-1', 'checkout', {
    type: 'ProduceResponse',
    carries: [],
    arrives: null,
    fate: 'LOST',
  }),
  sent(21_500, 'broker-1', 'billing', {
    type: 'ProduceResponse',
    nr: 7,
    carries: [],
    arrives: null,
    fate: 'LOST',
  }),
  sent(1_020_000, 'checkout', 'broker-1', { attempt: 2 }),
  fact(1_021_000, 'broker-1', 'stored', { stream: 'orders-0', position: 3 }),
  fact(1_022_000, 'checkout', 'ok'),
];

test('a life tells of the loss, the second try and the second copy, in order', () => {
  const biography = new Biography('checkout/2');
  for (const entry of life()) biography.take(entry);
  expect(biography.steps().map((s) => `${s.at / 1000} ${s.who}: ${s.says}`)).toEqual([
    '20 checkout -> broker-1: ProduceRequest orders-0/2',
    '21 broker-1: stored at orders-0/2',
    '21 broker-1 -x checkout: LOST: ProduceResponse orders-0/2',
    '1020 checkout -> broker-1: ProduceRequest orders-0/2 attempt 2',
    '1021 broker-1: stored at orders-0/3: AGAIN',
    '1022 checkout: hears the acknowledgement',
  ]);
});

test('of a long life the tries, losses and repeats are kept, and nothing twice the screen', () => {
  const biography = new Biography('checkout/2');
  for (let n = 0; n < 50; n++) for (const entry of life()) biography.take(entry);
  expect(biography.steps().length).toBe(6);
  expect(biography.steps().some((s) => s.says.includes('LOST'))).toBe(true);
});

test('nothing is told of a message that does not occur', () => {
  const biography = new Biography('checkout/3');
  for (const entry of life()) biography.take(entry);
  expect(biography.steps()).toEqual([]);
});

test('a crash is part of the story only while the story lasts', () => {
  const crash = (t: number): TraceEntry => ({
    i: i++,
    t,
    node: 'broker-1',
    kind: 'crashed',
    cause: null,
  });
  const biography = new Biography('checkout/2');
  biography.take(crash(1));
  for (const entry of life().slice(0, 4)) biography.take(entry);
  biography.take(crash(20_500));
  biography.take(crash(9_000_000));
  expect(biography.steps().filter((s) => s.says === 'goes down')).toHaveLength(1);
});

test('what clients believed is what they had stated by then, and nothing that came later', () => {
  const biography = new Biography('checkout/2');
  for (const entry of life()) biography.take(entry);
  const billing = { subscription: 'billing', outcome: 'done' };
  biography.take(fact(1_030_000, 'billing-1', 'delivered', billing));
  biography.take(fact(1_031_000, 'billing-1', 'handled', billing));
  // The second copy is stored at 1 021 ms; its answer is heard 1 ms later.
  expect(biography.believed(1_021_000)).toEqual(['checkout: sent, no answer yet']);
  expect(biography.believed(1_030_000)).toEqual([
    'checkout: acknowledged',
    'billing-1: not handled yet',
  ]);
  expect(biography.believed(1_031_000)[1]).toBe('billing-1: handled once');
});
