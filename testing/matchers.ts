import { partingOf, parsePath } from '../sim/history/milestones.ts';
import type { Witness } from '../sim/history/record.ts';
import type { Expectation } from '../sim/invariants/expectation.ts';
import { readToken } from '../runs/token.ts';
import { ENGINE } from '../scenarios/version.ts';
import { failureText } from './failure.ts';
import {
  counting,
  delivering,
  find,
  holding,
  type Delivery,
  type Finding,
  type Invariant,
  type Whose,
} from './promise.ts';
import { SimulatedRun } from './run.ts';

export interface Violation extends Whose {
  /** Part of what proves it: a message's id, or of what is said about it. */
  readonly witness?: string | RegExp;
}

export interface Duplicates extends Whose {
  /** Where copies beyond the first are counted; `effects` without it. */
  readonly level?: 'effects' | 'stored' | 'delivered';
}

/** As vitest and jest want it. `message` is only called when the matcher fails. */
interface Answer {
  readonly pass: boolean;
  readonly message: () => string;
}

interface Context {
  readonly isNot?: boolean;
}

/**
 * What a run is held to. A matcher fails, with `.not` and without, when the run is inconclusive:
 * a fault never fired, nothing was acknowledged, a bound cut it.
 */
export const matchers = {
  /** The guarantee that the run gave, by effects. A stronger one is as good. */
  toDeliver(this: Context, run: unknown, guarantee: Delivery, whose: Whose = {}): Answer {
    return keeps(this, run, () => delivering(guarantee, whose));
  },

  /** So many acknowledged messages are lost. */
  toLose(this: Context, run: unknown, count: number, whose: Whose = {}): Answer {
    return keeps(this, run, () => counting('loss', count, whose));
  },

  /** So many copies beyond the first. */
  toDuplicate(this: Context, run: unknown, count: number, of: Duplicates = {}): Answer {
    return keeps(this, run, () => counting(`duplicates.${of.level ?? 'effects'}`, count, of));
  },

  /** An invariant: "ordering", "phantom", "kafka.log-matching". */
  toHold(this: Context, run: unknown, invariant: Invariant, whose: Whose = {}): Answer {
    return keeps(this, run, (simulated) => holding(invariant, simulated, whose));
  },

  /** The opposite, with proof: some witness of it fits. */
  toViolate(this: Context, run: unknown, invariant: Invariant, of: Violation = {}): Answer {
    const simulated = runOf(run);
    const expectation = holding(invariant, simulated, of);
    const finding = find(simulated, expectation);
    if (finding.is === 'inconclusive') return inconclusive(this, simulated, expectation, finding);
    const { result } = finding;
    const { witness } = of;
    const fitting = result.witnesses.filter((each) => fits(each, witness));
    const pass = finding.is === 'broken' && (witness === undefined || fitting.length > 0);
    const broken = finding.is === 'broken' ? ', but by no such witness' : '';
    const says = pass
      ? `expected ${result.name} not to be violated, and it is: ${result.actual}`
      : `expected ${result.name} to be violated, and it is ${result.actual}${broken}`;
    return { pass, message: () => failureText(says, simulated, expectation, result) };
  },

  /** What the scenario itself expects holds. */
  toPass(this: Context, run: unknown): Answer {
    const simulated = runOf(run);
    const { expectations } = simulated.subject.scenario;
    const findings = expectations.map((each) => [each, find(simulated, each)] as const);
    const bad =
      findings.find(([, f]) => f.is === 'inconclusive') ??
      findings.find(([, f]) => f.is === 'broken');
    if (findings.length === 0) throw new TypeError('the scenario expects nothing (no "expect:")');
    if (bad?.[1].is === 'inconclusive') return inconclusive(this, simulated, ...bad);
    const [expectation, finding] = bad ?? findings[0];
    return kept(simulated, expectation, finding);
  },

  /** The run is the one that a token stands for, step by step. */
  toReplay(this: Context, run: unknown, token: string): Answer {
    const { record } = runOf(run);
    const reading = readToken(token);
    if (reading.is === 'unreadable') throw new TypeError(`${reading.says}; ${reading.hint}`);
    const { digest, path, engine } = reading.ticket;
    const pass = digest === record.digest;
    return {
      pass,
      message: () => {
        if (pass) return `expected another run than the token's, and it is that one (${digest})`;
        const { after, before } = partingOf(record.path, parsePath(path));
        const where = before < 0 ? `after event ${after}` : `between events ${after} and ${before}`;
        const engines =
          engine === ENGINE ? '' : `; the token is of engine ${engine}, not ${ENGINE}`;
        return (
          `expected the run of the token, digest ${digest}, and it is ${record.digest}:\n` +
          `they part ${where}${engines}`
        );
      },
    };
  },
};

function runOf(value: unknown): SimulatedRun {
  if (value instanceof SimulatedRun) return value;
  throw new TypeError('these matchers are about what simulate() returns');
}

function keeps(
  context: Context,
  value: unknown,
  expectationOf: (run: SimulatedRun) => Expectation,
): Answer {
  const run = runOf(value);
  const expectation = expectationOf(run);
  const finding = find(run, expectation);
  if (finding.is === 'inconclusive') return inconclusive(context, run, expectation, finding);
  return kept(run, expectation, finding);
}

function kept(run: SimulatedRun, expectation: Expectation, { is, result }: Finding): Answer {
  const { name, expected, actual } = result;
  const pass = is === 'kept';
  const says = `expected ${name} ${pass ? 'other than' : ''} ${expected}, and it is ${actual}`;
  const message = () => failureText(says.replace('  ', ' '), run, expectation, result);
  return { pass, message };
}

/** Fails whichever way it is asked. */
function inconclusive(
  { isNot = false }: Context,
  run: SimulatedRun,
  expectation: Expectation,
  { result, why }: Finding,
): Answer {
  const says = `inconclusive: ${why.join('; ')}`;
  return { pass: isNot, message: () => failureText(says, run, expectation, result) };
}

function fits({ message, says }: Witness, witness: string | RegExp | undefined): boolean {
  if (witness === undefined) return true;
  if (typeof witness === 'string') return message === witness || says.includes(witness);
  return witness.test(message) || witness.test(says);
}
