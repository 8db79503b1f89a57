import fc, { type Arbitrary } from 'fast-check';
import { SYSTEMS } from '../../models/registry.ts';
import type { Key, KeyTable } from '../../models/parts/config.ts';
import type { Place, System } from '../../models/parts/system.ts';
import { ScenarioError, type ScenarioObject } from '../input.ts';
import { prepare } from '../subject.ts';
import { refused } from './fault-plans.ts';

/** `send:` of a producer. */
export type Workload = NonNullable<NonNullable<ScenarioObject['producers']>[string]['send']>;

export interface WorkloadOptions {
  /** Most messages (20), keys (5) and messages at a time (3). */
  readonly count?: number;
  readonly keys?: number;
  readonly burst?: number;
}

/** What a producer sends, and when: few messages, one at a time, are the simplest. */
export function workloads(options: WorkloadOptions = {}): Arbitrary<Workload> {
  const { count = 20, keys = 5, burst = 3 } = options;
  return fc.record({
    count: fc.integer({ min: 1, max: count }),
    every: fc.constantFrom('10ms', '1ms', '100ms'),
    keys: fc.integer({ min: 1, max: keys }),
    burst: fc.integer({ min: 1, max: burst }),
  });
}

export interface TopologyOptions {
  /** What the topic or queue is called; "orders" without it. */
  readonly channel?: string;
  /** The most of anything: brokers, partitions, replicas. */
  readonly most?: number;
}

/** `system`, `cluster` and its topics or queues; as few of everything as it allows are simplest. */
export function topologies(name: string, options: TopologyOptions = {}): Arbitrary<ScenarioObject> {
  const system = systemOf(name);
  const { channel = 'orders', most = 3 } = options;
  const shape = (table: KeyTable) =>
    fc.record(
      Object.fromEntries(
        table
          .filter(({ type, modelled, unit }) => type === 'int' && modelled && unit === '')
          .map((key) => [key.name, numberOf(key, most)]),
      ),
    );
  return fc
    .record({ cluster: shape(system.clusterShape), channels: shape(system.shape) })
    .map(({ cluster, channels }) => ({
      scenario: `${name} with a topology of its own`,
      system: name,
      ...(Object.keys(cluster).length === 0 ? {} : { cluster }),
      [system.channels]: { [channel]: channels },
    }))
    .filter((piece) => loads({ ...piece, ...traffic(channel, {}, {}) }));
}

export interface ConfigurationOptions {
  /** Only these keys. Without it: all that are a switch or a choice. */
  readonly keys?: readonly string[];
  /** Values to choose from, also of keys that are numbers. */
  readonly values?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** How many keys differ from their defaults at most (3). */
  readonly most?: number;
}

/** `config:` of a part of a system, as the real system takes it; {} is the simplest. */
export function configurations(
  name: string,
  place: Place,
  options: ConfigurationOptions = {},
): Arbitrary<Record<string, string | number | boolean>> {
  const system = systemOf(name);
  const { values = {}, most = 3 } = options;
  const table = system.keys[place];
  const known = table.map((key) => key.name);
  for (const key of [...(options.keys ?? []), ...Object.keys(values)]) {
    if (!known.includes(key)) throw refused(`key of a ${place} of ${name}`, key, known);
  }
  const choices = table.flatMap((key): [string, readonly (string | number | boolean)[]][] => {
    const wanted = options.keys?.includes(key.name) ?? key.modelled;
    const given = Object.hasOwn(values, key.name) ? values[key.name] : wanted ? valuesOf(key) : [];
    return given.length === 0 ? [] : [[key.name, given]];
  });
  if (choices.length === 0) throw new RangeError('none of these keys is a choice; give `values`');
  return fc
    .subarray(choices, { maxLength: Math.min(most, choices.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map(([key, all]) => [key, fc.constantFrom(...all)]))),
    )
    .filter((config) => loads(hostOf(system, place, config)));
}

function systemOf(name: string): System {
  const names = SYSTEMS.map((s) => s.name);
  const system = SYSTEMS.find((s) => s.name === name);
  if (system === undefined) throw refused('system', name, names);
  return system;
}

function numberOf({ min = 1, max = Infinity }: Key, most: number): Arbitrary<number> {
  const least = Math.max(1, min);
  return fc.integer({ min: least, max: Math.max(least, Math.min(max, most)) });
}

function valuesOf({ type, oneOf = [] }: Key): readonly (string | boolean)[] {
  return type === 'bool' ? [false, true] : oneOf;
}

function traffic(channel: string, producer: object, consumer: object) {
  return {
    producers: { producer: { to: channel, ...producer } },
    consumers: { consumer: { from: channel, ...consumer } },
  };
}

/** The smallest scenario that has a place for it. */
function hostOf(system: System, place: Place, config: Record<string, unknown>): ScenarioObject {
  const own = (where: Place) => (where === place ? { config } : {});
  return {
    scenario: 'a host',
    system: system.name,
    cluster: own('cluster'),
    [system.channels]: { channel: own('channel') },
    ...traffic('channel', own('producer'), own('consumer')),
  };
}

function loads(scenario: ScenarioObject): boolean {
  try {
    prepare(scenario);
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}
