import type { Micros } from '../kernel/time.ts';
import type { Path } from './milestones.ts';

/**
 * What a run comes to: the machine-readable contract of `lost-ack run --json`. Fields may be added,
 * never renamed. All times are whole microseconds of virtual time.
 */
export interface RunRecord {
  readonly format: 'lost-ack/run/1';
  readonly engine: string;
  /** The scenario's own name, and the file as it was named on the command line. */
  readonly scenario: string;
  readonly file: string;
  /** Set for a run of a `vary:` entry: its name. */
  readonly variant?: string;
  readonly seed: string;
  readonly digest: string;
  readonly token: string;
  /** Where the digest stood on the way. */
  readonly path: Path;
  readonly virtualTimeUs: Micros;
  readonly events: number;
  readonly ended: 'drained' | 'quiet' | 'time' | 'events';
  /** Of this run and all its variants: the worst. */
  readonly verdict: RunVerdict;
  readonly guarantee: Guarantee;
  readonly producers: Readonly<Record<string, ProducerMeasures>>;
  readonly subscriptions: Readonly<Record<string, SubscriptionMeasures>>;
  readonly expectations: readonly ExpectationResult[];
  readonly faults: readonly FaultResult[];
  /** What operators did; absent when the scenario has no actions. */
  readonly actions?: readonly ActionResult[];
  readonly counters: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** What the systems claim of their inside, where they check it. */
  readonly model?: readonly ModelFinding[];
  readonly variants?: readonly RunRecord[];
}

export type RunVerdict = 'pass' | 'fail' | 'inconclusive';
export type Guarantee = 'exactly-once' | 'at-least-once' | 'at-most-once' | 'none' | 'unknown';

/** Client operations, paired as in Jepsen: each invoked one ends in exactly one of the others. */
export interface ProducerMeasures {
  readonly invoked: number;
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
}

export interface SubscriptionMeasures {
  /** Messages of its channel that were acknowledged to the producer or became readable. */
  readonly owed: number;
  /** Different messages handed to a handler at least once. */
  readonly delivered: number;
  /** Different messages applied to a sink at least once. */
  readonly effects: number;
  readonly settled: number;
  readonly lost: number;
  /** Cause -> how many of the lost. */
  readonly lostBy: Readonly<Record<string, number>>;
  readonly pending: number;
  readonly deadLettered: number;
  /** Copies beyond the first, at each level. */
  readonly duplicates: {
    readonly stored: number;
    readonly delivered: number;
    readonly effects: number;
  };
  readonly ordering: OrderMeasures & {
    /** What the two numbers are counted over. */
    readonly scope: OrderScope;
    readonly by: Readonly<Record<OrderScope, OrderMeasures>>;
  };
  readonly lag: { readonly messages: SeriesMeasures; readonly time: SeriesMeasures };
  /** Invocation to first effect, in microseconds. */
  readonly latency: SeriesMeasures;
  readonly phantom: number;
  /** The longest time with something owed and nothing done. */
  readonly stalledUs: Micros;
  readonly guarantee: Guarantee;
}

export type OrderScope = 'key' | 'partition' | 'queue' | 'global';

export interface OrderMeasures {
  /** Messages delivered for the first time after a younger one of the same producer. */
  readonly inversions: number;
  /** Messages delivered again after a younger one. */
  readonly rewinds: number;
}

export interface SeriesMeasures {
  readonly max: number;
  readonly p50: number;
  readonly p99: number;
  readonly final: number;
}

export interface ExpectationResult {
  /** "loss", "duplicates.stored", "fulfilment.lag.time.max", ... */
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  /** Why it is unknown. */
  readonly why?: string;
  readonly witnesses: readonly Witness[];
  /** Line of the scenario file that states it, from 1. */
  readonly line?: number;
}

/** One claim of a system about its inside, put to the test through the whole run. */
export interface ModelFinding {
  /** "kafka.log-matching": as `expect:` names it. */
  readonly name: string;
  readonly claim: string;
  /** `unknown`: nothing happened that could have broken it. */
  readonly verdict: 'holds' | 'violated' | 'unknown';
  readonly checked: number;
  readonly violations: number;
  /** The first few. */
  readonly witnesses: readonly { readonly says: string; readonly atUs: Micros }[];
}

/** A piece of evidence: a message and what happened to it. */
export interface Witness {
  readonly says: string;
  /** "checkout/17": producer and place among its messages, from 0. */
  readonly message: string;
  readonly atUs: Micros;
}

export interface ActionResult {
  /** As it was written: "add-partitions topic orders to 6, at 5s". */
  readonly action: string;
  readonly done: boolean;
  /** Why it was not. */
  readonly why?: string;
  readonly line?: number;
}

export interface FaultResult {
  /** As it was written: "lose ProduceResponse, nth 3". */
  readonly fault: string;
  readonly fired: number;
  readonly line?: number;
}
