import { ddmin, shrinkPlacement } from '../sim/explore/search/shrink.ts';
import { fewer } from '../sim/explore/search/fewer.ts';
import { place, placeAsking } from '../sim/explore/search/planned.ts';
import { scopeOf } from '../sim/explore/search/scope.ts';
import type { Outcome, Placement } from '../sim/explore/search/space.ts';
import type { Expectation } from '../sim/invariants/expectation.ts';
import { unfoldConfigs } from './config-text.ts';
import { assignText } from './assign.ts';
import { drawn, type Drawn, type WrittenFault } from './drawn.ts';
import { Execution } from './execute.ts';
import { loadScenario, type LoadOptions } from './load.ts';
import { parseFile } from './parse.ts';
import { Complaints } from './place.ts';
import { reduce } from './reduce.ts';
import { anomalies, runnerOf, SLICE } from './runner.ts';
import type { Scenario } from './scenario.ts';
import { groundOf, type SpaceOptions } from './space.ts';
import { find, type Tree, without } from './tree.ts';
import { edited, type Mapping, type Value, valueOf } from './value.ts';
import { readVariants } from './vary.ts';
import { word } from './word.ts';
import { writeScenario } from './write.ts';
import { writtenFaults } from './written.ts';

/** A smaller scenario that shows the same anomaly when it is run. */
export interface Shrunk {
  readonly scenario: Scenario;
  readonly text: string;
  readonly anomaly: string;
  /** Candidates that were run. */
  readonly runs: number;
  /** False when it was stopped before nothing more could be left out. */
  readonly complete: boolean;
}

export interface ShrinkOptions {
  readonly seed: string;
  readonly anomaly: string;
  /** Asked before each run: is it enough? What was found until then is the result. */
  readonly enough: () => boolean;
  readonly systems?: LoadOptions['systems'];
  /** Loads a candidate, for whoever adds something to what a text says. */
  readonly load?: (text: string) => Scenario | undefined;
  /** What may become smaller: everything without it. */
  readonly what?: 'faults';
  /** What else has to hold of what is kept: of a placement, and of a scenario as a text. */
  readonly accepts?: {
    readonly placement: (faults: Placement) => boolean;
    readonly text: (text: string) => boolean;
  };
}

/** So many events go into other faults in place of two, before these are taken to be needed. */
const FEWER = 4_000_000;
const FEWER_TRIES = 300;

/** A candidate may take a few times as long as the run that it stands for, and no more. */
const SLACK = 4;

/** Shrinks a scenario that fails by itself. Undefined when nothing written shows the anomaly. */
export function shrinkFailing(scenario: Scenario, options: ShrinkOptions): Shrunk | undefined {
  if (scenario.faults.every(({ fault }) => fault.when.is !== 'chance')) {
    return shrinkWritten(scenario, options, ownFaults(scenario));
  }
  return shrinkDrawn(scenario, options, drawn(scenario, options.seed, ownFaults(scenario)));
}

/** What chance did is written down first: as faults that everybody can count. */
function shrinkDrawn(
  scenario: Scenario,
  options: ShrinkOptions,
  { planned, strikes, placed, space }: Drawn,
): Shrunk | undefined {
  const { seed, anomaly, enough } = options;
  const runWith = (struck: readonly WrittenFault[]) => {
    const faults = [...planned, ...struck].map(({ fault }) => fault);
    return runnerOf({ ...scenario, faults }, seed, space);
  };
  const split = (items: readonly (string | WrittenFault)[]) => ({
    labels: items.filter((item) => typeof item === 'string'),
    struck: items.filter((item) => typeof item !== 'string'),
  });
  // There may be thousands of strikes, and a file holds fewer: most of them go here.
  const kept = ddmin([...strikes, ...placed], (items) => {
    if (enough()) return false;
    const { labels, struck } = split(items);
    return place(runWith(struck), labels).violated.includes(anomaly);
  });
  const { labels, struck } = split(kept);
  const run = runWith(struck);
  const faults = shrinkPlacement(run, labels, anomaly);
  const written = writtenFaults(placeAsking(run, faults), space);
  const values = [...planned, ...struck].map(({ value }) => value);
  return shrinkWritten(scenario, options, [...values, ...written]);
}

