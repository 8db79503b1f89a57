import { parse, stringify } from 'yaml';
import type { z } from 'zod';
import { problemText } from '../reports/problems.ts';
import { readToken } from '../runs/token.ts';
import type { faultSchema } from '../scenarios/fault-schema.ts';
import type { scenarioSchema } from '../scenarios/form.ts';
import type { Problem } from '../scenarios/problem.ts';
import type { Assignment } from '../scenarios/scenario.ts';

/** A fault as in `faults:` of a scenario file: `{ lose: 'ProduceResponse', nth: 3 }`. */
export type FaultInput = z.input<typeof faultSchema>;

/** A scenario file as an object. */
export type ScenarioObject = z.input<typeof scenarioSchema>;

/** The text of a scenario file, the same as an object, or a replay token. */
export type ScenarioInput = string | ScenarioObject;

/** Everything that is wrong with what a test hands over, as the command line says it. */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(['the scenario has mistakes', ...problems.map((p) => problemText(p))].join('\n\n'));
    this.problems = problems;
  }
}

/** What a scenario is made of: what a token holds, if it is one. */
export interface Source {
  readonly text: string;
  readonly seed: string | undefined;
  readonly set: readonly Assignment[];
  readonly variant: string;
  /** Handlers and services that a token is without. */
  readonly own?: readonly string[];
}

/** What stands for the file in messages. */
export const FILE = 'scenario';

export function sourceOf(input: ScenarioInput): Source {
  const plain = { seed: undefined, set: [], variant: '' };
  if (typeof input !== 'string') return { ...plain, text: stringify(input) };
  if (!/^\s*la\d+\./.test(input)) return { ...plain, text: input };
  const reading = readToken(input);
  if (reading.is === 'ticket') return reading.ticket;
  throw new ScenarioError([complaint('token', reading.says, reading.hint)]);
}

/** A mistake that stands in no text. */
export function complaint(file: string, says: string, hint: string): Problem {
  const nowhere = { line: 0, column: 0, length: 0, source: '' };
  return { severity: 'error', code: 'SCN090', file, ...nowhere, says, hint };
}

/** A value as the YAML of an assignment: JSON is YAML. */
export function assignment(path: string, value: unknown): Assignment {
  return { path, value: JSON.stringify(value) };
}

/** The last text that was looked into: many runs of a test have the same. */
let last: { readonly text: string; readonly plain: Plain | undefined } | undefined;
type Plain = Readonly<Record<string, unknown>>;

/** The top of a YAML text as it stands, unchecked; undefined when it is no mapping. */
export function plainOf(text: string): Plain | undefined {
  if (last?.text === text) return last.plain;
  last = { text, plain: parsed(text) };
  return last.plain;
}

function parsed(text: string): Plain | undefined {
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' && value !== null ? (value as Plain) : undefined;
  } catch {
    return undefined;
  }
}
