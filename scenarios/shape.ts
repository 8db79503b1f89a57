import type { z } from 'zod';
import type { Code } from './codes.ts';
import { didYouMean, listed, nearest } from './nearest.ts';
import type { Complaints } from './place.ts';
import { KINDS, type Kind } from './quantities.ts';
import { below, describe, keysBelow } from './schema-walk.ts';
import { find, keysOf, keySpan, type Path, plain, type Tree, valueSpan } from './tree.ts';
import { readBandwidth, readChance, readDuration, readRate, readSize, type Read } from './units.ts';

type Issue = z.core.$ZodIssue;

/** Where else a key might belong; "" when nowhere. */
export type Elsewhere = (key: string, path: Path) => string;

/**
 * Checks the form of `tree` and says everything that is wrong with it. What is wrong is then left
 * out, so that the rest can be checked too: all mistakes are reported at once.
 */
export function salvage<S extends z.ZodType>(
  schema: S,
  tree: Tree,
  base: Path,
  root: Tree,
  complaints: Complaints,
  elsewhere: Elsewhere = () => '',
): z.infer<S> | undefined {
  let value = plain(tree);
  const removed = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues.flatMap((i) => opened(i, value))) {
      const path = issue.path as Path;
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      for (const key of keys) {
        const at = key === undefined ? path : [...path, key];
        // A value that was left out may leave its parent incomplete: that is no second mistake.
        if (!isBelow(at, removed)) {
          complain(issue, key, at, { schema, base, root, complaints, elsewhere });
        }
        value = mended(value, at, issue, removed);
      }
    }
    if (value === undefined) return undefined;
  }
  return undefined;
}

/** A failed union says little: the alternative that comes closest says what is wrong within. */
function opened(issue: Issue, value: unknown): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const input = at(value, issue.path as Path);
  if (typeof input !== 'object' || input === null) return [issue];
  let best: readonly Issue[] | undefined;
  for (const issues of issue.errors as readonly (readonly Issue[])[]) {
    if (issues.some((i) => i.path.length === 0 && i.code !== 'unrecognized_keys')) continue;
    if (best === undefined || weight(issues) < weight(best)) best = issues;
  }
  if (best === undefined) return [issue];
  return best.flatMap((i) => opened({ ...i, path: [...issue.path, ...i.path] } as Issue, value));
}

function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, i) => sum + (i.code === 'unrecognized_keys' ? i.keys.length : 1), 0);
}

function at(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) found = (found as Record<string, unknown> | undefined)?.[step];
  return found;
}

function isBelow(path: Path, removed: ReadonlySet<string>): boolean {
  return path.some((_, i) => removed.has(JSON.stringify(path.slice(0, i + 1))));
}

/**
 * Leaves out what is wrong; a missing text becomes "", so that its neighbours are still checked.
 */
function mended(value: unknown, path: Path, issue: Issue, removed: Set<string>): unknown {
  if (path.length === 0) return undefined;
  const key = JSON.stringify(path);
  const parent = at(value, path.slice(0, -1)) as Record<string, unknown>;
  const last = path[path.length - 1];
  if (parent === undefined || parent === null) return value;
  if (removed.has(key) || Array.isArray(parent)) {
    return path.length === 1 ? undefined : mended(value, path.slice(0, -1), issue, removed);
  }
  removed.add(key);
  delete parent[last];
  return value;
}

interface Context {
  readonly schema: z.ZodType;
  /** Where the checked tree stands in the file. */
  readonly base: Path;
  readonly root: Tree;
  readonly complaints: Complaints;
  readonly elsewhere: Elsewhere;
}