/** Shrinks what a search found: the placement first, then the scenario with it written down. */
export function shrinkFound(
  scenario: Scenario,
  found: Outcome,
  space: SpaceOptions,
  options: ShrinkOptions,
): Shrunk | undefined {
  const { seed, anomaly } = options;
  const wide = widened(space);
  const run = runnerOf(scenario, seed, wide);
  const keeps = (candidate: Placement): boolean =>
    !options.enough() &&
    place(run, candidate).violated.includes(anomaly) &&
    options.accepts?.placement(candidate) !== false;
  const least = shrinkPlacement(run, found.placed, anomaly, keeps);
  const scope = scopeOf(groundOf(scenario, space), least.length, seed);
  const tries = Math.min(FEWER_TRIES, Math.ceil(FEWER / Math.max(1, found.events)));
  const faults = fewer(run, least, keeps, scope, tries);
  const written = writtenFaults(placeAsking(run, faults), wide);
  return shrinkWritten(scenario, options, [...ownFaults(scenario), ...written]);
}

/** Every message is asked about, so that faults can be counted; and a loss may be a delay. */
function widened(space: SpaceOptions): SpaceOptions {
  return { ...space, kinds: [...new Set([...space.kinds, 'lose', 'delay'] as const)] };
}

/** The text of a scenario with placed faults written in after its own; it expects nothing. */
export function placedText(
  scenario: Scenario,
  seed: string,
  placed: Placement,
  space: SpaceOptions,
): string | undefined {
  const wide = widened(space);
  const written = writtenFaults(place(runnerOf(scenario, seed, wide), placed), wide);
  const faults = [...ownFaults(scenario), ...written];
  const bare = { ...scenario, expectations: [] };
  const root = plainOf(bare, { seed, anomaly: '', enough: () => false }, faults);
  return root && writeScenario(edited(root, ['scenario'], word(scenario.name)) as Mapping);
}

function shrinkWritten(
  scenario: Scenario,
  options: ShrinkOptions,
  faults: readonly Value[],
): Shrunk | undefined {
  const root = plainOf(scenario, options, faults);
  if (root === undefined) return undefined;
  const trials = new Trials(scenario, options);
  if (!trials.shows(root, true)) return undefined;
  trials.limit = trials.events * SLACK + 10_000;
  const least = reduce(root, (candidate) => trials.shows(candidate), options.what);
  const text = writeScenario(least);
  const shrunk = trials.load(text);
  if (shrunk === undefined) return undefined;
  const { runs, stopped } = trials;
  return { scenario: shrunk, text, anomaly: options.anomaly, runs, complete: !stopped };
}

/**
 * A scenario as one plain mapping: settings and variant written in, holding it to one expectation.
 */
export function plainScenario(
  scenario: Scenario,
  seed: string,
  expectation: Expectation,
): Mapping | undefined {
  const bare = { ...scenario, expectations: [expectation] };
  const { subscription, measure } = expectation;
  const name = subscription === '' ? measure : `${subscription}.${measure}`;
  return plainOf(bare, { seed, anomaly: `${name} `, enough: () => false }, ownFaults(scenario));
}

/** The entries of `faults:`, in the order of `scenario.faults`. */
function ownFaults(scenario: Scenario): Value[] {
  const written = find(resolved(scenario), ['faults']);
  return written?.is === 'sequence' ? written.items.map(valueOf) : [];
}

/** Runs candidates, each by way of its text: what is kept is a file that loads. */
class Trials {
  runs = 0;
  stopped = false;
  events = 0;
  limit = Infinity;
  readonly #scenario: Scenario;
  readonly #options: ShrinkOptions;
  readonly #known = new Map<string, boolean>();

  constructor(scenario: Scenario, options: ShrinkOptions) {
    this.#scenario = scenario;
    this.#options = options;
  }

