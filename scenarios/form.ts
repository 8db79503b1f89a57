import * as z from 'zod';
import { BOUNDS } from './codes.ts';
import { faultSchema } from './fault-schema.ts';
import {
  bandwidth,
  chance,
  count,
  duration,
  flag,
  name,
  rate,
  sizes,
  spread,
  target,
  text,
} from './quantities.ts';

/**
 * The file format: which keys stand where, and the form of their values. What a value means - does
 * the topic exist, is the key a real one - is checked afterwards. Descriptions and defaults reach
 * editors through `schema.ts`, and readers through `docs/reference/format.md`.
 */
/** Real configuration keys; their names and values are checked against the system's own tables. */
export const config = z.union([z.string(), z.null(), z.record(z.string(), z.unknown())], {
  error: 'config',
});

const about = (description: string, value?: unknown) =>
  value === undefined ? { description } : { description, default: value };

export const sendSchema = z.strictObject(
  {
    count: count(1, BOUNDS.messages).optional().meta(about('How many messages.', 100)),
    every: spread.optional().meta(about('Time between two messages (or bursts).', '10ms')),
    rate: rate.optional().meta(about('How many a second, instead of `every`.')),
    arrivals: z
      .enum(['regular', 'poisson'])
      .optional()
      .meta(about('Evenly spaced, or at random with the same mean.', 'regular')),
    burst: count(1, 1_000_000).optional().meta(about('Messages sent at a time.', 1)),
    start: duration.optional().meta(about('When the first one is sent.', '0s')),
    size: sizes.optional().meta(about('Bytes of one message.', '100B')),
    keys: z
      .union(
        [
          count(0, 1_000_000),
          z.strictObject(
            {
              count: count(1, 1_000_000).meta(about('How many different keys.')),
              hot: z
                .strictObject(
                  {
                    keys: count(1, 1_000_000).meta(about('How many keys are hot.')),
                    share: chance.meta(about('Share of the messages that have a hot key.')),
                  },
                  { error: 'mapping' },
                )
                .meta(about('A few keys that many messages have.')),
            },
            { error: 'keys' },
          ),
        ],
        { error: 'keys' },
      )
      .optional()
      .meta(about('How many different keys; without it messages have none.')),
    transaction: z
      .strictObject(
        {
          messages: count(1, BOUNDS.messages)
            .optional()
            .meta(about('How many messages are sent in one transaction.', 1)),
          aborts: count(0, BOUNDS.messages)
            .optional()
            .meta(about('Every n-th transaction is aborted by the application.', 0)),
          then: z
            .enum(['repeat', 'drop'])
            .optional()
            .meta(about('Are the messages of an aborted transaction sent again?', 'repeat')),
        },
        { error: 'mapping' },
      )
      .optional()
      .meta(about('Messages are sent in transactions, where the system has them.')),
    poison: count(0, BOUNDS.messages)
      .optional()
      .meta(about('Every n-th message is one that no handler can process.', 0)),
  },
  { error: 'mapping' },
);

const produceSchema = z.strictObject(
  {
    to: target.meta(about('Where the messages go that are made of those consumed.')),
    'group-metadata': flag
      .optional()
      .meta(about('Do offsets in a transaction say which member of the group sends them?', true)),
    config: config.optional().meta(about("The inner producer's real configuration keys.")),
  },
  { error: 'mapping' },
);

const checkpointsSchema = z.strictObject(
  {
    every: duration.meta(about('Time between two checkpoints.')),
    timeout: duration
      .optional()
      .meta(about('A checkpoint that takes longer is given up.', '10min')),
    'restart-delay': duration.optional().meta(about('Before a failed job starts again.', '1s')),
    expired: z
      .enum(['fail', 'ignore'])
      .optional()
      .meta(about('What a sink does that can no longer commit what it prepared.', 'fail')),
  },
  { error: 'mapping' },
);

