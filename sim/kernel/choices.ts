import { alea } from 'seedrandom';
import { assert } from './assert.ts';
import type { Distribution } from './distribution.ts';
import { finish, fold, hashText, scale } from './hash.ts';
import type { NameId, Names } from './names.ts';
import type { Micros, Ppm } from './time.ts';

/** What a question is about. The word is the first of a site's label. */
export const SITE_KINDS = [
  'lose',
  'delay',
  'duplicate',
  'reorder',
  'reset',
  'strike', // A node fault by chance: crash, power loss, pause.
  'latency',
  'draw', // A model's own: which servers are sampled, who is served first.
  'span', // A model's own quantity: backoff jitter, service time.
] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

const KIND_HASHES: ReadonlyMap<SiteKind, number> = new Map(
  SITE_KINDS.map((kind) => [kind, hashText(kind)]),
);

function hashKind(kind: SiteKind): number {
  return KIND_HASHES.get(kind) as number;
}

/**
 * The causal name of one question: "lose checkout>broker-1 ProduceRequest orders-0/17 #2". It says
 * what is decided about, never when it was asked, so the answer survives every change elsewhere.
 * One object is filled anew for each question; nothing may keep it.
 */
export class Site {
  kind: SiteKind = 'draw';
  from: NameId = 0;
  /** The receiver, or -1 when the question concerns one node only. */
  to: NameId = -1;
  what: NameId = 0;
  about: NameId = 0;
  nr = 0;
  attempt = 1;

  /** The site as a 32-bit number under `key`; built from the names' texts, not from their ids. */
  hash(names: Names, key: number): number {
    let h = fold(fold(key, hashKind(this.kind)), names.hash(this.from));
    if (this.to >= 0) h = fold(h, names.hash(this.to));
    h = fold(fold(h, names.hash(this.what)), names.hash(this.about));
    return finish(fold(fold(h, this.nr), this.attempt));
  }

  label(names: Names): string {
    const actor = names.text(this.from) + (this.to >= 0 ? `>${names.text(this.to)}` : '');
    const about = `${names.text(this.about)}/${this.nr}`;
    return `${this.kind} ${actor} ${names.text(this.what)} ${about} #${this.attempt}`;
  }
}

const LABEL = /^(\S+) ([^\s>]+)(?:>([^\s>]+))? (\S+) (\S+)\/(-?\d+) #(\d+)$/;

/** A label taken apart. Its names stay words: reading one must not hand out a name's number. */
export interface Label {
  readonly kind: SiteKind;
  readonly from: string;
  /** Undefined when the question concerns one node only. */
  readonly to: string | undefined;
  readonly what: string;
  readonly about: string;
  readonly nr: number;
  readonly attempt: number;
}

/** The inverse of `Site.label`; undefined when the text is not a label. */
export function parseLabel(text: string): Label | undefined {
  const match = LABEL.exec(text);
  const kind = SITE_KINDS.find((known) => known === match?.[1]);
  if (match === null || kind === undefined) return undefined;
  const [, , from, to, what, about, nr, attempt] = match as unknown as string[];
  return { kind, from, to, what, about, nr: Number(nr), attempt: Number(attempt) };
}

/** What `Site.hash` gives for the site of this label. */
function hashLabel(label: Label, key: number): number {
  let h = fold(fold(key, hashKind(label.kind)), hashText(label.from));
  if (label.to !== undefined) h = fold(h, hashText(label.to));
  h = fold(fold(h, hashText(label.what)), hashText(label.about));
  return finish(fold(fold(h, label.nr), label.attempt));
}

/** The only source of what is undecided. Every strategy and every instrument is one of these. */
export interface Choices {
  /**
   * One of n outcomes, 0 the benign one. `ppm` is the chance of any other, a hint that sources
   * which do not draw ignore; without it all n are equally likely. Forced choices (n = 1) are not
   * asked.
   */
  choose(site: Site, n: number, ppm?: Ppm): number;
  /** A quantity from a table: drawn, never searched. */
  sample(site: Site, table: Distribution): Micros;
}

/** A user's seed as the run's key. Neighbouring seeds share nothing: alea hashes the text first. */
export function keyOfSeed(seed: string): number {
  return alea(`lost-ack/${seed}`).int32();
}

/** Draws by a keyed mix of the site's name. */
export class Seeded implements Choices {
  readonly #names: Names;
  readonly #key: number;

  constructor(names: Names, seed: string) {
    this.#names = names;
    this.#key = keyOfSeed(seed);
  }

