import { expect, test } from 'vitest';
import { BOUNDS } from '../../scenarios/codes.ts';
import { DESIGN, load, LOG, places } from './fake-systems.ts';

const HEAD = 'scenario: x\nsystem: kafka\ntopics: { t: {} }\nproducers: { p: { to: t } }\n';

test('a file above 1 MiB is refused without being read', () => {
  const { problems } = load(`${HEAD}about: ${'x'.repeat(BOUNDS.characters)}\n`);
  expect(problems.map((p) => p.code)).toEqual(['SCN002']);
});

test('an alias bomb is refused before it unfolds', () => {
  // Nine lines of nine aliases each: 9^9 values. The sixth holds 66 430 with each alias.
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++) {
    lines.push(
      `a${i}: &a${i} [${Array<string>(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  }
  const { problems } = load(`${lines.join('\n')}\n`);
  expect(problems.map((p) => `${p.code} ${p.line}:${p.column}`)).toEqual(['SCN006 6:15']);
  expect(problems[0].says).toBe('aliases unfold to more than 200000 values');
});

test('an alias is a value of its own where it stands', () => {
  const text = `scenario: x
system: kafka
topics: { t: {} }
producers:
  a: { to: t, config: &shared { acks: 0 } }
  b: { to: t, config: *shared }
`;
  const producers = load(text).scenario?.systems[0].deployment.producers;
  expect(producers?.map((p) => p.config.text('acks'))).toEqual(['0', '0']);
});

test.each([
  ['flow lists', '['.repeat(100_000)],
  ['flow maps', '{a: '.repeat(100_000)],
  ['lists in lists', '- '.repeat(100_000)],
  ['keys of keys', '? '.repeat(100_000)],
])('%s nested without end are refused, not recursed into', (_, deep) => {
  expect(load(`scenario: x\nabout:\n  ${deep}`).problems.map((p) => p.code)).toEqual(['SCN006']);
});

test('many keys are compared fast enough to be told from each other', () => {
  const keys = Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n');
  const { problems } = load(`${HEAD}${keys}\nk49999: 2\n`);
  expect(problems.length).toBe(BOUNDS.problems + 1);
  expect(problems.at(-1)).toMatchObject({ code: 'SCN099', says: '49001 more mistakes follow' });
});

test('more faults, variants or values than allowed are refused', () => {
  const faults = Array<string>(BOUNDS.faults + 1)
    .fill('- { lose: any, nth: 1 }')
    .join('\n');
  expect(places(`${HEAD}faults:\n${faults}\n`)).toEqual(['SCN083 5:1']);
  const values = Array<number>(40).fill(1).join(', ');
  const grid = `vary:\n  seed: [${values}]\n  limits.events: [${values}]\n`;
  expect(places(`${HEAD}${grid}`)).toEqual(['SCN084 5:1']);
  // Few variants of a file with many faults are as much work as many of a small one.
  const many = Array<string>(9_000).fill('- { lose: any, nth: 1 }').join('\n');
  expect(
    places(`${HEAD}faults:\n${many}\nvary:\n  seed: [${Array(400).fill(1).join(',')}]\n`),
  ).toEqual(['SCN084 9006:1']);
});

test('a system is not asked about a deployment that is too large to be listed', () => {
  const many = `${HEAD}consumers: { a: { from: t, instances: 600 }, b: { from: t, instances: 600 } }`;
  const unasked = { ...LOG, nodes: fail, check: fail };
  expect(load(many, { systems: [unasked] }).problems.map((p) => p.code)).toEqual(['SCN081']);
});

function fail(): never {
  throw new Error('it was asked');
}

test('a name that is a property of every object has no meaning of its own', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    const named = DESIGN.replace('  checkout:', `  ${name}:`).replace(
      'expect: {',
      `expect: { ${name}: 1, `,
    );
    expect(load(named).problems.map((p) => p.code)).toEqual(['SCN050']);
    expect(load(`${DESIGN}${name}: 1\n`).problems.map((p) => p.code)).toEqual(['SCN010']);
    expect(
      places(`${HEAD.replace('p: { to: t }', `p: { to: t, config: { ${name}: 1 } }`)}`),
    ).toEqual(['SCN030 4:36']);
  }
  expect(({} as Record<string, unknown>).polluted).toBe(undefined);
});
