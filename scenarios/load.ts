import { SYSTEMS } from '../models/registry.ts';
import type { System } from '../models/parts/system.ts';
import { Distribution } from '../sim/kernel/distribution.ts';
import { MILLISECOND, SECOND } from '../sim/kernel/time.ts';
import { assignText } from './assign.ts';
import { readActions } from './actions.ts';
import { readAlerts } from './alerts.ts';
import { BOUNDS } from './codes.ts';
import { unfoldConfigs } from './config-text.ts';
import { Deployer } from './deployment.ts';
import { ExpectationReader, merged } from './expect.ts';
import { FaultReader } from './faults.ts';
import { checkNames, Nodes } from './nodes.ts';
import { parseFile } from './parse.ts';
import { Complaints, identity, type Span } from './place.ts';
import type { Problem } from './problem.ts';
import { percentiles, Reader } from './read.ts';
import type { Assignment, PlannedFault, RunBounds, Scenario } from './scenario.ts';
import { type Frame, frameSchema } from './form.ts';
import { salvage } from './shape.ts';
import { checkSize } from './size.ts';
import { find, keySpan, keysOf, type Path, type Tree, valueSpan } from './tree.ts';
import { LONGEST } from './units.ts';
import { readVariants } from './vary.ts';

export interface LoadOptions {
  /** `--set path=value` assignments, applied before anything is checked. */
  readonly set?: readonly Assignment[];
  /** Warnings are errors. */
  readonly strict?: boolean;
  /** Nodes that the caller adds to those of the scenario: a fault may name them. */
  readonly nodes?: readonly string[];
  /** Which systems there are; those of the registry by default. */
  readonly systems?: readonly System[];
}

export interface Loaded {
  /** Undefined when there are errors. */
  readonly scenario: Scenario | undefined;
  /** All of them, in the order of the text. */
  readonly problems: readonly Problem[];
}

const UNTIL = 3_600 * SECOND;
const EVENTS = 20_000_000;
const LATENCY = percentiles(500, 5 * MILLISECOND);
const FSYNC = Distribution.constant(5 * MILLISECOND);

/**
 * A scenario file's text as a scenario, or everything that is wrong with it. Reads nothing else.
 */
export function loadScenario(text: string, file: string, options: LoadOptions = {}): Loaded {
  const complaints = new Complaints(options.strict ?? false);
  const scenario = new Loader(text, file, options, complaints).load();
  const problems = complaints.sorted();
  return { scenario: complaints.errors === 0 ? scenario : undefined, problems };
}

/** What a text says, apart from its variants. */
type Part = Omit<Scenario, 'variants' | 'warnings'>;

class Loader {
  readonly #text: string;
  readonly #file: string;
  readonly #set: readonly Assignment[];
  readonly #systems: readonly System[];
  readonly #added: readonly string[];
  readonly #complaints: Complaints;

  constructor(text: string, file: string, options: LoadOptions, complaints: Complaints) {
    this.#text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    this.#file = file;
    this.#set = options.set ?? [];
    this.#systems = options.systems ?? SYSTEMS;
    this.#added = options.nodes ?? [];
    this.#complaints = complaints;
  }

