import { parse } from 'yaml';
import type { OwnCode, StartHandler, StartService, Tools } from '../models/parts/handler.ts';
import { didYouMean } from '../scenarios/nearest.ts';
import { loadScenario } from '../scenarios/load.ts';
import { ASSIGNMENTS } from '../scenarios/place.ts';
import type { Problem } from '../scenarios/problem.ts';
import type { Assignment, Scenario } from '../scenarios/scenario.ts';
import {
  assignment,
  complaint,
  FILE,
  ScenarioError,
  sourceOf,
  type FaultInput,
  type ScenarioInput,
  type Source,
} from './input.ts';
import { Heard } from './heard.ts';

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

const SINKS = ['database', 'payment-api'];

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
  const wrong = [...problems.filter((p) => p.severity === 'error').map(named)];
  if (scenario !== undefined && chosen === undefined) {
    const names = scenario.variants.map((v) => v.variant);
    const says = `no variant "${options.variant ?? source.variant}"`;
    wrong.push(complaint('variant', says, didYouMean(options.variant ?? '', names, 'none has it')));
  }
  if (chosen !== undefined) wrong.push(...mismatches(chosen, options));
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
  try {
    const last = set.filter(({ path }) => path === 'faults').at(-1);
    const own: unknown = last ? parse(last.value) : (parse(text) as { faults?: unknown })?.faults;
    return Array.isArray(own) ? own : [];
  } catch {
    return [];
  }
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

/** Code for groups that are not there, and handlings that own code cannot take the place of. */
function mismatches(
  scenario: Scenario,
  { handlers = {}, services = {} }: SubjectOptions,
): Problem[] {
  const found: Problem[] = [];
  const consumers = scenario.systems.flatMap(({ deployment }) => deployment.consumers);
  const names = consumers.map((c) => c.name);
  const missing = (where: string, name: string) => {
    const hint = didYouMean(name, names, `groups: ${names.join(', ')}`);
    found.push(complaint(where, `there is no consumer "${name}"`, hint));
  };
  for (const name of Object.keys(handlers)) {
    const plan = consumers.find((c) => c.name === name);
    if (plan === undefined) missing('handlers', name);
    else if (plan.handling.acknowledge === 'with-effect') {
      const says = `"${name}" acknowledges with its effect, which own code does by itself`;
      const hint = 'acknowledge after, and keep the offset in your transaction';
      found.push(complaint('handlers', says, hint));
    }
  }
  for (const [name, { of }] of Object.entries(services)) {
    if (!names.includes(of)) missing(`services.${name}.of`, of);
    const taken = scenario.systems.flatMap((s) => s.system.nodes(s.deployment));
    if (![...taken, ...SINKS].includes(name)) continue;
    const hint = 'choose another name';
    found.push(complaint('services', `two nodes would be called "${name}"`, hint));
  }
  return found;
}

function withCode(scenario: Scenario, options: SubjectOptions, heard: Heard): Scenario {
  const { handlers = {}, services = {}, values = () => undefined } = options;
  const plans = scenario.systems.flatMap(({ deployment }) => deployment.producers);
  const producers: string[] = [];
  for (const { name, workload } of plans) producers[workload.producer] = name;
  const code: OwnCode = {
    producers,
    valueOf: values,
    onThrow: (thrown, process, message) => heard.threw(thrown, process, message),
    // Where they are is known once a run is built.
    sinks: { database: -1, api: -1 },
  };
  const systems = scenario.systems.map(({ system, deployment }) => {
    const consumers = deployment.consumers.map((consumer) => {
      const start = Object.hasOwn(handlers, consumer.name) ? handlers[consumer.name] : undefined;
      if (start === undefined) return consumer;
      const { handling } = consumer;
      const effect = handling.effect === 'output' ? handling.effect : 'local';
      const own = { ...code, start: noting(heard, consumer.name, start) };
      return { ...consumer, handling: { ...handling, effect, own } } as const;
    });
    return { system, deployment: { ...deployment, consumers } };
  });
  const consumers = systems.flatMap(({ deployment }) => deployment.consumers);
  return {
    ...scenario,
    systems,
    services: Object.entries(services).flatMap(([name, { of, run }]) => {
      const consumer = consumers.find((c) => c.name === of);
      if (consumer === undefined) return [];
      const { subscription, handling } = consumer;
      const start = noting(heard, name, run);
      return [{ ...code, name, start, subscription, timeout: handling.timeout }];
    }),
  };
}

function noting<Started>(heard: Heard, name: string, start: (tools: Tools) => Started) {
  return (tools: Tools): Started => {
    heard.started.add(name);
    return start(tools);
  };
}
