import type { Origin, Span } from './place.ts';

/**
 * A file's content with the place of every key and value. Never changed: `replaced` gives a new
 * tree that shares the rest, so a variant costs as much as its differences.
 */
export type Tree = Leaf | Branch | Sequence;

export interface Leaf {
  readonly is: 'leaf';
  readonly value: string | number | boolean | null;
  /** As written: "3.10" stays different from 3.1. */
  readonly text: string;
  readonly span: Span;
  /** Places within `text`, for texts of several lines. */
  readonly inside: Origin;
}

export interface Branch {
  readonly is: 'branch';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

export interface Entry {
  readonly key: Span;
  readonly tree: Tree;
}

export interface Sequence {
  readonly is: 'sequence';
  readonly items: readonly Tree[];
  readonly span: Span;
}

export type Path = readonly (string | number)[];

/** What stands at a path; undefined when nothing does. */
export function find(tree: Tree | undefined, path: Path): Tree | undefined {
  let at = tree;
  for (const step of path) at = child(at, step);
  return at;
}

function child(tree: Tree | undefined, step: string | number): Tree | undefined {
  if (tree?.is === 'branch') return tree.entries.get(String(step))?.tree;
  if (tree?.is === 'sequence') return tree.items[Number(step)];
  return undefined;
}

/** Where the value at a path stands, or the nearest thing above it that exists. */
export function valueSpan(tree: Tree, path: Path): Span {
  for (let length = path.length; length > 0; length--) {
    const found = find(tree, path.slice(0, length));
    if (found === undefined) continue;
    return length === path.length && found.is === 'leaf'
      ? found.span
      : keySpan(tree, path.slice(0, length));
  }
  return startOf(tree);
}

/** Where the key at a path stands, or the nearest key above it. */
export function keySpan(tree: Tree, path: Path): Span {
  for (let length = path.length; length > 0; length--) {
    const parent = find(tree, path.slice(0, length - 1));
    if (parent?.is === 'branch') {
      const entry = parent.entries.get(String(path[length - 1]));
      if (entry !== undefined) return entry.key;
    } else if (parent?.is === 'sequence') {
      const item = parent.items[Number(path[length - 1])];
      if (item !== undefined) return firstKey(item);
    }
  }
  return startOf(tree);
}

/** A mapping in a list has no key of its own: its first key stands for it. */
function firstKey(tree: Tree): Span {
  if (tree.is !== 'branch') return tree.span;
  for (const entry of tree.entries.values()) return entry.key;
  return tree.span;
}

function startOf(tree: Tree): Span {
  return firstKey(tree);
}

/** Plain values for the shape check. Objects without prototype: no key has a meaning of its own. */
export function plain(tree: Tree): unknown {
  if (tree.is === 'leaf') return tree.value;
  if (tree.is === 'sequence') return tree.items.map(plain);
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of tree.entries) object[key] = plain(entry.tree);
  return object;
}

/** Keys in the order of the text; none when it is no mapping. */
export function keysOf(tree: Tree | undefined): string[] {
  return tree?.is === 'branch' ? [...tree.entries.keys()] : [];
}

/** The same tree with `put` at `path`; missing mappings on the way are made. `key` is its place. */
export function replaced(tree: Tree, path: Path, put: Tree, key: Span): Tree {
  if (path.length === 0) return put;
  const [step, ...rest] = path;
  if (tree.is === 'sequence') {
    const items = [...tree.items];
    items[Number(step)] = replaced(items[Number(step)], rest, put, key);
    return { ...tree, items };
  }
  const entries = new Map(tree.is === 'branch' ? tree.entries : []);
  const old = entries.get(String(step));
  const empty: Tree = { is: 'branch', entries: new Map(), span: key };
  const at = replaced(old?.tree ?? empty, rest, put, key);
  entries.set(String(step), {
    key: rest.length === 0 || old === undefined ? key : old.key,
    tree: at,
  });
  return { is: 'branch', entries, span: tree.span };
}

/** The same tree without a top-level key. */
export function without(tree: Branch, key: string): Branch {
  const entries = new Map(tree.entries);
  entries.delete(key);
  return { ...tree, entries };
}

/** How many values it holds. */
export function sizeOf(tree: Tree): number {
  if (tree.is === 'leaf') return 1;
  let size = 1;
  if (tree.is === 'sequence') for (const item of tree.items) size += sizeOf(item);
  else for (const entry of tree.entries.values()) size += sizeOf(entry.tree);
  return size;
}

/** As one line of YAML, for `set` and for hints. */
export function spell(tree: Tree): string {
  if (tree.is === 'leaf') return typeof tree.value === 'string' ? quoted(tree.value) : tree.text;
  if (tree.is === 'sequence') return `[${tree.items.map(spell).join(', ')}]`;
  const pairs = [...tree.entries].map(([key, entry]) => `${quoted(key)}: ${spell(entry.tree)}`);
  return `{${pairs.join(', ')}}`;
}

const SAFE = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
const SPECIAL = /^(true|false|null|yes|no|on|off)$/i;

function quoted(text: string): string {
  return SAFE.test(text) && !SPECIAL.test(text) ? text : JSON.stringify(text);
}
