import {
  type Key,
  type KeyTable,
  type KeyValue,
  olderThan,
  Settings,
} from '../models/parts/config.ts';
import type { Complaints, Span } from './place.ts';
import { alike, didYouMean, listed, nearest } from './nearest.ts';
import type { Tree } from './tree.ts';
import { readDuration, readSize, TIME_UNITS } from './units.ts';

/** What the keys of one component are checked against. */
export interface Table {
  readonly keys: KeyTable;
  readonly version: string;
  /** "producer", "topic", ...: for messages. */
  readonly place: string;
  /** Words that may stand here besides the keys. */
  readonly also?: readonly string[];
  /** Where a key that is not in this table belongs; "" when it is known nowhere. */
  readonly elsewhere: (key: string) => string;
}

/** Where each key stands, so that a complaint of the real system finds its line. */
export type Spots = Map<string, Span>;

/**
 * The given values, checked and converted to the real system's units, and defaults for the rest.
 */
export function readSettings(
  given: ReadonlyMap<string, { readonly key: Span; readonly tree: Tree }>,
  table: Table,
  complaints: Complaints,
  spots: Spots,
): Settings {
  const values = new Map<string, KeyValue>();
  for (const key of table.keys) values.set(key.name, defaultOf(key, table.version));
  const set = new Set<string>();
  for (const [name, { key: at, tree }] of given) {
    const key = table.keys.find((k) => k.name === name);
    if (key === undefined) {
      unknownKey(name, at, table, complaints);
      continue;
    }
    spots.set(name, tree.is === 'leaf' && tree.value !== null ? tree.span : at);
    if (!key.modelled) {
      const says = `"${name}" exists and is not modelled: it has no effect here`;
      complaints.add('SCN031', at, says, 'remove it, or do not conclude anything about it');
    }
    if (key.type === 'json') placesWithin(name, tree, spots);
    const value = readValue(key, tree, at, table, complaints);
    if (value === undefined) continue;
    values.set(name, value);
    set.add(name);
  }
  return new Settings(values, set);
}

/** "rules.2.do": a part of a value that was written as YAML, for complaints about just that. */
function placesWithin(name: string, tree: Tree, spots: Spots): void {
  if (tree.is === 'sequence') {
    tree.items.forEach((item, i) => {
      const at = `${name}.${i}`;
      spots.set(at, item.span);
      placesWithin(at, item, spots);
    });
  } else if (tree.is === 'branch') {
    for (const [key, { key: place, tree: inner }] of tree.entries) {
      const at = `${name}.${key}`;
      spots.set(at, inner.is === 'leaf' && inner.value !== null ? inner.span : place);
      placesWithin(at, inner, spots);
    }
  }
}

/** The default of the oldest change that the version precedes. */
export function defaultOf(key: Key, version: string): KeyValue {
  let before = '';
  let value = key.default;
  for (const was of key.was ?? []) {
    if (!olderThan(version, was.before)) continue;
    if (before !== '' && !olderThan(was.before, before)) continue;
    before = was.before;
    value = was.default;
  }
  return value;
}

function unknownKey(name: string, at: Span, table: Table, complaints: Complaints): void {
  const names = [...table.keys.map((key) => key.name), ...(table.also ?? [])];
  const elsewhere = table.elsewhere(name);
  if (elsewhere !== '') {
    const says = `"${name}" is not a key of a ${table.place}`;
    complaints.add('SCN032', at, says, elsewhere);
    return;
  }
  const modelled = table.keys.filter((key) => key.modelled).map((key) => key.name);
  const like = alike(name, modelled);
  const all = `known here: ${listed([...(table.also ?? []), ...modelled], 20)}`;
  const hint = didYouMean(name, names, like.length > 0 ? `like it are ${listed(like)}` : all);
  complaints.add('SCN030', at, `unknown ${table.place} key "${name}"`, hint);
}

