import { type Tree } from './tree.ts';
import { word } from './word.ts';

/**
 * What a file says, without places and ready to be edited. A leaf is the YAML that it is written
 * with, so that "3.10" stays apart from 3.1.
 */
export type Value = string | readonly Value[] | ReadonlyMap<string, Value>;
export type Mapping = ReadonlyMap<string, Value>;
export type Steps = readonly (string | number)[];

export function valueOf(tree: Tree): Value {
  if (tree.is === 'leaf') return typeof tree.value === 'string' ? word(tree.value) : tree.text;
  if (tree.is === 'sequence') return tree.items.map(valueOf);
  return new Map([...tree.entries].map(([key, entry]) => [key, valueOf(entry.tree)]));
}

export const mapping = (entries: Readonly<Record<string, Value>>): Mapping =>
  new Map(Object.entries(entries));

export function isMapping(value: Value | undefined): value is Mapping {
  return value instanceof Map;
}

export function at(value: Value | undefined, steps: Steps): Value | undefined {
  let here = value;
  for (const step of steps) {
    if (isMapping(here)) here = here.get(String(step));
    else if (typeof here === 'object') here = (here as readonly Value[])[Number(step)];
    else return undefined;
  }
  return here;
}

/** The same with `put` at a place that exists, or at a new key of a mapping; undefined removes. */
export function edited(value: Value, steps: Steps, put: Value | undefined): Value {
  const [step, ...rest] = steps;
  if (isMapping(value)) {
    const entries = new Map(value);
    const inner = entries.get(String(step));
    if (rest.length > 0) entries.set(String(step), edited(inner ?? new Map(), rest, put));
    else if (put === undefined) entries.delete(String(step));
    else entries.set(String(step), put);
    return entries;
  }
  const items = [...(value as readonly Value[])];
  if (rest.length > 0) items[Number(step)] = edited(items[Number(step)], rest, put);
  else if (put === undefined) items.splice(Number(step), 1);
  else items[Number(step)] = put;
  return items;
}

/** Keys of the mapping at a place; none when there is none. */
export function keysAt(value: Value, steps: Steps): string[] {
  const here = at(value, steps);
  return isMapping(here) ? [...here.keys()] : [];
}

/** The whole number at a place, if there is one. */
export function numberAt(value: Value, steps: Steps): number | undefined {
  const here = at(value, steps);
  return typeof here === 'string' && /^\d{1,9}$/.test(here) ? Number(here) : undefined;
}
