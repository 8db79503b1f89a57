import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pairJson, pairReport, type PairReport, type PairView } from '../../reports/pair.ts';
import { turnJson, turnReport, type TurnReport } from '../../reports/turn.ts';
import { widthOf } from '../../reports/text.ts';
import { rateOf } from '../../sim/explore/sweep/rate.ts';

const any = fc.string({ unit: 'binary', maxLength: 120 });
const time = fc.nat(10 ** 12);
const step = fc.record({
  at: time,
  who: any,
  says: any,
  tone: fc.constantFrom('plain', 'bad', 'odd'),
});
const run = fc.record({
  placed: fc.array(any, { maxLength: 3 }),
  hidden: fc.array(step, { maxLength: 6 }),
  truth: any,
  needs: any,
  came: any,
  token: fc.constantFrom('', 'la1.x'),
});
const pair: fc.Arbitrary<PairView> = fc.record({
  message: any,
  does: any,
  at: time,
  seen: fc.array(fc.record({ at: time, says: any }), { maxLength: 8 }),
  entries: fc.nat(),
  runs: fc.tuple(run, run),
});
const report: fc.Arbitrary<PairReport> = fc.record({
  file: any,
  scenario: any,
  seed: any,
  client: any,
  space: any,
  tried: fc.nat(),
  histories: fc.nat(),
  exhausted: fc.boolean(),
  stopped: fc.constantFrom('', '30 s'),
  pair: fc.option(pair, { nil: undefined }),
});

const point = fc.tuple(fc.nat(10 ** 6), fc.nat(100)).map(([events, hits]) => {
  return { events, hits, runs: 100, rate: rateOf(hits, 100) };
});
const turn: fc.Arbitrary<TurnReport> = fc
  .record({
    file: any,
    scenario: any,
    seed: any,
    anomaly: any,
    faults: fc.constantFrom('keep', 'drop'),
    planned: fc.boolean(),
    runs: fc.nat(),
    points: fc.array(point, { minLength: 1, maxLength: 9 }),
    stopped: fc.constantFrom('', '30 s'),
    event: fc.nat(),
    at: time,
    node: any,
    says: any,
    drew: fc.array(any, { maxLength: 5 }),
    struck: fc.array(any, { maxLength: 3 }),
  })
  .map(({ points, stopped, ...rest }) => ({
    ...rest,
    times: points.map(({ events }) => events),
    curve: { points, step: [points[0], points[points.length - 1]] as const, stopped },
  }));

/** Lines that a terminal would not show as they are; a token is one word. */
function unfit(text: string, first: string): string[] {
  return text.split('\n').filter((line) => {
    // The file's name heads a report, however long: it can be copied.
    if (line.includes(first) || line.startsWith('  token ')) return false;
    // eslint-disable-next-line no-control-regex -- Control characters are what it looks for.
    return widthOf(line) > 80 || /[\u0000-\u001f\u007f-\u009f]/.test(line);
  });
}

test('two runs side by side fit 80 columns, whatever things are called', () => {
  fc.assert(
    fc.property(report, (one) => {
      expect(unfit(pairReport(one), '  seed ')).toEqual([]);
      expect(JSON.parse(pairJson(one))).toMatchObject({ format: 'lost-ack/pair/1' });
    }),
  );
});

test('so does the curve of a point of no return', () => {
  fc.assert(
    fc.property(turn, (one) => {
      expect(unfit(turnReport(one), '  seed ')).toEqual([]);
      expect(JSON.parse(turnJson(one))).toMatchObject({ format: 'lost-ack/turn/1' });
    }),
  );
});

test('a step that is only chance is not said to have decided anything', () => {
  const points = [5, 8, 10].map((hits, i) => {
    return { events: i, hits, runs: 10, rate: rateOf(hits, 10) };
  });
  const [low, mid, high] = points;
  const base: TurnReport = {
    file: 'x.yaml',
    scenario: 'x',
    seed: '1',
    anomaly: 'loss above',
    faults: 'keep',
    planned: true,
    runs: 10,
    curve: { points, step: [mid, high], stopped: '' },
    times: [0, 1, 2],
    event: 1,
    at: 1,
    node: 'broker-1',
    says: 'acts',
    drew: [],
    struck: [],
  };
  expect(turnReport(base)).toContain('by no single event that could be told');
  const none = { ...low, hits: 0, rate: rateOf(0, 10) };
  const clear = turnReport({
    ...base,
    curve: { points, step: [none, { ...high, events: 1 }], stopped: '' },
  });
  expect(clear).toContain('decided   event 1, 1 us: broker-1 acts');
  const cut = turnReport({
    ...base,
    curve: { points: [high], step: [high, high], stopped: '1 s' },
  });
  expect(cut).toContain('not known: it was stopped');
  const all = points.map((p) => ({ ...p, hits: 10, rate: rateOf(10, 10) }));
  const planned = turnReport({
    ...base,
    curve: { points: all, step: [all[0], all[1]], stopped: '' },
  });
  expect(planned).toContain('before the run began: its plan brings it about');
});
