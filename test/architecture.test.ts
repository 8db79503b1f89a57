import { describe, expect, test } from 'vitest';
import {
  foldersHaveReadmes,
  systemsAreRegistered,
  systemsCanBeDeleted,
} from './architecture/folders.ts';
import { importsPointOneWay, noImportCycles, nothingImportsTests } from './architecture/imports.ts';
import { readTree, type Rule, type Source } from './architecture/source.ts';
import {
  filesAreShort,
  functionsAreShort,
  commentsAreNarrow,
  namesSayWhatIsInside,
  nothingDiffersBetweenMachines,
  nothingIsLeftOver,
} from './architecture/text.ts';

type Files = Readonly<Record<string, string>>;

const made = (files: Files): Source[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }));

const long = (lines: number) => 'x;\n'.repeat(lines);
const body = (lines: number) => `function f() {\n${long(lines - 2)}}\n`;
const system = {
  'models/tin-can/index.ts': '',
  'models/registry.ts': "import './tin-can/index.ts';",
};

/** Each rule with what it says of a tree that breaks it, and a twin that does not. */
const RULES: readonly (readonly [
  name: string,
  rule: Rule,
  bad: Files,
  says: string,
  good: Files,
])[] = [
  [
    'imports point one way',
    importsPointOneWay,
    { 'sim/kernel/a.ts': "import { x } from '../history/b.ts';" },
    'sim/kernel/a.ts imports sim/history/b.ts: the kernel knows nothing else of ours; pass it in',
    { 'sim/history/a.ts': "import { x } from '../kernel/b.ts'; import './c.ts';" },
  ],
  [
    'imports point one way, types too',
    importsPointOneWay,
    { 'models/tin-can/a.ts': "import type { X } from '../redis/b.ts';" },
    'models/tin-can/a.ts imports models/redis/b.ts: what two systems share moves to models/parts; ' +
      'what a door does comes as an argument',
    { 'models/tin-can/a.ts': "import type { X } from '../parts/b.ts'; import './sub/c.ts';" },
  ],
  [
    'nothing imports a door',
    importsPointOneWay,
    { 'scenarios/a.ts': "const b = await import('../cli/b.ts');" },
    'scenarios/a.ts imports cli/b.ts: what a scenario needs of a door comes as an argument',
    { 'cli/a.ts': "import '../scenarios/b.ts'; import '../reports/c.ts';" },
  ],
  [
    'the kernel uses seedrandom alone',
    importsPointOneWay,
    { 'sim/kernel/a.ts': "import { z } from 'zod';" },
    'sim/kernel/a.ts imports zod: the kernel uses seedrandom alone',
    { 'sim/kernel/a.ts': "import { alea } from 'seedrandom';" },
  ],
  [
    'no product file imports a test',
    nothingImportsTests,
    { 'cli/a.ts': "import '../test/b.ts';" },
    'cli/a.ts imports test/b.ts: move what both need to the product',
    { 'test/a.ts': "import '../test/b.ts';" },
  ],
  [
    'no import cycles of what runs',
    noImportCycles,
    { 'sim/a.ts': "import './b.ts';", 'sim/b.ts': "import './a.ts';" },
    'sim/a.ts -> sim/b.ts -> sim/a.ts: move what both need to a third file',
    { 'sim/a.ts': "import './b.ts';", 'sim/b.ts': "import { type A } from './a.ts';" },
  ],
  [
    'files are short',
    filesAreShort,
    { 'a.ts': long(401) },
    'a.ts has 401 lines: find the second thing in it and give it a file',
    { 'a.ts': long(400) },
  ],
  [
    'functions are short',
    functionsAreShort,
    { 'a.ts': body(71) },
    'a.ts:1 f has 71 lines: keep the decisions, move out the rest',
    { 'a.ts': body(70), 'b.test.ts': body(71) },
  ],
  [
    'comments are narrow',
    commentsAreNarrow,
    { 'a.ts': `\n// ${'é'.repeat(98)}` },
    'a.ts:2 has 101 columns: wrap it at 100',
    { 'a.ts': `// ${'é'.repeat(97)}\nconst text = '${'x'.repeat(97)}';` },
  ],
  [
    'names say what is inside',
    namesSayWhatIsInside,
    { 'sim/utils.ts': '' },
    'sim/utils.ts: "utils" says nothing; name it after what it is for',
    { 'sim/event-types.ts': '' },
  ],
  [
    'nothing is unfinished',
    nothingIsLeftOver,
    { 'a.ts': `\n// ${'TO'}${'DO'}: later` },
    'a.ts:2 is unfinished: do it, or open an issue',
    { 'a.ts': '// Todos: a list of the domain.' },
  ],
  [
    'no test is left out',
    nothingIsLeftOver,
    { 'a.test.ts': `test.${'only'}('x', () => {});` },
    'a.test.ts:1 leaves tests out: run them or delete them',
    { 'a.test.ts': "test('x', () => {}); skip();" },
  ],
  [
    'every folder has a README',
    foldersHaveReadmes,
    { 'sim/kernel/a.ts': '', 'sim/README.md': '' },
    'sim/kernel has no README.md: say what it promises and where to start',
    { 'sim/kernel/a.ts': '', 'sim/README.md': '', 'sim/kernel/README.md': '' },
  ],
  [
    'every system is registered',
    systemsAreRegistered,
    { ...system, 'models/registry.ts': '' },
    'models/tin-can is not in models/registry.ts: add its line',
    { ...system, 'models/parts/log.ts': '' },
  ],
  [
    'a system can be deleted',
    systemsCanBeDeleted,
    { ...system, 'scenarios/a.ts': "import '../models/tin-can/index.ts';" },
    'scenarios/a.ts names models/tin-can/: reach it through models/registry.ts, by its `name`',
    { ...system, 'test/models/tin-can/a.test.ts': "import '../../../models/tin-can/index.ts';" },
  ],
];

