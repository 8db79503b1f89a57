import type { Place, Remedy } from '../models/parts/system.ts';
import type { RunRecord } from '../sim/history/record.ts';
import type { Micros } from '../sim/kernel/time.ts';
import { execute } from './execute.ts';
import { loadScenario } from './load.ts';
import type { Scenario } from './scenario.ts';
import { plainScenario } from './shrink.ts';
import { at, edited, keysAt, type Mapping, type Steps, type Value } from './value.ts';
import { writeScenario } from './write.ts';

/** What a rerun with one setting changed came to. */
export interface Remedied {
  /** "producers: enable.idempotence true". */
  readonly setting: string;
  /** What the measure would be. */
  readonly actual: string;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  /** Latency from invocation to effect when nothing goes wrong: as it is, and with the setting. */
  readonly latencyBefore: Micros;
  readonly latencyAfter: Micros;
}

interface Change {
  readonly setting: string;
  readonly places: readonly Steps[];
  readonly value: string;
}

/** Settings of the application behind every consumer, whatever the system. */
const HANDLING: readonly (readonly [key: string, value: string])[] = [
  ['acknowledge', 'after'],
  ['acknowledge', 'with-effect'],
  ['idempotency', 'message-id'],
];

/** A run with a setting may take longer, but nobody waits for one that never ends. */
const EVENTS = 500_000;

/**
 * Reruns a scenario with each setting that its systems name, and the application's. Only settings
 * that change the measure are returned; what the real system refuses is no remedy. `place`: the
 * expectation that is asked about.
 */
export function remedies(
  scenario: Scenario,
  seed: string,
  place: number,
  enough: () => boolean,
): Remedied[] {
  const root = plainScenario(scenario, seed, scenario.expectations[place]);
  const plain = root && runOf(root, scenario, seed);
  if (root === undefined || plain === undefined) return [];
  const found: Remedied[] = [];
  for (const { setting, places, value } of changes(scenario, root)) {
    if (enough()) break;
    const changed = places.reduce<Value>((tree, steps) => edited(tree, steps, value), root);
    const run = runOf(changed as Mapping, scenario, seed);
    if (run === undefined) continue;
    const [{ actual, verdict }] = run.faulty.expectations;
    if (actual === plain.faulty.expectations[0].actual) continue;
    found.push({
      setting,
      actual,
      verdict,
      latencyBefore: latencyOf(plain.quiet),
      latencyAfter: latencyOf(run.quiet),
    });
  }
  return found;
}

function changes({ systems }: Scenario, root: Mapping): Change[] {
  const found: Change[] = [];
  const add = (setting: string, places: readonly Steps[], value: string) => {
    const open = places.filter((steps) => at(root, steps) !== value);
    if (open.length > 0) found.push({ setting, places: open, value });
  };
  for (const { system } of systems) {
    for (const remedy of system.remedies ?? []) {
      const { place, key, value } = remedy;
      const group = GROUPS[place] ?? system.channels;
      add(`${group}: ${key} ${value}`, placesOf(remedy, group, root), value);
    }
  }
  for (const [key, value] of HANDLING) {
    const names = keysAt(root, ['consumers']);
    const places = names.map((name) => ['consumers', name, 'process', key]);
    add(`consumers: ${key} ${value}`, places, value);
  }
  return found;
}

const GROUPS: Partial<Record<Place, string>> = {
  cluster: 'cluster',
  producer: 'producers',
  consumer: 'consumers',
};

function placesOf({ place, key }: Remedy, group: string, root: Mapping): Steps[] {
  if (place === 'cluster') return [['cluster', 'config', key]];
  return keysAt(root, [group]).map((name) => [group, name, 'config', key]);
}

/** As it is, and without its faults: what a setting costs is seen when nothing goes wrong. */
function runOf(
  root: Mapping,
  { file, faults }: Scenario,
  seed: string,
): { faulty: RunRecord; quiet: RunRecord } | undefined {
  const { scenario } = loadScenario(writeScenario(root), file);
  if (scenario === undefined) return undefined;
  const maxEvents = Math.min(scenario.limits.maxEvents, EVENTS);
  const bounded = { ...scenario, limits: { ...scenario.limits, maxEvents } };
  const without = faults.map((_, i) => i);
  return { faulty: execute(bounded, { seed }), quiet: execute(bounded, { seed, without }) };
}

/** The worst subscription's 99th percentile. */
function latencyOf(run: RunRecord): Micros {
  return Math.max(0, ...Object.values(run.subscriptions).map((s) => s.latency.p99));
}
