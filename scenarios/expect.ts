import type { Expectation, Test } from '../sim/invariants/expectation.ts';
import { didYouMean, listed } from './nearest.ts';
import type { Complaints } from './place.ts';
import { find, type Entry, type Path, type Tree } from './tree.ts';
import { readDuration } from './units.ts';

/** How the value of a measure is read. */
type Form = 'count' | 'time' | readonly string[];

/** Measures below a key: a form, or more keys. */
interface Measures {
  readonly [key: string]: Form | Measures;
}

const GUARANTEES = ['exactly-once', 'at-least-once', 'at-most-once', 'none', 'unknown'] as const;
const SERIES = { max: 'count', p50: 'count', p99: 'count', final: 'count' } as const;
const TIMES = { max: 'time', p50: 'time', p99: 'time', final: 'time' } as const;

/** What a system may have found out about a claim of its own. */
const CLAIM = ['holds', 'violated', 'unknown'] as const;

/** What can be said of one subscription, and of all of them together. */
export const SUBSCRIPTION_MEASURES: Measures = {
  loss: 'count',
  pending: 'count',
  deadLettered: 'count',
  phantom: 'count',
  duplicates: { stored: 'count', delivered: 'count', effects: 'count' },
  ordering: { inversions: 'count', rewinds: 'count', byKey: 'count' },
  lag: { messages: SERIES, time: TIMES },
  latency: { max: 'time', p50: 'time', p99: 'time' },
  stalled: 'time',
  guarantee: GUARANTEES,
};

/** What can only be said of the whole run. */
export const RUN_MEASURES: Measures = {
  ...SUBSCRIPTION_MEASURES,
  drained: ['true', 'false'],
  agreement: 'count',
};

const OPERATIONS: Measures = { ok: 'count', failed: 'count', unknown: 'count', invoked: 'count' };
export const NAMED = ['alerts', 'counters', 'producers'] as const;

/** Other words for a measure, as people say them. */
const MEANT: Readonly<Record<string, string>> = {
  lost: 'loss',
  order: 'ordering',
  'dead-lettered': 'deadLettered',
  'dead-letters': 'deadLettered',
  effect: 'effects',
  duplicate: 'duplicates',
};

/** Keys that stand for one of the measures below them: the same as in `sim/invariants`. */
const SHORT: Readonly<Record<string, string>> = {
  'lag.messages': 'max',
  'lag.time': 'max',
  latency: 'p99',
  duplicates: 'effects',
};

/** Would `expect:` take this word for a measure? Then no subscription may be called so. */
export function isMeasure(word: string): boolean {
  return Object.hasOwn(RUN_MEASURES, word) || (NAMED as readonly string[]).includes(word);
}

export interface Parties {
  readonly consumers: readonly string[];
  readonly producers: readonly string[];
  readonly alerts: readonly string[];
  /** System -> names of what it claims of its inside. */
  readonly claims: ReadonlyMap<string, readonly string[]>;
}

/** Reads `expect:`. An expectation of `any` takes back the one of the same name it replaces. */
export class ExpectationReader {
  readonly #parties: Parties;
  readonly #complaints: Complaints;
  readonly #found: Expectation[] = [];
  readonly #withdrawn = new Set<string>();

  constructor(parties: Parties, complaints: Complaints) {
    this.#parties = parties;
    this.#complaints = complaints;
  }

  read(root: Tree, path: Path): { found: readonly Expectation[]; withdrawn: ReadonlySet<string> } {
    const tree = find(root, path);
    if (tree?.is === 'branch') this.#top(tree.entries);
    else if (tree !== undefined && !(tree.is === 'leaf' && tree.value === null)) {
      const hint = 'write `expect: { loss: 0 }`';
      this.#complaints.add('SCN013', tree.span, '"expect" is a mapping of measures', hint);
    }
    return { found: this.#found, withdrawn: this.#withdrawn };
  }

  #top(entries: ReadonlyMap<string, Entry>): void {
    const { consumers, producers, alerts, claims } = this.#parties;
    const known = [...Object.keys(RUN_MEASURES), ...NAMED, ...consumers, ...claims.keys()];
    for (const [key, entry] of unfolded(entries, known)) {
      if (Object.hasOwn(RUN_MEASURES, key)) this.#measure('', key, RUN_MEASURES[key], entry);
      else if (key === 'counters') this.#named(key, entry, undefined, 'count');
      else if (key === 'alerts') this.#named(key, entry, alerts, ['fires', 'silent']);
      else if (key === 'producers') this.#named(key, entry, producers, OPERATIONS);
      else if (consumers.includes(key)) {
        this.#below(key, '', SUBSCRIPTION_MEASURES, entry);
      } else if (claims.has(key)) {
        this.#named(key, entry, claims.get(key), CLAIM);
      } else {
        this.#unknown(key, entry, known, entry.tree.is === 'branch');
      }
    }
  }

