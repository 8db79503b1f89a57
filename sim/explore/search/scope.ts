import type { Ground } from './imagine.ts';
import { Portrait } from './portrait.ts';

/** What a strategy may do, and its luck. */
export interface Scope {
  readonly ground: Ground;
  readonly maxFaults: number;
  readonly seed: string;
  readonly portrait: () => Portrait;
}

export function scopeOf(ground: Ground, maxFaults: number, seed: string): Scope {
  const facts = new Set(ground.facts);
  return { ground, maxFaults, seed, portrait: () => new Portrait(facts) };
}
