import { expect, test } from 'vitest';
import { NAMED, RUN_MEASURES } from '../../scenarios/expect.ts';
import { findMeasure } from '../../sim/invariants/judge.ts';
import { INVARIANTS } from '../../sim/invariants/list.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { load } from './fake-systems.ts';

const HEAD = `scenario: x
system: kafka
topics: { t: {} }
producers: { p: { to: t } }
consumers: { c: { from: t } }
alerts: { late: { lag: time, above: 60s } }
`;

function expected(block: string) {
  const { scenario, problems } = load(`${HEAD}expect: ${block}\n`);
  expect(problems).toEqual([]);
  return scenario?.expectations.map(({ subscription, measure, test: t }) => {
    const what = subscription === '' ? measure : `${subscription}: ${measure}`;
    return [what, t.is === 'number' ? [t.min, t.max] : t.words];
  });
}

test('numbers, comparisons and ranges are whole and inclusive', () => {
  expect(
    expected('{ loss: 3, pending: ">= 1", deadLettered: "> 1", phantom: "< 5", ordering: 1..5 }'),
  ).toEqual([
    ['loss', [3, 3]],
    ['pending', [1, Infinity]],
    ['deadLettered', [2, Infinity]],
    ['phantom', [0, 4]],
    ['ordering', [1, 5]],
  ]);
  expect(expected('{ loss: "<= 7", pending: "= 2" }')).toEqual([
    ['loss', [0, 7]],
    ['pending', [2, 2]],
  ]);
});

test('measures of time take durations', () => {
  expect(
    expected(
      '{ lag: { time: "< 60s", messages: 10 }, latency: { p99: 5ms..1s }, stalled: 0, duplicates: 7 }',
    ),
  ).toEqual([
    ['lag.time.max', [0, 59_999_999]],
    ['lag.messages.max', [10, 10]],
    ['latency.p99', [5_000, 1_000_000]],
    ['stalled', [0, 0]],
    ['duplicates.effects', [7, 7]],
  ]);
});

test('words: a guarantee or several, drained, agreement, alerts', () => {
  expect(
    expected(
      '{ guarantee: [at-least-once, exactly-once], drained: true, alerts: { late: fires } }',
    ),
  ).toEqual([
    ['guarantee', ['at-least-once', 'exactly-once']],
    ['drained', ['true']],
    ['alerts.late', ['fires']],
  ]);
});

test('a block under a subscription speaks of that one; producers and counters go by name', () => {
  const block =
    '{ c: { loss: 0, duplicates: { effects: 0 } }, producers: { p: { unknown: 1 } }, counters: { rebalances: ">= 1" } }';
  expect(expected(block)).toEqual([
    ['c: loss', [0, 0]],
    ['c: duplicates.effects', [0, 0]],
    ['producers.p.unknown', [1, 1]],
    ['counters.rebalances', [1, Infinity]],
  ]);
});

test('a measure may be written with dots, as reports write it', () => {
  expect(
    expected('{ duplicates.stored: 0, lag.time.max: 5s, c.loss: 0, producers.p.ok: 3 }'),
  ).toEqual([
    ['duplicates.stored', [0, 0]],
    ['lag.time.max', [5_000_000, 5_000_000]],
    ['c: loss', [0, 0]],
    ['producers.p.ok', [3, 3]],
  ]);
});

test('`any` expects nothing', () => {
  expect(expected('{ loss: any, guarantee: any }')).toEqual([]);
});

/** Every path of a measure; a trailing * stands for a name. */
function leaves(measures: typeof RUN_MEASURES, path = ''): string[] {
  return Object.entries(measures).flatMap(([key, below]) =>
    typeof below === 'string' || Array.isArray(below)
      ? [path + key]
      : leaves(below as typeof RUN_MEASURES, `${path}${key}.`),
  );
}

test('the measures that can be expected are those that are measured', () => {
  const measured = INVARIANTS.flatMap(({ name, parts }) =>
    parts.filter((p) => p !== '*').map((p) => (p === '' ? name : `${name}.${p}`)),
  );
  expect(leaves(RUN_MEASURES).sort()).toEqual(measured.sort());
  for (const name of NAMED) expect(findMeasure(`${name}.x`)?.part).toBe('x');
});

test('a bare name means what the invariant says it means', () => {
  for (const name of ['duplicates', 'latency', 'ordering']) {
    const found = expected(`{ ${name}: ${name === 'latency' ? '1s' : 1} }`)?.[0][0];
    expect(findMeasure(String(found))).toEqual(findMeasure(name));
  }
});

test('an unquoted comparison is a block to YAML, and the remedy says so', () => {
  const { problems } = load(`${HEAD}expect:\n  loss: >= 1\n`);
  expect(problems.map((p) => `${p.line} ${p.code} ${p.hint}`)).toEqual([
    '8 SCN004 quote comparisons: ">= 1"',
  ]);
});

test('a claim of a system about its inside is expected by its name', () => {
  const text = (expect: string) => `
scenario: claims
system: kafka
topics: { orders: {} }
producers: { checkout: { to: orders, send: { count: 1 } } }
consumers: { fulfilment: { from: orders } }
expect: ${expect}
`;
  const { scenario } = loadScenario(text('{ kafka.log-matching: holds }'), 'x.yaml');
  expect(scenario?.expectations).toMatchObject([
    { measure: 'model.kafka.log-matching', test: { is: 'word', words: ['holds'] } },
  ]);
  const mistakes = loadScenario(text('{ kafka: { log-maching: holds, one-leader: yes } }'), 'x');
  expect(mistakes.problems.map((p) => `${p.code} ${p.says}: ${p.hint}`)).toEqual([
    'SCN051 no claim of kafka "log-maching": did you mean "log-matching"?',
    'SCN052 "kafka.one-leader" cannot be "yes": one of holds, violated, unknown, or any',
  ]);
});
