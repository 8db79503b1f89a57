import * as z from 'zod';
import { FACT_NAMES } from '../sim/kernel/entry.ts';
import type { FaultKind } from '../sim/kernel/fault.ts';
import { chance, count, duration, name, signedDuration } from './quantities.ts';

const names = z.union([name, z.array(name).min(1)], { error: 'names' });
const message = z.string({ error: 'text' });

const about = (description: string, value?: unknown) =>
  value === undefined ? { description } : { description, default: value };

const time = {
  at: duration.optional().meta({ description: 'At this time of the run.' }),
  when: z
    .strictObject(
      {
        event: z.enum(FACT_NAMES).meta(about('What must happen.')),
        nth: count(1, Number.MAX_SAFE_INTEGER)
          .optional()
          .meta(about('Which time of it, counting from 1.', 1)),
        node: name.optional().meta(about('On which node; by default on any.')),
      },
      { error: 'mapping' },
    )
    .optional()
    .meta({ description: 'At the moment something happens for the nth time.' }),
  chance: chance.optional().meta({ description: 'At random, by the seed.' }),
  for: duration
    .optional()
    .meta({ description: 'How long it lasts; by default as long as faults may strike.' }),
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
  every: duration
    .optional()
    .meta({ description: 'With `chance`: how often it is drawn.', default: '1s' }),
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
  lose: z.strictObject(
    {
      lose: message.meta(about('It never arrives; on a stream what is behind it still does.')),
      ...onMessages,
    },
    form,
  ),
  delay: z.strictObject(
    {
      delay: message.meta(about('It arrives later, and on a stream so does everything behind it.')),
      by: duration.meta(about('How much later it arrives.')),
      ...onMessages,
    },
    form,
  ),
  duplicate: z.strictObject(
    {
      duplicate: message.meta(about('A second copy arrives. Not on TCP.')),
      after: duration.optional().meta(about('How long after the first the copy arrives.', '1ms')),
      ...onMessages,
    },
    form,
  ),
  reorder: z.strictObject(
    {
      reorder: message.meta(about('The next message on its link overtakes it. Not on TCP.')),
      ...onMessages,
    },
    form,
  ),
  reset: z.strictObject(
    {
      reset: message.meta(about('The connection it would travel on is reset before it leaves.')),
      ...onMessages,
    },
    form,
  ),
  partition: z.strictObject(
    {
      partition: sides.meta(
        about('Nothing passes between two sides; with `from` and `to`, one way only.'),
      ),
      ...onNodes,
    },
    form,
  ),
  'slow-link': z.strictObject(
    {
      'slow-link': z
        .strictObject({ from: names, to: names, by: duration }, form)
        .meta(about('Every message takes longer by `by`.')),
      ...onNodes,
    },
    form,
  ),
  crash: z.strictObject(
    { crash: names.meta(about('The process dies; what it wrote stays.')), ...onNodes, ...restart },
    form,
  ),
  'power-loss': z.strictObject(
    {
      'power-loss': names.meta(
        about('The machines stop at one instant; only what was synced stays.'),
      ),
      ...onNodes,
      ...restart,
    },
    form,
  ),
  erase: z.strictObject(
    {
      erase: names.meta(about('The machines stop like that, and come back with an empty disk.')),
      ...onNodes,
      ...restart,
    },
    form,
  ),
  stop: z.strictObject(
    { stop: names.meta(about('Asked to shut down in good order.')), ...onNodes, ...restart },
    form,
  ),
  pause: z.strictObject(
    {
      pause: names.meta(
        about('The process stands still, as in a garbage collection; nobody is told.'),
      ),
      ...onNodes,
    },
    form,
  ),
  'clock-jump': z.strictObject(
    {
      'clock-jump': names.meta(about('The clock jumps once, forwards or back.')),
      by: signedDuration.meta(about('How far it jumps.')),
      ...onNodes,
    },
    form,
  ),
  'clock-drift': z.strictObject(
    {
      'clock-drift': names.meta(about('The clock runs too fast, or too slow.')),
      ppm: z
        .int({ error: 'count' })
        .min(-900_000)
        .max(900_000)
        .meta(about('By how many parts in a million too fast; below 0, too slow.')),
      ...onNodes,
    },
    form,
  ),
  'slow-disk': z.strictObject(
    {
      'slow-disk': names.meta(about('Every disk operation takes longer.')),
      factor: z
        .number({ error: 'factor' })
        .min(1)
        .max(1_000_000)
        .meta(about('How many times longer.')),
      ...onNodes,
    },
    form,
  ),
} as const satisfies Record<FaultKind, z.ZodType>;

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export const faultSchema = z.union(Object.values(FAULTS), { error: 'mapping' });
