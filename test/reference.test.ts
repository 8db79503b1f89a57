import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Key, KeyTable } from '../models/parts/config.ts';
import { type ActionKind, kindsOf } from '../models/parts/system.ts';
import { SYSTEMS } from '../models/registry.ts';
import { BOUNDS, CODES, WARNINGS } from '../scenarios/codes.ts';
import { jsonSchema } from '../scenarios/schema.ts';
import { INVARIANTS } from '../sim/invariants/list.ts';
import { FACTS } from '../sim/kernel/entry.ts';
import { format } from './format.ts';
import { code, table } from './markdown.ts';

function problems(): string {
  const rows = Object.entries(CODES).map(([name, says]) => [
    name,
    (WARNINGS as ReadonlySet<string>).has(name) ? 'warning' : 'error',
    says,
  ]);
  const bounds = Object.entries(BOUNDS).map(([name, most]) => [name, String(most)]);
  return `# What can be wrong with a scenario

A warning becomes an error with \`--strict\`.

${table(['code', 'is', 'what'], rows)}

## Bounds

Checked before anything runs.

${table(['of', 'at most'], bounds)}
`;
}

function measures(): string {
  const claims = SYSTEMS.flatMap(({ name: system, invariants = [] }) =>
    invariants.map(({ name, claim }) => [code(`${system}.${name}`), claim]),
  );
  // What is written for `model` is the name of a system's claim.
  const common = INVARIANTS.filter(({ name }) => name !== 'model');
  const rows = common.map(({ name, parts, claim }) => [
    code(name),
    parts
      .filter((part) => part !== '')
      .map((part) => code(`${name}.${part}`))
      .join(', '),
    claim,
  ]);
  const facts = Object.entries(FACTS).map(([name, args]) => [
    code(name),
    args.replaceAll(', -', ''),
  ]);
  return `# What a scenario can expect, and what a fault can wait for

## Measures

The words of \`expect:\`. Where a measure has parts, its name alone means the first.

${table(['measure', 'parts', 'claim'], rows)}

## Claims of systems about their inside

Checked in every run. Each is \`holds\`, \`violated\` or \`unknown\`: nothing put it to the test.

${table(['claim', 'says'], claims)}

## Facts

What nodes state, and so the events of \`when: { event: ... }\`, with the numbers they carry.

${table(['fact', 'about'], facts)}
`;
}

function row(key: Key): string[] {
  const range =
    key.oneOf !== undefined
      ? key.oneOf.map(code).join(' ')
      : key.min !== undefined || key.max !== undefined
        ? `${key.min ?? ''}..${key.max ?? ''}`
        : '';
  return [
    code(key.name),
    key.unit === '' ? key.type : `${key.type}, ${key.unit}`,
    code(String(key.default ?? '')),
    range,
    key.modelled ? 'yes' : 'no',
    key.says,
  ];
}

/** What operators do in a scenario, and what each action is told. */
function actions(kinds: readonly ActionKind[]): string {
  if (kinds.length === 0) return '';
  const told = ({ name, default: value, says }: Key) =>
    `${code(name)}${value === null ? '' : ` (${value === '' ? 'may be left out' : code(String(value))})`}: ${says}`;
  const rows = kinds.map(({ name, says, keys }) => [code(name), says, keys.map(told).join(' ')]);
  return `### actions\n\n${table(['action', 'what', 'is told'], rows)}\n`;
}

function keys(): string {
  const section = (title: string, list: KeyTable) =>
    list.length === 0
      ? ''
      : `### ${title}\n\n${table(['key', 'type', 'default', 'range', 'modelled', 'what'], list.map(row))}\n`;
  const systems = SYSTEMS.map((system) => {
    const parts = [
      section('cluster', system.clusterShape),
      section('cluster config', system.keys.cluster),
      ...kindsOf(system).flatMap(({ word, shape, keys: config }) => [
        section(word, shape),
        section(`${word} config`, config),
      ]),
      section('producer config', system.keys.producer),
      section('consumer config', system.keys.consumer),
    ];
    parts.push(actions(system.actions ?? []));
    return `## ${system.name}\n\nVersions: ${system.versions.join(', ')}.\n\n${parts.filter((p) => p !== '').join('\n')}`;
  });
  return `# Configuration keys

Spelled as the real systems spell them. A key that is not modelled gives a warning and has no effect.

${systems.join('\n')}`;
}

test.each([
  ['docs/reference/problems.md', problems],
  ['docs/reference/measures.md', measures],
  ['docs/reference/keys.md', keys],
  ['docs/reference/format.md', format],
  ['schema.json', () => `${JSON.stringify(jsonSchema(), null, 2)}\n`],
])('%s is what the code says (renew it with LOST_ACK_UPDATE=1)', (name, make) => {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const text = make();
  if (process.env.LOST_ACK_UPDATE === '1') writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
});
