import { expect, test } from 'vitest';
import { load, shown } from './fake-systems.ts';

const BASE = `scenario: x
system: kafka
cluster: { brokers: 3 }
topics: { orders: {} }
producers:
  checkout:
    to: orders
    config: { acks: 1 }
consumers: { c: { from: orders } }
faults: [{ crash: broker-1, at: 1s }]
expect: { loss: 0, duplicates: { stored: 1, effects: 2 } }
`;

function loaded(text: string, set: { path: string; value: string }[] = []) {
  const { scenario, problems } = load(text, { set });
  expect(problems).toEqual([]);
  if (scenario === undefined) throw new Error('a text without problems is a scenario');
  return scenario;
}

const producer = (s: ReturnType<typeof loaded>) => s.systems[0].deployment.producers[0];
const expectations = (s: ReturnType<typeof loaded>) =>
  s.expectations.map((e) => `${e.measure} ${e.expected}`);

test('a list of variants: settings, faults and expectations of their own', () => {
  const scenario = loaded(`${BASE}vary:
  - name: with idempotence
    set: { producers.checkout.config.enable.idempotence: true, producers.checkout.config.acks: all }
    expect: { duplicates: { stored: 0 }, loss: any, ordering: 0 }
  - name: quiet
    faults: []
`);
  expect(scenario.variant).toBe('');
  const [idempotent, quiet] = scenario.variants;
  expect(idempotent.variant).toBe('with idempotence');
  expect(producer(idempotent).config.text('acks')).toBe('all');
  expect(producer(idempotent).config.given('enable.idempotence')).toBe(true);
  expect(producer(scenario).config.text('acks')).toBe('1');
  expect(idempotent.set).toEqual([
    { path: 'producers.checkout.config.enable.idempotence', value: 'true' },
    { path: 'producers.checkout.config.acks', value: 'all' },
  ]);
  expect(expectations(idempotent)).toEqual([
    'duplicates.effects 2',
    'duplicates.stored 0',
    'ordering 0',
  ]);
  expect(idempotent.faults).toEqual(scenario.faults);
  expect(quiet.faults).toEqual([]);
  expect(expectations(quiet)).toEqual(expectations(scenario));
});

test('a grid is every combination, the last axis changing fastest', () => {
  const scenario = loaded(`${BASE}vary:
  producers.checkout.config.acks: [all, 0]
  topics.orders.partitions: [1, 6]
`);
  expect(scenario.variants.map((v) => v.variant)).toEqual([
    'acks=all, topics.orders.partitions=1',
    'acks=all, topics.orders.partitions=6',
    'acks=0, topics.orders.partitions=1',
    'acks=0, topics.orders.partitions=6',
  ]);
  const last = scenario.variants[3];
  expect(producer(last).config.text('acks')).toBe('0');
  expect(last.systems[0].deployment.channels[0].shape.number('partitions')).toBe(6);
});

test('an assignment is applied before anything is checked, to the file and to its variants', () => {
  const set = [
    { path: 'producers.checkout.send.count', value: '7' },
    { path: 'producers.checkout.config.linger.ms', value: '5ms' },
    { path: 'faults.0.at', value: '2s' },
    { path: 'expect.duplicates.stored', value: '">= 3"' },
    { path: 'limits.until', value: '20min' },
    { path: 'seed', value: '42' },
  ];
  const scenario = loaded(`${BASE}vary:\n  - { name: a }\n`, set);
  for (const s of [scenario, scenario.variants[0]]) {
    expect(producer(s).workload.count).toBe(7);
    expect(producer(s).config.number('linger.ms')).toBe(5);
    expect(s.faults[0]).toMatchObject({
      text: 'crash broker-1, at 2s',
      fault: { when: { at: 2_000_000 } },
    });
    expect(expectations(s)).toContain('duplicates.stored >= 3');
    expect(s.limits.until).toBe(1_200_000_000);
    expect(s.seed).toBe('42');
    expect(s.set).toEqual(set);
  }
});

test('an assignment reaches into a pasted text', () => {
  const text = BASE.replace('config: { acks: 1 }', 'config: |\n      acks=1\n      linger.ms=9');
  const scenario = loaded(text, [{ path: 'producers.checkout.config.acks', value: 'all' }]);
  expect(producer(scenario).config.text('acks')).toBe('all');
  expect(producer(scenario).config.number('linger.ms')).toBe(9);
});

test('a later assignment wins, and a whole part can be replaced', () => {
  const scenario = loaded(BASE, [
    { path: 'faults', value: '[]' },
    { path: 'producers.checkout.config', value: '{ acks: 0 }' },
    { path: 'producers.checkout.config.acks', value: 'all' },
  ]);
  expect(scenario.faults).toEqual([]);
  expect(producer(scenario).config.text('acks')).toBe('all');
});

test('a mistake in an assignment quotes the assignment', () => {
  const set = [
    { path: 'producers.chekout.config.acks', value: 'all' },
    { path: 'producers.checkout.config.acks', value: 'sometimes' },
    { path: 'producers.checkout.send', value: '{ count: 1' },
    { path: '', value: '1' },
  ];
  const { problems, scenario } = load(BASE, { set });
  expect(scenario).toBe(undefined);
  expect(problems.map((p) => shown(p)).sort()).toEqual(
    [
      `--set:1:1 SCN060 "producers.chekout.config.acks" leads nowhere: no "chekout" in "producers"
producers.chekout.config.acks=all
${'^'.repeat(29)}`,
      `--set:1:32 SCN035 "acks" cannot be "sometimes"
producers.checkout.config.acks=sometimes
${' '.repeat(31)}^^^^^^^^^`,
      `--set:1:35 SCN004 not YAML: flow map must end with a }
producers.checkout.send={ count: 1
${' '.repeat(34)}^`,
      `--set:1:1 SCN060 an assignment without a path
=1
^`,
    ].sort(),
  );
});

test('a mistake in a variant is told at the variant, once, and names it', () => {
  const { problems } = load(`${BASE}vary:
  producers.checkout.config.acks: [all, 7]
  topics.orders.partitions: [1, 2]
`);
  expect(problems.map(shown)).toEqual([
    `test.yaml:13:41 SCN035 "acks" cannot be "7" (in variant "acks=7, topics.orders.partitions=1")
  producers.checkout.config.acks: [all, 7]
                                        ^`,
  ]);
});

test('what the system refuses only in a variant is told at the variant', () => {
  const { problems } = load(
    `${BASE}vary:\n  - name: too many\n    set: { topics.orders.replication.factor: 5 }\n`,
  );
  expect(problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.says}`)).toEqual([
    'SCN037 14:46 replication factor larger than available brokers (in variant "too many")',
  ]);
});

test('a mistake of the file itself is not told again for each variant', () => {
  const { problems } = load(
    `${BASE.replace('acks: 1', 'acks: 9')}vary:\n  - { name: a }\n  - { name: b }\n`,
  );
  expect(problems.map((p) => p.code)).toEqual(['SCN035']);
});
