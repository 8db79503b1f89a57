import type { Distribution } from '../sim/kernel/distribution.ts';
import type { Fault } from '../sim/kernel/fault.ts';
import type { Micros } from '../sim/kernel/time.ts';
import type { ServicePlan } from '../models/parts/handler.ts';
import type { Deployment, System } from '../models/parts/system.ts';
import type { Expectation } from '../sim/invariants/expectation.ts';
import type { Problem } from './problem.ts';

/** A scenario file, checked and resolved: everything a run needs except seed and overrides. */
export interface Scenario {
  /** As named by whoever loaded it; "" when it came from a token or from memory. */
  readonly file: string;
  /** The source text, which a replay token carries. */
  readonly text: string;
  readonly name: string;
  readonly about: string;
  readonly source: readonly string[];
  readonly seed: string;
  /** `--set` assignments and `vary:` settings that made it what it is, in order. */
  readonly set: readonly Assignment[];
  /** Which `vary:` entry it is; "" for the scenario itself. */
  readonly variant: string;
  readonly systems: readonly { readonly system: System; readonly deployment: Deployment }[];
  readonly network: { readonly latency: Distribution; readonly bandwidth: number };
  readonly fsync: Distribution;
  readonly faults: readonly PlannedFault[];
  /** What operators do, each with the system that it is done to. */
  readonly actions: readonly PlannedAction[];
  readonly expectations: readonly Expectation[];
  readonly alerts: readonly AlertRule[];
  readonly limits: RunBounds;
  /** Processes beside what is deployed, of whoever brings own code. */
  readonly services?: readonly ServicePlan[];
  readonly warnings: readonly Problem[];
  /** The same file with each entry of `vary:` applied. */
  readonly variants: readonly Scenario[];
}

/** `producers.checkout.config.acks` = `all`: a path into the file and the YAML of a value. */
export interface Assignment {
  readonly path: string;
  readonly value: string;
}

export interface PlannedFault {
  /** As a person would say it in one line: "lose ProduceResponse, nth 3". */
  readonly text: string;
  /** Line of the file, from 1. */
  readonly line: number;
  readonly fault: Fault<string>;
}

export interface PlannedAction {
  /** As a person would say it in one line: "add-partitions topic orders to 6, at 5s". */
  readonly text: string;
  readonly line: number;
  /** Place of its system among those of the scenario, and its own among that one's actions. */
  readonly system: number;
  readonly index: number;
}

/** "> 60 s for 5 min": fires when a lag stays above a threshold for a while. */
export interface AlertRule {
  readonly name: string;
  /** Name of the subscription; "" for each. */
  readonly subscription: string;
  readonly lag: 'time' | 'messages';
  readonly above: number;
  readonly for: Micros;
}

export interface RunBounds {
  readonly until: Micros;
  readonly maxEvents: number;
  /** Overrides what the systems ask for; -1: their own. */
  readonly patience: Micros;
}
