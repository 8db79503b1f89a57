import fc, { type Arbitrary } from 'fast-check';
import type { FactName } from '../../sim/kernel/entry.ts';
import type { FaultKind } from '../../sim/kernel/fault.ts';
import { didYouMean } from '../../scenarios/nearest.ts';
import { isNamed, MOMENTS } from '../../scenarios/space.ts';
import { ScenarioError, type FaultInput, type ScenarioInput } from '../input.ts';
import { prepare, type SubjectOptions } from '../subject.ts';
import { takeCensus, type Census } from './census.ts';

/** What a plan may be made of. */
export interface FaultPlanOptions {
  /** Without it: delay, lose, pause, crash. */
  readonly kinds?: readonly PlannedKind[];
  /** How many faults at most (3) and at least (0). */
  readonly max?: number;
  readonly min?: number;
  /** Only messages of these types; all that the run without faults sends, without it. */
  readonly messages?: readonly string[];
  /** Only these nodes, by name or as "broker" for all of them. */
  readonly nodes?: readonly string[];
  /** Nodes are struck when one of these facts is stated, by whomever. */
  readonly moments?: readonly FactName[];
  /** How late a message is, how long a node is down; the first is the mildest. */
  readonly spans?: readonly string[];
}

/** Kinds from the mildest to the gravest: towards the first of them a plan is made smaller. */
const KINDS = [
  'delay',
  'duplicate',
  'reorder',
  'lose',
  'reset',
  'pause',
  'partition',
  'crash',
  'power-loss',
] as const satisfies readonly FaultKind[];
export type PlannedKind = (typeof KINDS)[number];

const USUAL: readonly PlannedKind[] = ['delay', 'lose', 'pause', 'crash'];
const SPANS = ['1s', '10s'];

/** Kinds that not every connection knows. */
const DATAGRAMS: readonly PlannedKind[] = ['duplicate', 'reorder'];

/**
 * Lists of faults for a scenario. What there is to strike, a run without faults says, so that most
 * plans bite. They get smaller as lists do: fewer faults, milder ones, earlier ones.
 */
export function faultPlans(
  scenario: ScenarioInput,
  subject: SubjectOptions = {},
  options: FaultPlanOptions = {},
): Arbitrary<FaultInput[]> {
  const census = takeCensus(prepare(scenario, subject));
  const { kinds = USUAL, max = 3, min = 0 } = options;
  for (const kind of kinds) {
    if (!KINDS.includes(kind)) throw refused('kind of fault', kind, KINDS);
  }
  const loads = (fault: FaultInput) => canLoad(scenario, subject, fault);
  const faults = KINDS.filter((kind) => kinds.includes(kind)).flatMap((kind) => {
    return faultsOf(kind, census, options, loads);
  });
  if (faults.length === 0) throw new RangeError('there is nothing that these faults could strike');
  const fault = fc.oneof({ withCrossShrink: true }, ...faults);
  // Two faults with one text are as good as one.
  const selector = (one: FaultInput) => JSON.stringify(one);
  return fc.uniqueArray(fault, { minLength: min, maxLength: max, selector });
}

function faultsOf(
  kind: PlannedKind,
  census: Census,
  options: FaultPlanOptions,
  loads: (fault: FaultInput) => boolean,
): Arbitrary<FaultInput>[] {
  const { spans = SPANS } = options;
  const span = fc.constantFrom(...spans);
  const nodes = census.nodes.filter(
    (n) => options.nodes === undefined || isNamed(n, options.nodes),
  );
  switch (kind) {
    case 'delay':
      return messages(census, options, (type, nth) => ({ delay: type, by: spans[0], nth }));
    case 'lose':
    case 'reset':
    case 'duplicate':
    case 'reorder': {
      const make = (type: string, nth: number) => ({ [kind]: type, nth }) as unknown as FaultInput;
      const fits = (type: string) => !DATAGRAMS.includes(kind) || loads(make(type, 1));
      return messages(census, options, make, fits);
    }
    case 'pause':
    case 'crash':
    case 'power-loss': {
      const key = kind === 'pause' ? 'for' : 'restart';
      if (nodes.length === 0) return [];
      const strike = fc.tuple(fc.constantFrom(...nodes), momentOf(census, options), span);
      const make = ([node, when, lasts]: [string, object, string]) => ({
        [kind]: node,
        when,
        [key]: lasts,
      });
      return [strike.map((parts) => make(parts) as unknown as FaultInput)];
    }
    case 'partition': {
      const at = fc.nat({ max: census.lasts }).map((ms) => `${ms}ms`);
      const pair = fc.uniqueArray(fc.constantFrom(...census.nodes), { minLength: 2, maxLength: 2 });
      return [
        fc
          .tuple(pair, at, span)
          .filter(([both]) => both.some((node) => nodes.includes(node)))
          .map(([partition, start, s]) => ({ partition, at: start, for: s })),
      ];
    }
  }
}

/** One choice for each type, so that few messages of one type are as likely as many of another. */
function messages(
  census: Census,
  { messages: wanted }: FaultPlanOptions,
  make: (type: string, nth: number) => FaultInput,
  fits: (type: string) => boolean = () => true,
): Arbitrary<FaultInput>[] {
  const types = [...census.messages.keys()];
  for (const type of wanted ?? []) {
    if (!types.includes(type)) throw refused('message of the run without faults', type, types);
  }
  const found = (wanted ?? types).filter(fits);
  if (found.length === 0) return [];
  const one = found.map((type) => {
    const count = census.messages.get(type) ?? 1;
    return fc.integer({ min: 1, max: count }).map((nth) => make(type, nth));
  });
  return [fc.oneof({ withCrossShrink: true }, ...one)];
}

function momentOf(census: Census, { moments = MOMENTS }: FaultPlanOptions) {
  const found = moments.filter((event) => census.moments.has(event));
  if (found.length === 0) throw refused('fact of the run without faults', moments.join(), []);
  const one = found.map((event) => {
    const count = census.moments.get(event) ?? 1;
    return fc.integer({ min: 1, max: count }).map((nth) => ({ event, nth }));
  });
  return fc.oneof(...one);
}

function canLoad(scenario: ScenarioInput, subject: SubjectOptions, fault: FaultInput): boolean {
  try {
    prepare(scenario, { ...subject, faults: [fault] });
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}

export function refused(what: string, word: string, known: readonly string[]): RangeError {
  const hint = didYouMean(word, known, known.length === 0 ? '' : `known: ${known.join(', ')}`);
  return new RangeError(`"${word}" is no ${what}${hint === '' ? '' : `; ${hint}`}`);
}
