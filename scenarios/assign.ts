import { didYouMean } from './nearest.ts';
import { parseText } from './parse.ts';
import { ASSIGNMENTS, type Complaints, type Located, type Origin, type Span } from './place.ts';
import type { Assignment } from './scenario.ts';
import { scenarioSchema } from './form.ts';
import { below, keysBelow, namesBelow } from './schema-walk.ts';
import { keysOf, find, type Path, replaced, type Tree } from './tree.ts';

type Schemas = Parameters<typeof below>[0];

/**
 * Puts `tree` at a dotted path. Undefined, and a complaint at `at`, when the path leads nowhere.
 */
export function assign(
  root: Tree,
  dotted: string,
  tree: Tree,
  at: Span,
  complaints: Complaints,
): Tree | undefined {
  const path = resolve(root, dotted, at, complaints);
  return path === undefined ? undefined : replaced(root, path, tree, at);
}

/** `--set path=value`: the value is YAML. */
export function assignText(root: Tree, set: Assignment, complaints: Complaints): Tree | undefined {
  const text = `${set.path}=${set.value}`;
  const origin = new AssignmentOrigin(text, 0);
  const value = new AssignmentOrigin(text, set.path.length + 1);
  const before = complaints.errors;
  const read = parseText(set.value, value, complaints);
  if (complaints.errors > before || read === undefined) return undefined;
  const span = { origin: value, start: 0, end: Math.max(1, set.value.length) };
  const none: Tree = { is: 'leaf', value: null, text: '', span, inside: value };
  const at = { origin, start: 0, end: Math.max(1, set.path.length) };
  return assign(root, set.path, read === 'empty' ? none : read, at, complaints);
}

/** A complaint about an assignment quotes it in place of a line of the file. */
class AssignmentOrigin implements Origin {
  readonly file = ASSIGNMENTS;
  readonly #text: string;
  readonly #shift: number;

  constructor(text: string, shift: number) {
    this.#text = text;
    this.#shift = shift;
  }

  locate(offset: number): Located {
    const source = this.#text.split('\n').join(' ');
    return { line: 1, column: Math.min(this.#shift + offset, source.length) + 1, source };
  }
}

/**
 * Splits a dotted path although keys contain dots: at each step the longest key that is there or
 * may be there; below `config` the whole rest is one key.
 */
function resolve(root: Tree, dotted: string, at: Span, complaints: Complaints): Path | undefined {
  const path: (string | number)[] = [];
  let schemas: Schemas = [scenarioSchema];
  let rest = dotted;
  while (rest !== '') {
    const here = find(root, path);
    const key = nextKey(here, schemas, rest);
    if (key === undefined) {
      const known = [...new Set([...keysOf(here), ...keysBelow(schemas)])];
      const where = path.length === 0 ? '' : ` in "${path.join('.')}"`;
      const word = rest.split('.', 1)[0];
      const says = `"${dotted}" leads nowhere: no "${word}"${where}`;
      complaints.add('SCN060', at, says, didYouMean(word, known));
      return undefined;
    }
    path.push(here?.is === 'sequence' ? Number(key) : key);
    schemas = below(schemas, key);
    rest = rest.slice(key.length + 1);
  }
  if (path.length > 0) return path;
  complaints.add('SCN060', at, 'an assignment without a path', 'write path=value: seed=7');
  return undefined;
}

function nextKey(here: Tree | undefined, schemas: Schemas, rest: string): string | undefined {
  if (here?.is === 'sequence') {
    const index = rest.split('.', 1)[0];
    return /^\d{1,6}$/.test(index) && Number(index) < here.items.length ? index : undefined;
  }
  const known = [...keysOf(here), ...keysBelow(schemas)];
  const fits = known.filter((key) => rest === key || rest.startsWith(`${key}.`));
  const longest = fits.sort((a, b) => b.length - a.length)[0];
  if (longest !== undefined && longest !== '') return longest;
  return namesBelow(schemas) === 'any' ? rest : undefined;
}