describe('each rule bites', () => {
  test.each(RULES)('%s', (_name, rule, bad, says, good) => {
    expect(rule(made(bad))).toEqual([says]);
    expect(rule(made(good))).toEqual([]);
  });

  test.each([
    'Math.random()',
    'Math.log(2)',
    'Math.sinh(2)',
    'Date.now()',
    'new Date()',
    'performance.now()',
    'setTimeout(f, 1)',
    'Promise.all([])',
    'process.env.HOME',
    'console.log(1)',
    '[].sort()',
    "'a'.localeCompare('b')",
    'await f()',
  ])('nothing below the doors differs between machines: %s', (code) => {
    const complaints = (path: string) => nothingDiffersBetweenMachines(made({ [path]: code }));
    expect(complaints('sim/a.ts')).toHaveLength(1);
    expect(complaints('models/tin-can/a.ts')[0]).toMatch(/^models\/tin-can\/a\.ts:1 .+: .+/);
    expect(complaints('cli/a.ts')).toEqual([]);
  });

  test.each([
    'Math.floor(2)',
    'const x = { process: 1, Date: 2 }',
    'plan.process.takes',
    'const { process } = plan; process.takes',
    'function f(process: number) {}',
    'interface A { process: number; log(): void }',
    '[].sort((a, b) => a - b)',
    'log.log(1)',
  ])('what only looks like it is let through: %s', (code) => {
    expect(nothingDiffersBetweenMachines(made({ 'sim/a.ts': code }))).toEqual([]);
  });
});

describe('the tree keeps them', () => {
  const tree = readTree('.');

  test('the tree was found', () => {
    expect(tree.map((source) => source.path)).toContain('sim/kernel/world.ts');
  });

  const rules = new Map(
    [...RULES.map(([, rule]) => rule), nothingDiffersBetweenMachines].entries(),
  );
  test.each([...new Set(rules.values())].map((rule) => [rule.name, rule] as const))(
    '%s',
    (_name, rule) => {
      expect(rule(tree)).toEqual([]);
    },
  );
});
