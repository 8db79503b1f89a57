import type { Trace } from '../../kernel/entry.ts';
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

/** Labels of the offers that are taken up. A set: it is kept in the order of the run. */
export type Placement = readonly string[];

/** What one run came to, as far as a search cares. */
export interface Outcome {
  /** The faults that struck, in that order. */
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
}

export type Take = (offer: Offer) => boolean;

/**
 * Runs once and asks `take` at every place where a fault could strike. A pure function: the same
 * answers give the same run. `trace`, if given, hears the run; the world is there once it begins.
 */
export type Runner = (take: Take, trace?: (world: () => World) => Trace) => Outcome;

/** The run with just these faults. */
export function place(run: Runner, faults: Placement): Outcome {
  const wanted = new Set(faults);
  return run((offer) => wanted.has(offer.label));
}

/**
 * A strategy yields each run that it made and returns true when nothing within its bounds is left.
 */
export type Strategy = Generator<Outcome, boolean>;