  #unknown(key: string, entry: Entry, known: readonly string[], subscription: boolean): void {
    const meant = Object.hasOwn(MEANT, key) ? MEANT[key] : undefined;
    const hint =
      meant !== undefined
        ? `did you mean "${meant}"?`
        : didYouMean(key, known, `known: ${listed(known, 20)}`);
    const code = subscription ? 'SCN051' : 'SCN050';
    const says = subscription ? `no measure or subscription "${key}"` : `no measure "${key}"`;
    this.#complaints.add(code, entry.key, says, hint);
  }

  /** `producers: { checkout: ... }`: names first, then what is expected of each. */
  #named(
    key: string,
    entry: Entry,
    names: readonly string[] | undefined,
    form: Form | Measures,
  ): void {
    if (entry.tree.is !== 'branch') {
      this.#complaints.add(
        'SCN052',
        entry.key,
        `"${key}" is a mapping of names`,
        `write \`${key}: { name: ... }\``,
      );
      return;
    }
    for (const [name, inner] of unfolded(entry.tree.entries, names ?? [])) {
      if (names !== undefined && !names.includes(name)) {
        const singular = key.endsWith('s') ? key.slice(0, -1) : `claim of ${key}`;
        const hint = didYouMean(name, names, names.length === 0 ? `there are no ${key}` : '');
        this.#complaints.add('SCN051', inner.key, `no ${singular} "${name}"`, hint);
      } else this.#measure('', `${form === CLAIM ? 'model.' : ''}${key}.${name}`, form, inner);
    }
  }

  #measure(subscription: string, measure: string, form: Form | Measures, entry: Entry): void {
    if (isForm(form)) return this.#value(subscription, measure, form, entry);
    if (entry.tree.is === 'branch') return this.#below(subscription, measure, form, entry);
    const short = Object.hasOwn(SHORT, measure) ? SHORT[measure] : undefined;
    if (short !== undefined) {
      return this.#value(subscription, `${measure}.${short}`, form[short] as Form, entry);
    }
    if (measure === 'ordering') return this.#value(subscription, measure, 'count', entry);
    const keys = Object.keys(form);
    const hint = `write \`${measure}: { ${keys.map((k) => `${k}: ...`).join(', ')} }\``;
    this.#complaints.add(
      'SCN052',
      entry.tree.span,
      `"${measure}" is counted as ${listed(keys)}`,
      hint,
    );
  }

  #below(subscription: string, measure: string, measures: Measures, entry: Entry): void {
    if (entry.tree.is !== 'branch') {
      const hint = `write \`${subscription}: { loss: 0 }\``;
      this.#complaints.add('SCN052', entry.key, `"${subscription}" is a mapping of measures`, hint);
      return;
    }
    for (const [key, inner] of unfolded(entry.tree.entries, Object.keys(measures))) {
      if (Object.hasOwn(measures, key)) {
        const path = measure === '' ? key : `${measure}.${key}`;
        this.#measure(subscription, path, measures[key], inner);
      } else this.#unknown(key, inner, Object.keys(measures), false);
    }
  }

  #value(subscription: string, measure: string, form: Form, entry: Entry): void {
    const words = typeof form !== 'string';
    const test = words
      ? this.#words(form, measure, entry.tree)
      : this.#number(form, measure, entry.tree);
    if (test === undefined) return;
    if (test === 'any') this.#withdrawn.add(`${subscription} ${measure}`);
    else {
      const { line } = entry.key.origin.locate(entry.key.start);
      this.#found.push({ subscription, measure, test, expected: written(entry.tree), line });
    }
  }

  #words(known: readonly string[], measure: string, tree: Tree): Test | 'any' | undefined {
    const leaves = tree.is === 'sequence' ? tree.items : [tree];
    const words: string[] = [];
    for (const leaf of leaves) {
      const word = leaf.is === 'leaf' ? leaf.text : '';
      if (word === 'any' && tree.is === 'leaf') return 'any';
      if (!known.includes(word)) {
        const hint = didYouMean(word, known, `one of ${listed(known)}, or any`);
        this.#complaints.add(
          'SCN052',
          leaf.span,
          `"${shownAs(measure)}" cannot be "${word}"`,
          hint,
        );
      }
      words.push(word);
    }
    return words.every((word) => known.includes(word)) ? { is: 'word', words } : undefined;
  }

  #number(form: 'count' | 'time', measure: string, tree: Tree): Test | 'any' | undefined {
    const text = tree.is === 'leaf' ? tree.text.trim() : '';
    if (text === 'any') return 'any';
    const read = tree.is === 'leaf' && tree.value !== null ? readTest(text, form) : undefined;
    if (typeof read === 'object') return read;
    const number = form === 'time' ? '60s' : '3';
    const hint = read ?? `write ${number}, "< ${number}", ">= ${number}", "0..${number}" or any`;
    const shown =
      tree.is === 'leaf'
        ? tree.value === null
          ? 'nothing'
          : `"${text}"`
        : `a ${tree.is === 'branch' ? 'mapping' : 'list'}`;
    this.#complaints.add('SCN052', tree.span, `"${measure}" cannot be ${shown}`, hint);
    return undefined;
  }
}