export const processSchema = z.strictObject(
  {
    checkpoints: checkpointsSchema
      .optional()
      .meta(about('A job as of Flink: checkpoints decide what is read again; with `produce`.')),
    produce: produceSchema
      .optional()
      .meta(about('Each message becomes one in another channel, acknowledged together with it.')),
    takes: spread.optional().meta(about('Processing time of one message.', '1ms')),
    acknowledge: z
      .enum(['before', 'after', 'with-effect', 'auto'])
      .optional()
      .meta(
        about(
          'When the broker is told: before processing, after it, in one transaction with the ' +
            "effect, or by the client's own timer; by default the client's own way.",
        ),
      ),
    commit: z
      .strictObject(
        {
          every: count(1, 1_000_000).optional().meta(about('Polls between two commits.', 1)),
          sync: flag.optional().meta(about('Is each waited for, and tried again?', true)),
          'on-revoke': flag
            .optional()
            .meta(about('Is what was done committed when partitions are taken away?', false)),
        },
        { error: 'mapping' },
      )
      .optional()
      .meta(about('How an application commits that does so itself (Kafka).')),
    workers: count(1, 1_000).optional().meta(about('Messages handled at a time.', 1)),
    effect: z
      .enum(['local', 'database', 'api'])
      .optional()
      .meta(about('Where: in its own memory, in `database`, or at an external service.', 'local')),
    idempotency: z
      .union(
        [
          z.enum(['none', 'message-id', 'sequence', 'window']),
          z.strictObject(
            {
              by: z
                .enum(['none', 'message-id', 'sequence', 'window'])
                .meta(
                  about(
                    'How a repeat is recognised: by its id, by an id seen within `window`, or by ' +
                      'a sequence number that is not above the highest of its key.',
                  ),
                ),
              window: duration
                .optional()
                .meta(about('With `by: window`: how long an id is remembered.', '5min')),
              check: z
                .enum(['inside', 'outside'])
                .optional()
                .meta(
                  about(
                    'Is "seen already?" asked in the transaction that applies the effect, or before it?',
                    'inside',
                  ),
                ),
            },
            { error: 'idempotency' },
          ),
        ],
        { error: 'idempotency' },
      )
      .optional()
      .meta(about('How a repeat is recognised.', 'none')),
    'idempotency-keys': flag
      .optional()
      .meta(about('Do calls to the external service carry idempotency keys?', false)),
    retry: z
      .strictObject(
        {
          attempts: count(1, 1_000_000).optional().meta(about('Tries in all.', 3)),
          backoff: z
            .enum(['immediate', 'fixed', 'exponential', 'full-jitter'])
            .optional()
            .meta(about('How the waits between tries grow.', 'full-jitter')),
          base: duration.optional().meta(about('The first wait.', '100ms')),
          cap: duration.optional().meta(about('The longest wait.', '10s')),
        },
        { error: 'mapping' },
      )
      .optional()
      .meta(about('Tries within one delivery; one by default.')),
    fails: chance.optional().meta(about('Chance that one try fails for a passing reason.', '0%')),
    exhausted: z
      .enum(['leave', 'skip'])
      .optional()
      .meta(about('A message whose tries are used up is not acknowledged, or skipped.', 'leave')),
    timeout: duration.optional().meta(about('How long a call to a sink may take.', '5s')),
  },
  { error: 'mapping' },
);

const start = z.union([duration, z.literal('never')], { error: 'starts' });

export const producerSchema = z.strictObject(
  {
    to: target.meta(about('Topic or queue; `system/name` when there are several systems.')),
    send: sendSchema.optional().meta(about('What it sends, and when.')),
    config: config.optional().meta(about("The producer's real configuration keys.")),
  },
  { error: 'mapping' },
);

export const consumerSchema = z.strictObject(
  {
    from: target.meta(about('Topic or queue; `system/name` when there are several systems.')),
    instances: count(1, BOUNDS.nodes).optional().meta(about('Members of the group.', 1)),
    starts: z
      .union([start, z.array(start)], { error: 'starts' })
      .optional()
      .meta(about('When each instance starts.', '0s')),
    offsets: z
      .enum(['committed', 'none'])
      .optional()
      .meta(
        about(
          'Has the group read before the run, so that offset 0 is committed? ' +
            'By default if one of its instances runs from the start.',
        ),
      ),
    config: config.optional().meta(about("The consumer's real configuration keys.")),
    process: processSchema.optional().meta(about('What it does with each message.')),
  },
  { error: 'mapping' },
);

/** Keys beside `config` are the system's own (`partitions`), checked against its table. */
const withConfig = z
  .object({ config: config.optional() }, { error: 'mapping' })
  .catchall(z.unknown());

const channels = z.record(name, withConfig.nullable(), { error: 'mapping' });

const systemKeys = {
  system: z.string({ error: 'text' }).optional().meta(about('Which system is deployed.')),
  version: text.optional().meta(about('Whose rules hold; the newest by default. Quote it.')),
  cluster: withConfig.nullable().optional().meta(about('The servers.')),
  topics: channels.optional().meta(about('Topics by name.')),
  queues: channels.optional().meta(about('Queues by name.')),
  links: channels.optional().meta(about('Links between two parties by name.')),
  exchanges: channels
    .optional()
    .meta(about('Exchanges by name: where messages are sent and which queues get them.')),
  subscriptions: channels
    .optional()
    .meta(about('Subscriptions by name: what a topic passes on, and to whom.')),
};

