import type { OwnCode, StartHandler, StartService } from '../models/parts/handler.ts';
import { didYouMean } from '../scenarios/nearest.ts';
import { loadScenario } from '../scenarios/load.ts';
import { ASSIGNMENTS } from '../scenarios/place.ts';
import type { Problem } from '../scenarios/problem.ts';
import type { Assignment, Scenario } from '../scenarios/scenario.ts';
import {
  assignment,
  complaint,
  FILE,
  plainOf,
  ScenarioError,
  sourceOf,
  type FaultInput,
  type ScenarioInput,
  type Source,
} from './input.ts';
import { withCode } from './bind.ts';
import { Heard } from './heard.ts';
import { mismatches, SINKS } from './mismatches.ts';

/** What is run, and with which code of one's own. */
export interface SubjectOptions {
  /** What decides by chance; the scenario's own without it. */
  readonly seed?: string | number;
  /** Beside the faults of the scenario. */
  readonly faults?: readonly FaultInput[];
  /** Values by dotted path: `{ 'producers.checkout.send.count': 5 }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** This entry of `vary:`. */
  readonly variant?: string;
  /** By consumer group: what is done with each message. */
  readonly handlers?: Readonly<Record<string, StartHandler>>;
  /** Processes beside the consumers, by name; each works on the messages of one group. */
  readonly services?: Readonly<Record<string, { readonly of: string; readonly run: StartService }>>;
  /**
   * Milliseconds of real time that a failing matcher may take to leave out faults; 2000 without it.
   */
  readonly budget?: number;
  /** What messages hold. A pure function. */
  readonly values?: OwnCode['valueOf'];
}

/** A scenario with own code in it, ready to run. */
export interface Subject {
  readonly scenario: Scenario;
  readonly seed: string;
  /** Handlers and services that no token carries. */
  readonly own: readonly string[];
  readonly set: readonly Assignment[];
  readonly budget: number;
  readonly heard: Heard;
  /** Another text with the same code. */
  load(text: string): Scenario | undefined;
}

/** Throws a ScenarioError with everything that is wrong. */
export function prepare(input: ScenarioInput, options: SubjectOptions = {}): Subject {
  const source = sourceOf(input);
  const { handlers = {}, services = {} } = options;
  const heard = new Heard();
  const own = [...Object.keys(handlers), ...Object.keys(services)];
  const nodes = own.length > 0 ? [...SINKS, ...Object.keys(services)] : [];
  const set = [...source.set, ...settingsOf(source, options)];
  const { scenario, problems } = loadScenario(source.text, FILE, { nodes, set });
  const chosen = scenario && choose(scenario, options.variant ?? source.variant);
  const wrong = [
    ...problems.filter((p) => p.severity === 'error').map(named),
    ...mismatches(chosen, source, options),
  ];
  if (scenario !== undefined && chosen === undefined) {
    const names = scenario.variants.map((v) => v.variant);
    const says = `no variant "${options.variant ?? source.variant}"`;
    wrong.push(complaint('variant', says, didYouMean(options.variant ?? '', names, 'none has it')));
  }
  if (chosen === undefined || wrong.length > 0) throw new ScenarioError(wrong);
  const bind = (bare: Scenario) => (own.length > 0 ? withCode(bare, options, heard) : bare);
  return {
    scenario: bind(chosen),
    seed: String(options.seed ?? source.seed ?? chosen.seed),
    own,
    set,
    budget: options.budget ?? 2000,
    heard,
    load(text) {
      const { scenario: other } = loadScenario(text, FILE, { nodes });
      return other && bind(other);
    },
  };
}

function settingsOf(source: Source, { set = {}, faults = [] }: SubjectOptions): Assignment[] {
  const given = Object.entries(set).map(([path, value]) => assignment(path, value));
  if (faults.length === 0) return given;
  return [...given, assignment('faults', [...ownFaults(source), ...faults])];
}

/** Faults that the text has already. What is wrong with it, the loader says. */
function ownFaults({ text, set }: Source): readonly unknown[] {
  const last = set.filter(({ path }) => path === 'faults').at(-1);
  const own = last === undefined ? plainOf(text)?.faults : plainOf(`faults: ${last.value}`)?.faults;
  return Array.isArray(own) ? own : [];
}

function choose(scenario: Scenario, variant: string): Scenario | undefined {
  if (variant === '') return scenario;
  return scenario.variants.find((v) => v.variant === variant);
}

/** An assignment is not something that a test wrote. */
function named(problem: Problem): Problem {
  if (problem.file !== ASSIGNMENTS) return problem;
  const file = problem.source.startsWith('faults=') ? 'faults' : 'set';
  return { ...problem, file };
}
