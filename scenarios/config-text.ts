import { CHANNEL_WORDS } from '../models/parts/system.ts';
import { parseText } from './parse.ts';
import type { Complaints } from './place.ts';
import { readProperties } from './properties.ts';
import { type Branch, type Entry, keysOf, type Path, replaced, type Tree, find } from './tree.ts';

/**
 * Makes a mapping of every `config:` that is a pasted text: a .properties file, or the JSON that
 * `aws sqs get-queue-attributes` prints. Afterwards only mappings have to be understood, and an
 * assignment can reach into a pasted text.
 */
export function unfoldConfigs(root: Tree, complaints: Complaints): Tree {
  let tree = root;
  for (const path of configPaths(root)) {
    const found = find(tree, path);
    const entry = entryAt(tree, path);
    if (found === undefined || entry === undefined) continue;
    const unfolded = unwrapped(asMapping(found, complaints));
    if (unfolded !== found) tree = replaced(tree, path, unfolded, entry.key);
  }
  return tree;
}

function entryAt(tree: Tree, path: Path): Entry | undefined {
  const parent = find(tree, path.slice(0, -1));
  return parent?.is === 'branch' ? parent.entries.get(String(path.at(-1))) : undefined;
}

/** Every place that a `config:` may stand at. */
export function configPaths(root: Tree): Path[] {
  const paths: Path[] = [];
  for (const group of ['producers', 'consumers']) {
    for (const name of keysOf(find(root, [group]))) paths.push([group, name, 'config']);
  }
  const systems: Path[] = [[], ...keysOf(find(root, ['systems'])).map((n) => ['systems', n])];
  for (const system of systems) {
    paths.push([...system, 'cluster', 'config']);
    for (const kind of CHANNEL_WORDS) {
      const names = keysOf(find(root, [...system, kind]));
      for (const name of names) paths.push([...system, kind, name, 'config']);
    }
  }
  return paths;
}

function asMapping(tree: Tree, complaints: Complaints): Tree {
  if (tree.is !== 'leaf' || typeof tree.value !== 'string') return tree;
  const empty: Branch = { is: 'branch', entries: new Map(), span: tree.span };
  if (tree.text.trim() === '') return empty;
  if (!tree.text.trimStart().startsWith('{')) return readProperties(tree, complaints);
  // JSON is YAML; its places come along.
  const read = parseText(tree.text, tree.inside, complaints);
  return read === undefined || read === 'empty' || read.is !== 'branch' ? empty : read;
}

/** `get-queue-attributes` wraps the attributes in a key `Attributes`. */
function unwrapped(tree: Tree): Tree {
  if (tree.is !== 'branch' || tree.entries.size !== 1) return tree;
  const inner = tree.entries.get('Attributes')?.tree;
  return inner?.is === 'branch' ? inner : tree;
}
