import { execute } from '../../scenarios/execute.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { runnerOf } from '../../scenarios/runner.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { SPACE, type SpaceOptions } from '../../scenarios/space.ts';
import { search, type Search } from '../../sim/explore/search/search.ts';
import type { Outcome } from '../../sim/explore/search/space.ts';
import type { RunRecord } from '../../sim/history/record.ts';
import { assert } from '../../sim/kernel/assert.ts';
import type { PairView } from '../../reports/pair.ts';
import { findPair } from '../../scenarios/watch.ts';
import { viewOf } from '../hunt/pair.ts';
import { Pulse } from '../pulse.ts';

/** The seed of every lesson: what a reader sees is what the tests saw. */
export const SEED = '1';

/** Nobody is told how far it is; Ctrl-C ends the process, which holds nothing. */
export const ALONE = new Pulse(new Int32Array(1), () => {});

export function load(text: string, file = 'lesson.yaml'): Scenario {
  const { scenario, problems } = loadScenario(text, file);
  const says = problems.map((p) => `${p.line}:${p.column} ${p.says}`).join('; ');
  assert(scenario !== undefined, `the scenario of a lesson loads: ${says}`);
  return scenario;
}

export const run = (text: string): RunRecord => execute(load(text), { seed: SEED });

const FOREVER = { runs: 1_000_000, seed: SEED, enough: () => '' };

/** Tries all placements; `visit` sees each, and true ends it. */
export function tryAll(
  scenario: Scenario,
  maxFaults: number,
  space: Partial<SpaceOptions>,
  visit?: (outcome: Outcome) => boolean,
): Search {
  const runner = runnerOf(scenario, SEED, { ...SPACE, ...space });
  return search('exhaustive', runner, { ...FOREVER, maxFaults }, visit);
}

/** Percent with one digit: 4.3. */
export const percent = (part: number, whole: number): number =>
  Math.round((part * 1000) / whole) / 10;

/** A row of cells under a row of heads: the first two columns to the left, numbers to the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heads, ...rows];
  const widths = heads.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  return all.map((row) =>
    `  ${row
      .map((cell, i) => {
        const left = rows.some((r) => !/^[-\d.,% ]*$/.test(r[i] ?? ''));
        return left ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
      })
      .join('  ')}`.trimEnd(),
  );
}

/** Two runs that a client cannot tell apart, with at most one loss of these letters (all: []). */
export function pairOf(
  scenario: Scenario,
  client: string,
  messages: readonly string[],
): PairView | undefined {
  const space = { ...SPACE, kinds: ['lose'] as const, messages };
  const { pair } = findPair(scenario, client, SEED, space, { ...FOREVER, maxFaults: 1 });
  if (pair === undefined) return undefined;
  const { runs, ...view } = viewOf(scenario, SEED, client, pair, space, ALONE);
  // A token is for a reader who goes on with it; a lesson has a command for that.
  const [first, second] = runs;
  return {
    ...view,
    runs: [
      { ...first, token: '' },
      { ...second, token: '' },
    ],
  };
}