function readValue(
  key: Key,
  tree: Tree,
  at: Span,
  table: Table,
  complaints: Complaints,
): KeyValue | undefined {
  const standard = `default ${spelled(defaultOf(key, table.version), key)}`;
  const span = tree.is === 'leaf' && tree.value !== null ? tree.span : at;
  const wrong = (wanted: string, hint: string): undefined => {
    const shown =
      tree.is === 'leaf' ? `"${tree.text}"` : tree.is === 'branch' ? 'a mapping' : 'a list';
    complaints.add('SCN033', span, `"${key.name}" is ${wanted}, not ${shown}`, hint);
  };
  if (tree.is === 'leaf' && tree.value === null) {
    if (key.default === null) return null;
    complaints.add(
      'SCN033',
      span,
      `"${key.name}" has no value`,
      `give one, or remove it (${standard})`,
    );
    return undefined;
  }
  switch (key.type) {
    case 'bool':
      if (tree.is === 'leaf' && /^(true|false)$/i.test(tree.text)) return /^true$/i.test(tree.text);
      return wrong('true or false', `write true or false (${standard})`);
    case 'int':
      return readInt(key, tree, span, standard, complaints, wrong);
    case 'json':
      return readJson(tree, wrong);
    case 'list':
      if (tree.is === 'sequence' && tree.items.every((item) => item.is === 'leaf')) {
        return checkWords(
          key,
          tree.items.map((item) => (item.is === 'leaf' ? item.text : '')),
          span,
          standard,
          complaints,
        );
      }
      if (tree.is !== 'leaf') return wrong('a list', 'write a, b');
      return checkWords(
        key,
        tree.text
          .split(',')
          .map((w) => w.trim())
          .filter((w) => w !== ''),
        span,
        standard,
        complaints,
      );
    case 'text':
      if (tree.is !== 'leaf') return wrong('a text', `write a text (${standard})`);
      return checkWord(key, tree.text, span, standard, complaints) ? tree.text : undefined;
  }
}

function checkWords(
  key: Key,
  words: readonly string[],
  span: Span,
  standard: string,
  complaints: Complaints,
): string | undefined {
  const good = words.every((word) => checkWord(key, word, span, standard, complaints));
  return good ? words.join(',') : undefined;
}

function checkWord(
  key: Key,
  word: string,
  span: Span,
  standard: string,
  complaints: Complaints,
): boolean {
  if (key.oneOf === undefined || key.oneOf.includes(word)) return true;
  const meant = nearest(word, key.oneOf);
  const hint = `${meant === undefined ? '' : `did you mean "${meant}"? `}one of ${listed(key.oneOf)} (${standard})`;
  complaints.add('SCN035', span, `"${key.name}" cannot be "${word}"`, hint);
  return false;
}

/** How many of the smallest unit one of the key's unit is. */
function scaleOf(key: Key): number {
  return key.unit === '' || key.unit === 'bytes' ? 1 : TIME_UNITS[key.unit];
}

function readInt(
  key: Key,
  tree: Tree,
  span: Span,
  standard: string,
  complaints: Complaints,
  wrong: (wanted: string, hint: string) => undefined,
): number | undefined {
  const unit = key.unit === '' ? '' : ` of ${key.unit}`;
  if (tree.is !== 'leaf') return wrong(`a whole number${unit}`, `write a number (${standard})`);
  const text = tree.text.trim();
  let value: number;
  if (/^[+-]?\d{1,20}$/.test(text)) value = Number(text);
  else if (key.unit === '') {
    return wrong('a whole number', `write a number (${standard})`);
  } else {
    const read = key.unit === 'bytes' ? readSize(text) : readDuration(text);
    if (!read.ok) return wrong(`a whole number${unit}`, `${read.hint} (${standard})`);
    value = read.value / scaleOf(key);
    if (!Number.isInteger(value)) {
      const says = `"${key.name}" is in whole ${key.unit}; "${text}" is finer`;
      complaints.add('SCN019', span, says, `round it to whole ${key.unit} (${standard})`);
      return undefined;
    }
  }
  const { min = -Infinity, max = Infinity } = key;
  if (value >= min && value <= max) return value;
  const range =
    key.max === undefined
      ? `${min} or more`
      : key.min === undefined
        ? `${max} or less`
        : `between ${min} and ${max}`;
  const error = key.refusal === undefined ? '' : `${key.refusal}: `;
  const says = `${error}"${key.name}" cannot be ${text}`;
  const suffix = key.unit === '' ? '' : ` ${key.unit}`;
  complaints.add('SCN034', span, says, `it is ${range}${suffix} (${standard})`);
  return undefined;
}

function readJson(tree: Tree, wrong: (wanted: string, hint: string) => undefined) {
  // Written as YAML instead of as a JSON text: the same thing.
  if (tree.is !== 'leaf') return jsonOf(tree);
  try {
    JSON.parse(tree.text);
    return tree.text;
  } catch {
    return wrong('JSON', 'paste it as the real system prints it, or write it as YAML');
  }
}

function jsonOf(tree: Tree): string {
  if (tree.is === 'leaf') return JSON.stringify(tree.value);
  if (tree.is === 'sequence') return `[${tree.items.map(jsonOf).join(',')}]`;
  const pairs = [...tree.entries].map(([k, entry]) => `${JSON.stringify(k)}:${jsonOf(entry.tree)}`);
  return `{${pairs.join(',')}}`;
}

function spelled(value: KeyValue, key: Key): string {
  if (value === null) return 'none';
  const unit = typeof value === 'number' && key.unit !== '' ? ` ${key.unit}` : '';
  return `${value === '' ? '""' : value}${unit}`;
}
