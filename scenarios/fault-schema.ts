import * as z from 'zod';
import { FACT_NAMES } from '../sim/kernel/entry.ts';
import type { FaultKind } from '../sim/kernel/fault.ts';
import { chance, count, duration, name, signedDuration } from './quantities.ts';

const names = z.union([name, z.array(name).min(1)], { error: 'names' });
const message = z.string({ error: 'text' });

const time = {
  at: duration.optional().meta({ description: 'At this time of the run.' }),
  when: z
    .strictObject(
      {
        event: z.enum(FACT_NAMES),
        nth: count(1, Number.MAX_SAFE_INTEGER).optional(),
        node: name.optional(),
      },
      { error: 'mapping' },
    )
    .optional()
    .meta({ description: 'At the moment something happens for the nth time.' }),
  chance: chance.optional().meta({ description: 'At random, by the seed.' }),
  for: duration.optional().meta({ description: 'How long it lasts.' }),
  until: duration.optional().meta({ description: 'When it ends.' }),
};

const onMessages = {
  ...time,
  nth: z
    .union([count(1, Number.MAX_SAFE_INTEGER), z.array(count(1, Number.MAX_SAFE_INTEGER)).min(1)], {
      error: 'nth',
    })
    .optional()
    .meta({ description: 'The n-th matching messages, counting from 1.' }),
  from: names.optional().meta({ description: 'Senders; a group stands for its instances.' }),
  to: names.optional().meta({ description: 'Receivers; `brokers` stands for all of them.' }),
  about: z
    .union([z.string(), z.number()], { error: 'text' })
    .optional()
    .meta({ description: 'What the message is about, for instance a partition: orders-0.' }),
};

const onNodes = {
  ...time,
  every: duration.optional().meta({ description: 'With `chance`: how often it is drawn.' }),
};

const restart = {
  restart: duration.optional().meta({ description: 'Started again after this long.' }),
  apart: duration
    .optional()
    .meta({ description: 'With `at`: one node after another, this long apart.' }),
};

const form = { error: 'mapping' } as const;

const between = z.strictObject({ from: names, to: names }, { error: 'sides' });
const sides = z.union([z.array(names).length(2, { error: 'sides' }), between], { error: 'sides' });

/** One schema for each kind of fault; the key that names the kind is the key of this table. */
export const FAULTS = {
  lose: z.strictObject({ lose: message, ...onMessages }, form),
  delay: z.strictObject({ delay: message, by: duration, ...onMessages }, form),
  duplicate: z.strictObject(
    { duplicate: message, after: duration.optional(), ...onMessages },
    form,
  ),
  reorder: z.strictObject({ reorder: message, ...onMessages }, form),
  reset: z.strictObject({ reset: message, ...onMessages }, form),
  partition: z.strictObject({ partition: sides, ...onNodes }, form),
  'slow-link': z.strictObject(
    {
      'slow-link': z.strictObject({ from: names, to: names, by: duration }, form),
      ...onNodes,
    },
    form,
  ),
  crash: z.strictObject({ crash: names, ...onNodes, ...restart }, form),
  'power-loss': z.strictObject({ 'power-loss': names, ...onNodes, ...restart }, form),
  erase: z.strictObject({ erase: names, ...onNodes, ...restart }, form),
  stop: z.strictObject({ stop: names, ...onNodes, ...restart }, form),
  pause: z.strictObject({ pause: names, ...onNodes }, form),
  'clock-jump': z.strictObject({ 'clock-jump': names, by: signedDuration, ...onNodes }, form),
  'clock-drift': z.strictObject(
    { 'clock-drift': names, ppm: z.int({ error: 'count' }).min(-900_000).max(900_000), ...onNodes },
    form,
  ),
  'slow-disk': z.strictObject(
    { 'slow-disk': names, factor: z.number({ error: 'factor' }).min(1).max(1_000_000), ...onNodes },
    form,
  ),
} as const satisfies Record<FaultKind, z.ZodType>;

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export const faultSchema = z.union(Object.values(FAULTS), { error: 'mapping' });
