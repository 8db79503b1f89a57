import { importsOf, isCode, isTest, type Complaint, type Source } from './source.ts';

const BELOW_DOORS = ['sim/', 'models/', 'scenarios/', 'reports/', 'runs/'];

/** What each layer may import beside itself; a trailing / stands for everything under it. */
const MAY: readonly (readonly [layer: RegExp, may: readonly string[], remedy: string])[] = [
  [/^sim\/kernel\//, [], 'the kernel knows nothing else of ours; pass it in'],
  [/^sim\/run\.ts$/, ['sim/kernel/'], 'the run loop knows the kernel only; ask by `Progress`'],
  [
    /^sim\/history\//,
    ['sim/kernel/', 'sim/run.ts'],
    'the history is told of a run by facts; verdicts belong to sim/invariants',
  ],
  [
    /^sim\/invariants\//,
    ['sim/kernel/', 'sim/run.ts', 'sim/history/'],
    'an invariant reads measures; what it needs of a model is a fact',
  ],
  [/^sim\/explore\//, ['sim/'], 'exploring takes a function that runs one seed'],
  [/^models\/parts\//, ['sim/'], 'a part serves every system and names none'],
  [/^models\/registry\.ts$/, ['models/'], 'the registry lists systems and does nothing else'],
  [
    /^models\/[^/]+\//,
    ['sim/', 'models/parts/'],
    'what two systems share moves to models/parts; what a door does comes as an argument',
  ],
  [/^scenarios\//, ['sim/', 'models/'], 'what a scenario needs of a door comes as an argument'],
  [/^reports\//, ['sim/'], 'a report is made of records and traces; pass what it shows'],
  [
    /^runs\//,
    ['sim/', 'models/', 'scenarios/', 'reports/'],
    'what doors share knows no door; pass in what it asks of one',
  ],
  [/^cli\//, BELOW_DOORS, 'doors do not lead to doors'],
  [/^testing\//, BELOW_DOORS, 'doors do not lead to doors'],
  [/^index\.ts$/, BELOW_DOORS, 'the library is not built on a door'],
];

/** Packages that the kernel may use: whatever it is built on is part of the replay format. */
const KERNEL_PACKAGES = new Set(['seedrandom']);

export function importsPointOneWay(sources: readonly Source[]): Complaint[] {
  const complaints: Complaint[] = [];
  for (const source of sources.filter(isCode)) {
    const rule = MAY.find(([layer]) => layer.test(source.path));
    if (rule === undefined) continue;
    const [layer, may, remedy] = rule;
    const own = layer.exec(source.path)?.[0] ?? '';
    for (const { target } of importsOf(source)) {
      if (!target.includes('/') && source.path.startsWith('sim/kernel/')) {
        if (!KERNEL_PACKAGES.has(target)) {
          complaints.push(`${source.path} imports ${target}: the kernel uses seedrandom alone`);
        }
      }
      if (!/^[\w.-]+\/|^\w+\.ts$/.test(target) || !isOurs(target)) continue;
      if (target.startsWith(own) || may.some((prefix) => target.startsWith(prefix))) continue;
      complaints.push(`${source.path} imports ${target}: ${remedy}`);
    }
  }
  return complaints;
}

function isOurs(target: string): boolean {
  return /^(sim|models|scenarios|reports|runs|cli|testing|test|bench)\/|^index\.ts$/.test(target);
}

/** A test reaches for anything; a product file never for a test or a benchmark. */
export function nothingImportsTests(sources: readonly Source[]): Complaint[] {
  return sources
    .filter((source) => isCode(source) && !isTest(source) && !source.path.startsWith('bench/'))
    .flatMap((source) =>
      importsOf(source)
        .filter(({ target }) => /^(test|bench)\//.test(target))
        .map(
          ({ target }) => `${source.path} imports ${target}: move what both need to the product`,
        ),
    );
}

/** Types may point back (a node's `Out` knows its `World`); what runs may not. */
export function noImportCycles(sources: readonly Source[]): Complaint[] {
  const graph = new Map<string, string[]>();
  for (const source of sources.filter(isCode)) {
    const targets = importsOf(source).filter(({ typeOnly }) => !typeOnly);
    graph.set(
      source.path,
      targets.map(({ target }) => target),
    );
  }
  const done = new Set<string>();
  const complaints: Complaint[] = [];
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      const cycle = [...trail.slice(start), name].join(' -> ');
      complaints.push(`${cycle}: move what both need to a third file`);
      return;
    }
    if (done.has(name)) return;
    for (const target of graph.get(name) ?? []) visit(target, [...trail, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return complaints;
}
