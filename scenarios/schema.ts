import * as z from 'zod';
import type { Key, KeyTable } from '../models/parts/config.ts';
import { CHANNEL_WORDS, kindsOf, type Place, type System } from '../models/parts/system.ts';
import { SYSTEMS } from '../models/registry.ts';
import { scenarioSchema } from './form.ts';

/** A JSON Schema as data. */
export interface Json {
  [key: string]: unknown;
}

/**
 * The file format as a JSON Schema (draft-07, which editors' YAML servers read). Where the form
 * alone would allow any key, the real systems' keys are listed with their defaults.
 */
export function jsonSchema(systems: readonly System[] = SYSTEMS): Json {
  const schema = z.toJSONSchema(scenarioSchema, { target: 'draft-7' }) as Json;
  const top = schema.properties as Record<string, Json>;
  const parts = [top, inner(top.systems)];
  for (const properties of parts) {
    if (properties.system !== undefined) properties.system.enum = systems.map((s) => s.name);
    const cluster = (s: System) => s.keys.cluster;
    list(properties.cluster, systems, 'cluster', cluster, (s) => s.clusterShape);
    for (const word of CHANNEL_WORDS) {
      const kind = (s: System) => kindsOf(s).find((k) => k.word === word);
      const keys = (s: System) => kind(s)?.keys ?? [];
      list(named(properties[word]), systems, 'channel', keys, (s) => kind(s)?.shape ?? []);
    }
  }
  list(named(top.producers), systems, 'producer', (s) => s.keys.producer);
  list(named(top.consumers), systems, 'consumer', (s) => s.keys.consumer);
  return {
    title: 'A lost-ack scenario',
    ...schema,
    examples: [EXAMPLE],
  };
}

const EXAMPLE = {
  scenario: 'A lost acknowledgement, retried',
  system: 'kafka',
  topics: { orders: {} },
  producers: { checkout: { to: 'orders' } },
  consumers: { fulfilment: { from: 'orders' } },
  faults: [{ lose: 'ProduceResponse', nth: 3 }],
  expect: { loss: 0 },
};

/** What a mapping of names holds for each name. */
function named(record: Json | undefined): Json | undefined {
  return record?.additionalProperties as Json | undefined;
}

function inner(record: Json | undefined): Record<string, Json> {
  return (named(record)?.properties ?? {}) as Record<string, Json>;
}

/** The alternatives of a schema that are objects. */
function objects(schema: Json | undefined): Json[] {
  if (schema === undefined) return [];
  const options = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  return options === undefined ? [schema] : options.flatMap(objects);
}

function list(
  component: Json | undefined,
  systems: readonly System[],
  place: Place,
  table: (system: System) => KeyTable,
  shape?: (system: System) => KeyTable,
): void {
  for (const object of objects(component)) {
    const properties = object.properties as Record<string, Json> | undefined;
    if (properties === undefined) continue;
    if (shape !== undefined) {
      Object.assign(properties, described(systems, shape));
      object.additionalProperties = false;
    }
    const keys = described(systems, table);
    for (const config of objects(properties.config)) {
      if (config.type !== 'object') continue;
      delete config.propertyNames;
      // Attributes: what `aws sqs get-queue-attributes` prints can be pasted whole.
      const pasted = { type: 'object', description: 'Pasted queue attributes.' };
      config.properties = place === 'channel' ? { ...keys, Attributes: pasted } : keys;
      config.additionalProperties = false;
    }
  }
}

/** Keys of several systems side by side; the first system that has a key describes it. */
function described(systems: readonly System[], table: (system: System) => KeyTable) {
  const properties: Record<string, Json> = {};
  for (const system of systems) {
    for (const key of table(system)) properties[key.name] ??= describe(key, system);
  }
  return properties;
}

function describe(key: Key, system: System): Json {
  const unit = key.unit === '' ? '' : ` In ${key.unit}, or with a unit.`;
  const modelled = key.modelled ? '' : ' Not modelled: no effect here.';
  const description = `${system.name}: ${key.says}${unit}${modelled}`;
  // Values may be texts with units, numbers, or pasted texts: their check is the loader's.
  const examples = key.oneOf === undefined ? {} : { examples: [...key.oneOf] };
  return { description, default: key.default, ...examples };
}