function complain(issue: Issue, key: string | undefined, path: Path, context: Context): void {
  const { root, base, complaints } = context;
  const full = [...base, ...path];
  const name = String(path.at(-1) ?? base.at(-1) ?? 'the file');
  if (key !== undefined) return unknownKey(key, path, full, context);
  const found = find(root, full);
  if (found === undefined) {
    // Misspelt rather than missing: told where it stands.
    const known = keysBelow(steps(context.schema, path.slice(0, -1)));
    const odd = keysOf(find(root, full.slice(0, -1))).filter((k) => !known.includes(k));
    if (odd.some((k) => nearest(k, known) === name)) return;
    const where = keySpan(root, full.slice(0, -1));
    const says = full.slice(0, -1).join('.');
    const description = describe(steps(context.schema, path));
    const hint = `write \`${name}: ...\`${description === '' ? '' : `. ${description}`}`;
    complaints.add(
      'SCN011',
      where,
      `${says === '' ? '' : `"${says}": `}"${name}" is missing`,
      hint,
    );
    return;
  }
  const span = valueSpan(root, full);
  const shown =
    found.is === 'leaf' ? (found.value === null ? 'nothing' : `"${found.text}"`) : article(found);
  if (issue.code === 'invalid_key') {
    complaints.add('SCN017', keySpan(root, full), `"${name}" is no name`, `write ${KINDS.name}`);
  } else if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const hint = didYouMean(
      found.is === 'leaf' ? found.text : '',
      words,
      `one of ${listed(words, 40)}`,
    );
    const says = `"${name}" cannot be ${shown}`;
    complaints.add(
      'SCN014',
      span,
      says,
      `${hint}${hint.startsWith('did') ? ` one of ${listed(words, 40)}` : ''}`,
    );
  } else if (issue.code === 'too_small' || issue.code === 'too_big') {
    outside(issue, name, shown, full, context);
  } else {
    const kind = Object.hasOwn(KINDS, issue.message) ? (issue.message as Kind) : undefined;
    const text = found.is === 'leaf' && found.value !== null ? found.text : undefined;
    const [code, hint] = remedy(kind, text);
    const wanted = kind === undefined ? issue.message : KINDS[kind];
    complaints.add(code, span, `"${name}" is ${wanted}, not ${shown}`, hint);
  }
}

function article(tree: Tree): string {
  return tree.is === 'branch' ? 'a mapping' : 'a list';
}

function outside(
  issue: Issue & { code: 'too_small' | 'too_big' },
  name: string,
  shown: string,
  full: Path,
  { root, complaints }: Context,
): void {
  const limit = Number(issue.code === 'too_small' ? issue.minimum : issue.maximum);
  const least = issue.code === 'too_small';
  const many = issue.origin === 'array' ? ' entries' : '';
  const hint = `${limit}${many} is the ${least ? 'least' : 'most'}`;
  const says =
    issue.origin === 'array'
      ? `"${name}" has too ${least ? 'few' : 'many'} entries`
      : `"${name}" cannot be ${shown}`;
  complaints.add('SCN016', valueSpan(root, full), says, hint);
}

function unknownKey(key: string, path: Path, full: Path, context: Context): void {
  const { root, complaints, elsewhere } = context;
  const parent = path.slice(0, -1);
  const known = keysBelow(steps(context.schema, parent));
  const elsewhereHint = elsewhere(key, full);
  const where = full.length > 1 ? ` in "${full.slice(0, -1).join('.')}"` : '';
  const meant = nearest(key, known);
  const hint =
    meant !== undefined && elsewhereHint === ''
      ? `did you mean "${meant}"?`
      : elsewhereHint || `known here: ${listed(known, 20)}`;
  complaints.add('SCN010', keySpan(root, full), `unknown key "${key}"${where}`, hint);
}

function steps(schema: z.ZodType, path: Path): z.ZodType[] {
  let schemas: z.ZodType[] = [schema];
  for (const step of path) schemas = below(schemas, step);
  return schemas;
}

/** What to write instead; a wrong unit is a mistake of its own kind. */
function remedy(kind: Kind | undefined, text: string | undefined): [Code, string] {
  if (kind === 'name' && text !== undefined) return ['SCN017', `write ${KINDS.name}`];
  const read = text === undefined || kind === undefined ? undefined : readers[kind]?.(text);
  if (read !== undefined && !read.ok) {
    return [read.why === 'unit' ? 'SCN015' : 'SCN013', read.hint];
  }
  return [
    'SCN013',
    kind === undefined ? 'see the reference of the file format' : `write ${KINDS[kind]}`,
  ];
}

const readers: Partial<Record<Kind, (text: string) => Read>> = {
  duration: (text) => readDuration(text),
  signed: (text) => readDuration(text, true),
  spread: (text) => readDuration(text),
  size: readSize,
  sizes: readSize,
  rate: readRate,
  bandwidth: readBandwidth,
  chance: readChance,
};