  load(text: string): Scenario | undefined {
    const { systems, load } = this.#options;
    if (load !== undefined) return load(text);
    const loaded = loadScenario(
      text,
      this.#scenario.file,
      systems === undefined ? {} : { systems },
    );
    return loaded.scenario;
  }

  /** `anyway`: also when it is enough, as for the scenario that the shrink begins with. */
  shows(root: Mapping, anyway = false): boolean {
    const text = writeScenario(root);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.stopped ||= this.#options.enough();
    if (this.stopped && !anyway) return false;
    const shows = this.#try(text, anyway);
    this.#known.set(text, shows);
    return shows;
  }

  #try(text: string, anyway: boolean): boolean {
    const scenario = this.load(text);
    if (scenario === undefined) return false;
    this.runs++;
    const { seed, anomaly } = this.#options;
    const maxEvents = Math.min(scenario.limits.maxEvents, this.limit);
    const limits = { ...scenario.limits, maxEvents };
    const execution = new Execution({ ...scenario, limits }, { seed });
    while (!execution.advance(SLICE)) {
      this.stopped ||= this.#options.enough();
      if (this.stopped && !anyway) return false;
    }
    const run = execution.record();
    this.events = run.events;
    const { accepts } = this.#options;
    return (
      run.verdict === 'fail' &&
      anomalies(run, scenario.expectations).includes(anomaly) &&
      accepts?.text(text) !== false
    );
  }
}

/** The scenario with its settings and its variant written in, expecting only what is violated. */
function plainOf(
  scenario: Scenario,
  { seed, anomaly }: ShrinkOptions,
  faults: readonly Value[],
): Mapping | undefined {
  const tree = resolved(scenario);
  if (tree?.is !== 'branch') return undefined;
  const violated = scenario.expectations.filter(({ subscription, measure }) => {
    const said = measure.replace(/^model\./, '');
    const name = subscription === '' ? said : `${subscription}.${measure}`;
    return anomaly.startsWith(`${name} `);
  });
  let root: Value = valueOf(tree);
  for (const key of ['vary', 'source', 'about', 'expect']) root = edited(root, [key], undefined);
  root = edited(root, ['scenario'], word(`${scenario.name} (shrunk)`));
  root = edited(root, ['seed'], word(seed));
  root = edited(root, ['faults'], undefined);
  if (faults.length > 0) root = edited(root, ['faults'], faults);
  for (const expectation of violated) root = expecting(root, expectation);
  return root as Mapping;
}

function expecting(root: Value, { subscription, measure, test, expected }: Expectation): Value {
  const path = [...(subscription === '' ? [] : [subscription]), ...measurePath(measure)];
  const words = test.is === 'word' ? test.words.map(word) : [];
  const value = words.length > 1 ? words : (words[0] ?? word(expected));
  return edited(root, ['expect', ...path], /^\d+$/.test(expected) ? expected : value);
}

function resolved(scenario: Scenario): Tree | undefined {
  const complaints = new Complaints(false);
  let root = parseFile(scenario.text, scenario.file, complaints);
  if (root === undefined) return undefined;
  root = unfoldConfigs(root, complaints);
  for (const set of scenario.set) root = assignText(root, set, complaints) ?? root;
  root = unfoldConfigs(root, complaints);
  if (scenario.variant === '' || root.is !== 'branch') return root;
  const variant = readVariants(root, complaints).find((v) => v.name === scenario.variant);
  if (variant?.tree.is !== 'branch') return undefined;
  return unfoldConfigs(without(variant.tree, 'vary'), complaints);
}

/** As nested keys; the names of counters, alerts and producers may hold dots themselves. */
function measurePath(measure: string): string[] {
  // A claim of a system is one word, with a dot in it: kafka.log-matching.
  if (measure.startsWith('model.')) return [measure.slice('model.'.length)];
  const [head, ...rest] = measure.split('.');
  if (head === 'producers') return [head, rest.slice(0, -1).join('.'), rest.at(-1) ?? ''];
  if (head === 'counters' || head === 'alerts') return [head, rest.join('.')];
  return [head, ...rest];
}