/** `lag.time.max: 5s` is `lag: { time: { max: 5s } }`, as reports and `--set` write it. */
function unfolded(
  entries: ReadonlyMap<string, Entry>,
  known: readonly string[],
): readonly (readonly [string, Entry])[] {
  return [...entries].map(([key, entry]) => {
    if (known.includes(key)) return [key, entry];
    const head = known.find((word) => key.startsWith(`${word}.`));
    if (head === undefined) return [key, entry];
    const inner = new Map([[key.slice(head.length + 1), entry]]);
    return [head, { key: entry.key, tree: { is: 'branch', entries: inner, span: entry.key } }];
  });
}

function isForm(form: Form | Measures): form is Form {
  return typeof form === 'string' || Array.isArray(form);
}

function written(tree: Tree): string {
  if (tree.is === 'sequence') return tree.items.map(written).join(' or ');
  return tree.is === 'leaf' ? tree.text : '';
}

/** A test, or a hint when the text is none. */
function readTest(text: string, form: 'count' | 'time'): Test | string | undefined {
  const range = /^(.+?)\s*\.\.\s*(.+)$/.exec(text);
  if (range !== null) {
    const [min, max] = [amount(range[1], form), amount(range[2], form)];
    if (typeof min !== 'number' || typeof max !== 'number') return hintOf(min) ?? hintOf(max);
    return min <= max ? { is: 'number', min, max } : 'the smaller number comes first';
  }
  const match = /^(<=|>=|<|>|=|==)?\s*(.+)$/.exec(text);
  const value = amount(match?.[2] ?? '', form);
  if (typeof value !== 'number') return hintOf(value);
  switch (match?.[1]) {
    case '<':
      return value > 0 ? { is: 'number', min: 0, max: value - 1 } : 'no measure is below 0';
    case '<=':
      return { is: 'number', min: 0, max: value };
    case '>':
      return { is: 'number', min: value + 1, max: Infinity };
    case '>=':
      return { is: 'number', min: value, max: Infinity };
    default:
      return { is: 'number', min: value, max: value };
  }
}

function hintOf(read: number | string | undefined): string | undefined {
  return typeof read === 'string' ? read : undefined;
}

/** A whole number, or microseconds; a hint when only the unit is wrong. */
function amount(text: string, form: 'count' | 'time'): number | string | undefined {
  if (form === 'count') return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  const read = readDuration(text);
  if (read.ok) return read.value;
  return read.why === 'form' ? undefined : read.hint;
}

/** Later ones replace earlier ones of the same subscription and measure. */
export function merged(
  base: readonly Expectation[],
  own: readonly Expectation[],
  withdrawn: ReadonlySet<string>,
): Expectation[] {
  const name = (e: Expectation) => `${e.subscription} ${normal(e.measure)}`;
  const replaced = new Set([...own.map(name), ...[...withdrawn].map(normal)]);
  return [...base.filter((e) => !replaced.has(name(e))), ...own];
}

/** `ordering` is another name of `ordering.inversions`. */
function normal(measure: string): string {
  return measure.endsWith('ordering') ? `${measure}.inversions` : measure;
}

/** A measure as it is written in the file. */
function shownAs(measure: string): string {
  return measure.replace(/^model\./, '');
}
