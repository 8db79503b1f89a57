import fc from 'fast-check';
import { expect, test } from 'vitest';
import { briefReport, fullReport, summaryLine, type RunView } from '../../reports/terminal.ts';
import { widthOf } from '../../reports/text.ts';
import { expectation, record, subscription } from './records.ts';

const view = (part: Partial<RunView> = {}): RunView => ({
  run: record(),
  butFor: ['fault #1: duplicates.stored would be 0, which is as expected'],
  replay: 'lost-ack run kafka/lost-ack.yaml --seed 42 --digest 0123456789abcdef',
  story: {
    witness: { says: 'stored again at orders-0/3', message: 'checkout/2', atUs: 1_037_000 },
    steps: [
      { at: 20_000, who: 'checkout -> broker-1', says: 'ProduceRequest orders-0/2', tone: 'plain' },
      { at: 21_000, who: 'broker-1 -x checkout', says: 'ProduceResponse LOST', tone: 'bad' },
    ],
    believed: ['checkout: no answer yet, on attempt 2'],
  },
  ...part,
});

test('a failure says verdict, finding, reason, what would have been, and how to see it again', () => {
  expect(fullReport(view())).toMatchInlineSnapshot(`
    "FAIL  kafka/lost-ack.yaml  seed 42
          A lost acknowledgement, retried  (30 s virtual, 1 204 events)

      x   duplicates.stored  expected 0  got 1
      ok  loss               expected 0  got 0

      measured        owed   lost duplicates s/d/e  disorder     lag p99
      fulfilment       100      0            1/1/1         0      4.1 ms
      observed  at-least-once: nothing lost, some effects twice
      fault #1  lose ProduceResponse, nth 3: fired once (line 24)

      why       checkout/2: stored again at orders-0/3
        20 ms  checkout -> broker-1  ProduceRequest orders-0/2
        21 ms  broker-1 -x checkout  ProduceResponse LOST
      believed  checkout: no answer yet, on attempt 2
      but for   fault #1: duplicates.stored would be 0, which is as expected

      replay    lost-ack run kafka/lost-ack.yaml --seed 42 \\
                --digest 0123456789abcdef"
  `);
});

test('five expectations, two variants and a long story fit a screen: 23 lines and a prompt', () => {
  const steps = Array.from({ length: 6 }, () => view().story?.steps[0]).flatMap((s) => s ?? []);
  const witness = { says: `stored again ${'because '.repeat(8)}`, message: 'checkout/2', atUs: 0 };
  const held = expectation({ verdict: 'holds', actual: '0' });
  const promised = { ...held, name: 'guarantee', actual: 'at-least-once' };
  const run = record({ verdict: 'pass', expectations: [held, held, held, held, promised] });
  const variants = [record({ variant: 'with idempotence' }), record({ variant: 'b' })];
  const text = fullReport(
    view({ run, variants, story: { witness, steps, believed: ['checkout: acknowledged'] } }),
  );
  expect(text.split('\n').length).toBeLessThanOrEqual(23);
});

test('what is neither applied nor lost is told: set aside, or still there', () => {
  const of = (part: Parameters<typeof subscription>[0]) =>
    fullReport(view({ run: record({ subscriptions: { fulfilment: subscription(part) } }) }));
  expect(of({ deadLettered: 14, pending: 3 })).toContain(
    'kept      fulfilment: 14 dead-lettered, 3 still stored\n',
  );
  expect(of({ deadLettered: 14 })).toContain('kept      fulfilment: 14 dead-lettered\n');
  expect(of({})).not.toContain('kept');
});

test('one of several that passed takes a line and its command', () => {
  const run = record({ verdict: 'pass' });
  expect(briefReport(view({ run })).split('\n')[0]).toBe(
    'ok    kafka/lost-ack.yaml  seed 42  2 expectations',
  );
});

test('inconclusive names the fault that never fired and the bound that was hit', () => {
  const run = record({
    verdict: 'inconclusive',
    ended: 'time',
    faults: [{ fault: 'crash broker-1, at 9s', fired: 0, line: 24 }],
    expectations: [
      expectation({
        name: 'loss',
        actual: '0',
        verdict: 'unknown',
        why: 'nothing was acknowledged',
      }),
    ],
  });
  const text = fullReport(view({ run }));
  expect(text).toContain('fault #1 never fired');
  expect(text).toContain('stopped at 30 s');
  expect(text).toContain('loss: nothing was acknowledged');
});

test('no line is wider than 80 columns, whatever things are called', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(name, name, name, fc.nat(2 ** 40), (a, b, c, n) => {
      const run = record({
        file: a,
        scenario: b,
        seed: c,
        events: n,
        subscriptions: { [a]: subscription({ owed: n, lost: n }), [b]: subscription() },
        expectations: [expectation({ name: a, expected: b, actual: c }), expectation()],
        faults: [{ fault: c, fired: n % 3, line: n }],
      });
      const witness = { says: a, message: b, atUs: n };
      const steps = [{ at: n, who: a, says: b, tone: 'odd' as const }];
      const variants = [record({ variant: a, subscriptions: run.subscriptions })];
      const views = [
        view({ run, variants, story: { witness, steps, believed: [a, b] }, butFor: [c] }),
        view({ run }),
      ];
      const text = `${fullReport(views[0])}\n${briefReport(views[1])}`;
      for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
    }),
  );
});

test('colour changes nothing but colour', () => {
  const mark = (text: string) => `<${text}>`;
  const paint = { good: mark, bad: mark, unsure: mark, dim: mark, strong: mark };
  expect(fullReport(view(), paint).replace(/(?<!-)[<>]/g, '')).toBe(fullReport(view()));
});

test('the last line of several files counts each verdict and what was not run', () => {
  expect(summaryLine(5, ['pass', 'pass', 'fail', 'inconclusive'])).toBe(
    '5 files: 2 ok, 1 failed, 1 inconclusive, 1 not run',
  );
});
