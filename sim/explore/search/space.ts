import type { Trace } from '../../kernel/entry.ts';
import type { Fault } from '../../kernel/fault.ts';
import type { Micros } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';

/** A place in a run where a fault could strike: one question that a run asked. */
export interface Offer {
  /** The causal name of the question, and so the name of the fault: kernel/choices.ts. */
  readonly label: string;
  /** lose, delay, crash, ... */
  readonly kind: string;
  /** A message's type, or the fact that a node states. */
  readonly type: string;
  readonly from: string;
  /** The receiver; "" for a fault on a node. */
  readonly to: string;
}

/**
 * The faults of a run, as texts: labels of offers that are taken up, and faults that are planned
 * (planned.ts). A set: it is kept in the order of the run.
 */
export type Placement = readonly string[];

/** What one run came to, as far as a search cares. */
export interface Outcome {
  /** The faults that struck, in that order; planned ones after those taken up. */
  readonly placed: Placement;
  /** Every question, in the order in which it was asked; none when they were not wanted. */
  readonly offers: readonly Offer[];
  /** Anomaly classes: which expectation was violated and in which direction. */
  readonly violated: readonly string[];
  /** What it measured, for a certificate: name -> number or word. */
  readonly measured: ReadonlyMap<string, number | string>;
  /** False when a bound cut it, so that the absence of a violation proves nothing. */
  readonly conclusive: boolean;
  readonly events: number;
  /** When it ended. */
  readonly time: Micros;
  /** Which of several strategies made it. */
  readonly by?: string;
}

export type Take = (offer: Offer) => boolean;

export interface RunPlan {
  /** Asked at every place where a fault could strike; without it nothing is on offer. */
  readonly take?: Take;
  /** Faults beside those of the scenario, by the names of nodes. */
  readonly faults?: readonly Fault<string>[];
  /** The run is cut here, and proves nothing then. */
  readonly maxEvents?: number;
  /** Hears the run; the world is there once it begins. */
  readonly trace?: (world: () => World) => Trace;
}

/** Thrown by a runner in the middle of a run that nobody waits for any more; a search ends. */
export class Enough extends Error {}

/** Runs once. A pure function: the same answers and the same faults give the same run. */
export type Runner = (plan: RunPlan) => Outcome;

/**
 * A strategy yields each run that it made and returns true when nothing within its bounds is left.
 */
export type Strategy = Generator<Outcome, boolean>;
