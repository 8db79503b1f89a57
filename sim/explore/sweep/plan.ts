import { assert } from '../../kernel/assert.ts';

/**
 * The batches of a sweep. They follow from what is swept alone, never from the machine, so that
 * shards of several machines fit together and a resumed sweep knows what is finished.
 */
export interface Plan {
  readonly configurations: number;
  readonly seeds: number;
  /** Seeds in a batch. */
  readonly size: number;
  /** This is share `nr` (from 1) of `of`. */
  readonly shard: { readonly nr: number; readonly of: number };
}

/** Some seeds of one configuration. */
export interface Batch {
  readonly index: number;
  readonly configuration: number;
  /** Place of its first seed among all seeds, from 0. */
  readonly first: number;
  readonly count: number;
}

/** Handing over a batch costs as much as a message or two of a run. */
const MESSAGES = 5_000;
const SEEDS_MAX = 100;
/** So many batches at least, or else the last one keeps one core busy and the others idle. */
const BATCHES_MIN = 32;

/** Seeds in a batch, by how many messages one run sends. */
export function batchSize(messages: number, seeds: number, configurations: number): number {
  const byWork = Math.floor(MESSAGES / Math.max(1, messages));
  const byShare = Math.ceil((seeds * configurations) / BATCHES_MIN);
  return Math.max(1, Math.min(byWork, byShare, SEEDS_MAX, seeds));
}

/** Of all shards together. */
export function batchCount({ configurations, seeds, size }: Plan): number {
  return configurations * Math.ceil(seeds / size);
}

/** Every configuration has its first seeds before any has its second ones: a cut sweep is even. */
export function batchAt(plan: Plan, index: number): Batch {
  assert(index >= 0 && index < batchCount(plan), 'a batch is one of the plan');
  const first = Math.floor(index / plan.configurations) * plan.size;
  const count = Math.min(plan.size, plan.seeds - first);
  return { index, configuration: index % plan.configurations, first, count };
}

/** This shard's batches, in order: of every configuration some, also when shards are as many. */
export function* ownBatches(plan: Plan): Generator<Batch> {
  const { configurations, shard } = plan;
  for (let i = 0; i < batchCount(plan); i++) {
    const turn = Math.floor(i / configurations) + (i % configurations);
    if (turn % shard.of === shard.nr - 1) yield batchAt(plan, i);
  }
}

/** Runs of this shard. */
export function ownRuns(plan: Plan): number {
  let runs = 0;
  for (const { count } of ownBatches(plan)) runs += count;
  return runs;
}