  load(): Scenario | undefined {
    const complaints = this.#complaints;
    let root = parseFile(this.#text, this.#file, complaints);
    if (root === undefined) return undefined;
    if (root.is !== 'branch') {
      const hint = 'start with `scenario: <a name>`';
      complaints.add('SCN013', root.span, 'a scenario file is a mapping of keys', hint);
      return undefined;
    }
    root = unfoldConfigs(root, complaints);
    for (const set of this.#set) root = assignText(root, set, complaints) ?? root;
    root = unfoldConfigs(root, complaints);
    const base = this.#part(root, '', this.#set, complaints);
    if (base === undefined || root.is !== 'branch') return undefined;
    const variants: Scenario[] = [];
    const told = new Set(complaints.sorted().map(identity));
    for (const variant of readVariants(root, complaints)) {
      const own = new Complaints(complaints.strict);
      const tree = unfoldConfigs(variant.tree, own);
      const part = this.#part(tree, variant.name, [...this.#set, ...variant.set], own);
      const expect = this.#expectations(root, variant.expect, tree, own);
      this.#tell(own, variant.name, told);
      if (part === undefined) continue;
      const expectations = merged(part.expectations, expect.found, expect.withdrawn);
      const warnings = own.sorted();
      variants.push({ ...part, expectations, warnings, variants: [] });
    }
    return { ...base, warnings: complaints.sorted(), variants };
  }

  /** What is wrong only in a variant, once for the first variant that has it. */
  #tell(own: Complaints, variant: string, told: Set<string>): void {
    for (const problem of own.sorted()) {
      const known = identity(problem);
      if (told.has(known)) continue;
      told.add(known);
      const says = `${problem.says} (in variant "${variant}")`;
      this.#complaints.put({ ...problem, says });
    }
  }

  #part(
    root: Tree,
    variant: string,
    set: readonly Assignment[],
    complaints: Complaints,
  ): Part | undefined {
    const elsewhere = (key: string, path: Path) => this.#keyElsewhere(key, path);
    const frame = salvage(frameSchema, root, [], root, complaints, elsewhere);
    const reader = new Reader(root, complaints);
    const shape = (frame ?? {}) as Frame;
    const deployer = new Deployer(shape, this.#systems, reader);
    const deployed = deployer.deploy();
    const fits = checkSize(deployed, root, complaints);
    if (fits) {
      checkNames(deployed, root, complaints);
      deployer.askSystems();
    }
    const limits = this.#limits(shape, reader);
    const { actions, systems } = readActions(deployed, limits.until, reader);
    const nodes = new Nodes({ ...deployed, systems: fits ? systems : [] }, this.#added);
    const faultReader = new FaultReader(deployed, nodes, limits.until, reader);
    const faults = this.#faults(root, faultReader, complaints);
    const alerts = readAlerts(shape.alerts ?? {}, deployed.consumers, reader);
    const expectations = this.#expectations(root, ['expect'], root, complaints);
    return {
      file: this.#file,
      text: this.#text,
      name: textAt(root, ['scenario']),
      about: textAt(root, ['about']),
      source: textsAt(root, ['source']),
      seed: textAt(root, ['seed']) || '1',
      set,
      variant,
      systems,
      network: {
        latency: reader.spread(shape.network?.latency, ['network', 'latency'], LATENCY),
        bandwidth: reader.bandwidth(shape.network?.bandwidth, ['network', 'bandwidth']),
      },
      fsync: reader.spread(shape.disk?.fsync, ['disk', 'fsync'], FSYNC),
      faults,
      actions,
      expectations: expectations.found,
      alerts,
      limits,
    };
  }

  /** A real configuration key that stands one level too high. */
  #keyElsewhere(key: string, path: Path): string {
    const group = path[0];
    const place =
      group === 'producers' ? 'producer' : group === 'consumers' ? 'consumer' : undefined;
    if (place === undefined) return '';
    const known = this.#systems.some((s) => s.keys[place].some((k) => k.name === key));
    return known ? 'a configuration key: write it under `config:`' : '';
  }

  #faults(root: Tree, reader: FaultReader, complaints: Complaints): PlannedFault[] {
    const tree = find(root, ['faults']);
    if (tree === undefined || (tree.is === 'leaf' && tree.value === null)) return [];
    if (tree.is !== 'sequence') {
      const hint = 'write `- lose: ProduceResponse` and `nth: 3` below it';
      complaints.add('SCN013', valueSpan(root, ['faults']), '"faults" is a list', hint);
      return [];
    }
    if (tree.items.length > BOUNDS.faults) {
      const says = `${tree.items.length} faults; ${BOUNDS.faults} are allowed`;
      complaints.add('SCN083', keySpan(root, ['faults']), says, 'use `chance:` for many faults');
      return [];
    }
    return tree.items.flatMap((_, i) => reader.read(['faults', i]));
  }

  #expectations(root: Tree, path: Path | undefined, parties: Tree, complaints: Complaints) {
    const names = (key: string) => keysOf(find(parties, [key]));
    const claims = this.#systems.flatMap(({ name, invariants }) =>
      invariants === undefined ? [] : [[name, invariants.map((i) => i.name)] as const],
    );
    const reader = new ExpectationReader(
      {
        consumers: names('consumers'),
        producers: names('producers'),
        alerts: names('alerts'),
        claims: new Map(claims),
      },
      complaints,
    );
    return path === undefined
      ? { found: [], withdrawn: new Set<string>() }
      : reader.read(root, path);
  }

  #limits(frame: Frame, reader: Reader): RunBounds {
    const { limits } = frame;
    const why = 'a run needs some time';
    const until = reader.positive(limits?.until, ['limits', 'until'], UNTIL, why);
    const patience = reader.positive(limits?.patience, ['limits', 'patience'], -1, why);
    const maxEvents = limits?.events ?? EVENTS;
    const above = (span: Span, says: string, hint: string) =>
      reader.complaints.add('SCN085', span, says, hint);
    const path = ['limits', 'events'];
    if (maxEvents > BOUNDS.events) {
      const says = `${maxEvents} events are more than a run may have`;
      above(valueSpan(reader.root, path), says, `${BOUNDS.events} is the most`);
    }
    return { until: Math.min(until, LONGEST), maxEvents, patience };
  }
}

/** As written: a seed 007 stays 007. */
function textAt(root: Tree, path: Path): string {
  const leaf = find(root, path);
  return leaf?.is === 'leaf' ? leaf.text : '';
}

function textsAt(root: Tree, path: Path): readonly string[] {
  const tree = find(root, path);
  if (tree?.is !== 'sequence') return textAt(root, path) === '' ? [] : [textAt(root, path)];
  return tree.items.flatMap((item) => (item.is === 'leaf' ? [item.text] : []));
}