const words = z.union([text, z.array(text)], { error: 'text' });

export const alertSchema = z.strictObject(
  {
    lag: z.enum(['time', 'messages']).meta(about('Which lag is watched.')),
    above: z
      .union([duration, count(0, Number.MAX_SAFE_INTEGER)], { error: 'duration' })
      .meta(about('It fires above this: a duration for `time`, a number for `messages`.')),
    for: duration.optional().meta(about('How long it must stay above.', '0s')),
    subscription: name.optional().meta(about('Of which subscription; of each by default.')),
  },
  { error: 'mapping' },
);

/** A tree of measures; which ones there are is checked in `expect.ts`. */
export const expectSchema = z.record(z.string(), z.unknown(), { error: 'mapping' });

export const variantSchema = z.strictObject(
  {
    name: text.meta(about('What the variant is called in reports.')),
    set: z
      .record(z.string(), z.unknown(), { error: 'mapping' })
      .optional()
      .meta(about('Paths into this file and their values.')),
    expect: expectSchema.optional().meta(about('Instead of the expectations of the same name.')),
    faults: z
      .array(faultSchema, { error: 'list' })
      .optional()
      .meta(about('Instead of the faults.')),
  },
  { error: 'mapping' },
);

const variants = z.union([z.array(variantSchema), z.record(z.string(), z.array(z.unknown()))], {
  error: 'variants',
});

export const scenarioSchema = z.strictObject(
  {
    scenario: text.meta(about('The name of the scenario.')),
    about: text.optional().meta(about('What it shows, in a sentence.')),
    source: words.optional().meta(about('Where the claim comes from.')),
    seed: text.optional().meta(about('Seed of runs that are given none.', '1')),
    ...systemKeys,
    systems: z
      .record(name, z.strictObject(systemKeys, { error: 'mapping' }), { error: 'mapping' })
      .optional()
      .meta(about('Several systems by name, instead of `system`.')),
    producers: z
      .record(name, producerSchema, { error: 'mapping' })
      .optional()
      .meta(about('Who sends, by name.')),
    consumers: z
      .record(name, consumerSchema, { error: 'mapping' })
      .optional()
      .meta(about('Who receives, by the name of the group.')),
    network: z
      .strictObject(
        {
          latency: spread.optional().meta(about('One way.', { p50: '0.5ms', p99: '5ms' })),
          bandwidth: bandwidth.optional().meta(about('Of each link; 0 is unlimited.', 0)),
        },
        { error: 'mapping' },
      )
      .optional()
      .meta(about('The links between nodes.')),
    disk: z
      .strictObject(
        { fsync: spread.optional().meta(about('Cost of one fsync of a broker.', '5ms')) },
        { error: 'mapping' },
      )
      .optional()
      .meta(about('The disks of the servers.')),
    faults: z
      .array(faultSchema, { error: 'list' })
      .nullable()
      .optional()
      .meta(about('What goes wrong: each entry says one thing, and one time for it.')),
    actions: z
      .array(z.record(z.string(), z.unknown()), { error: 'list' })
      .nullable()
      .optional()
      .meta(about('What operators do: `- add-partitions: { topic: orders, to: 6 }`, `at: 5s`.')),
    expect: expectSchema
      .nullable()
      .optional()
      .meta(about('Measures and what they should be; below the name of a group, of it alone.')),
    alerts: z
      .record(name, alertSchema, { error: 'mapping' })
      .optional()
      .meta(about('Alerts on lag by name; `expect: { alerts: { NAME: fires } }` tests them.')),
    limits: z
      .strictObject(
        {
          until: duration.optional().meta(about('Virtual time at which a run is cut.', '1h')),
          events: count(1, Number.MAX_SAFE_INTEGER)
            .optional()
            .meta(about('Number of events after which a run is cut.', 20_000_000)),
          patience: duration
            .optional()
            .meta(about('How long nothing may move before the end; by default 60s or longer.')),
        },
        { error: 'mapping' },
      )
      .optional()
      .meta(about('When a run ends at the latest.')),
    vary: variants.optional().meta(about('The same scenario with something changed.')),
  },
  { error: 'mapping' },
);

/** As the loader uses it: faults, expectations and variants have readers of their own. */
export const frameSchema = scenarioSchema.extend({
  faults: z.unknown().optional(),
  actions: z.unknown().optional(),
  expect: z.unknown().optional(),
  vary: z.unknown().optional(),
});

export type Frame = z.infer<typeof frameSchema>;
export type Producer = z.infer<typeof producerSchema>;
export type Consumer = z.infer<typeof consumerSchema>;
export type Send = z.infer<typeof sendSchema>;
export type Process = z.infer<typeof processSchema>;