  choose(site: Site, n: number, ppm: Ppm = -1): number {
    assert(n > 1, 'a forced choice is not asked');
    const draw = site.hash(this.#names, this.#key);
    if (ppm < 0) return scale(draw, n);
    if (scale(draw, 1_000_000) >= ppm) return 0;
    return 1 + scale(finish(draw ^ this.#key), n - 1);
  }

  sample(site: Site, table: Distribution): Micros {
    return table.fixed >= 0 ? table.fixed : table.at(site.hash(this.#names, this.#key));
  }
}

/**
 * A sparse map from labels to outcomes: written by a person, drawn by a seed or left by a shrink.
 */
export type Overrides = ReadonlyMap<string, number>;

/** Answers from a list, and from `rest` what the list does not name. */
export class Replayed implements Choices {
  readonly #names: Names;
  readonly #rest: Choices;
  readonly #answers = new Map<number, { label: string; outcome: number; asked: boolean }>();

  constructor(names: Names, overrides: Overrides, rest: Choices) {
    this.#names = names;
    this.#rest = rest;
    for (const [label, outcome] of overrides) {
      const parts = parseLabel(label);
      assert(parts !== undefined, 'overrides were checked to be labels before the run');
      const key = joinKey(hashLabel(parts, 1), hashLabel(parts, 2));
      this.#answers.set(key, { label, outcome, asked: false });
    }
  }

  choose(site: Site, n: number, ppm?: Ppm): number {
    const names = this.#names;
    const answer = this.#answers.get(joinKey(site.hash(names, 1), site.hash(names, 2)));
    if (answer === undefined) return this.#rest.choose(site, n, ppm);
    answer.asked = true;
    return Math.min(answer.outcome, n - 1);
  }

  sample(site: Site, table: Distribution): Micros {
    return this.#rest.sample(site, table);
  }

  /** Labels of the list that no question bore: the replay has parted from its record. */
  unasked(): string[] {
    return [...this.#answers.values()].filter((a) => !a.asked).map((a) => a.label);
  }
}

/** Two independent 32-bit mixes as one safe integer: equal for two sites once in 2^53 pairs. */
function joinKey(first: number, second: number): number {
  return first * 2 ** 21 + (second >>> 11);
}

/** Writes down every outcome that is not 0, under its label. */
export class Recorded implements Choices {
  readonly overrides = new Map<string, number>();
  readonly #names: Names;
  readonly #inner: Choices;

  constructor(names: Names, inner: Choices) {
    this.#names = names;
    this.#inner = inner;
  }

  choose(site: Site, n: number, ppm?: Ppm): number {
    const outcome = this.#inner.choose(site, n, ppm);
    if (outcome !== 0) this.overrides.set(site.label(this.#names), outcome);
    return outcome;
  }

  sample(site: Site, table: Distribution): Micros {
    return this.#inner.sample(site, table);
  }
}

/** Always the benign outcome and the middle of every table: the quiet run. */
export const QUIET: Choices = {
  choose: () => 0,
  sample: (_site, table) => table.at(2 ** 31),
};

/**
 * Hears every question of two runs and remembers where the second one first differs. Equal labels
 * asked twice within a run are reported too: two questions with one name share one fate.
 */
export class SelfCheck implements Choices {
  /** Index and label of the first question that differs, once found. */
  parted: { index: number; first: string; second: string } | undefined;
  readonly repeated: string[] = [];
  readonly #names: Names;
  readonly #inner: Choices;
  readonly #log: string[];
  readonly #compare: boolean;
  readonly #seen = new Set<string>();
  #index = 0;

  /** Without `earlier` this run is recorded; with it, compared. */
  constructor(names: Names, inner: Choices, earlier?: SelfCheck) {
    this.#names = names;
    this.#inner = inner;
    this.#log = earlier === undefined ? [] : earlier.#log;
    this.#compare = earlier !== undefined;
  }

  /** The second run is over: what it should have asked and did not is a difference too. */
  end(): void {
    if (this.#compare && this.#index < this.#log.length) this.#differ('(nothing asked)');
  }

  #differ(second: string): void {
    const index = this.#index;
    this.parted ??= { index, first: this.#log[index] ?? '(nothing asked)', second };
  }

  #hear(site: Site): void {
    const label = site.label(this.#names);
    if (this.#seen.has(label)) this.repeated.push(label);
    this.#seen.add(label);
    if (!this.#compare) this.#log.push(label);
    else if (this.#log[this.#index] !== label) this.#differ(label);
    this.#index++;
  }

  choose(site: Site, n: number, ppm?: Ppm): number {
    this.#hear(site);
    return this.#inner.choose(site, n, ppm);
  }

  sample(site: Site, table: Distribution): Micros {
    this.#hear(site);
    return this.#inner.sample(site, table);
  }
}
