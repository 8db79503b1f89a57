import { expect, test } from 'vitest';
import { run, type Parts } from './deployed.ts';

/** Twenty messages in the first 200 ms, a reader from 5 s on, and an operator in between. */
const operated = (actions: readonly object[], over: Parts = {}): Parts => ({
  queues: { orders: {}, other: {} },
  consumers: {
    reader: {
      from: 'orders',
      starts: '5s',
      config: { prefetch: 10 },
      process: { acknowledge: 'after' },
    },
  },
  actions,
  ...over,
});

const done = (parts: Parts) => {
  const record = run(parts);
  expect(record.actions?.map(({ done: isDone, why }) => `${isDone} ${why ?? ''}`)).toEqual(
    record.actions?.map(() => 'true '),
  );
  return record;
};

test('a policy limits a queue that is there, from then on', () => {
  const set = { name: 'short', pattern: '^orders$', definition: { 'max-length': 5 } };
  const record = done(operated([{ 'set-policy': set, at: '2s' }]));
  expect(record.subscriptions.reader).toMatchObject({ lost: 15, effects: 5 });
});

test('a purge drops what is ready; a queue that was deleted takes nothing more', () => {
  const purged = done(operated([{ 'purge-queue': { queue: 'orders' }, at: '105ms' }]));
  expect(purged.subscriptions.reader.effects).toBeGreaterThan(5);
  expect(purged.subscriptions.reader.lost).toBeGreaterThan(5);
  const deleted = done(operated([{ 'delete-queue': { queue: 'orders' }, at: '105ms' }]));
  expect(deleted.subscriptions.reader).toMatchObject({ effects: 0, lost: 20 });
});

test('a queue that is declared again takes messages again', () => {
  const record = done(
    operated([
      { 'delete-queue': { queue: 'orders' }, at: '50ms' },
      { 'declare-queue': { queue: 'orders' }, at: '150ms' },
    ]),
  );
  const { effects, lost } = record.subscriptions.reader;
  expect(effects + lost).toBe(20);
  expect(effects).toBeGreaterThan(0);
});

test('a binding can be added and removed', () => {
  const binding = { exchange: 'events', queue: 'orders', routing_key: 'order' };
  const record = done(
    operated(
      [
        { bind: binding, at: '55ms' },
        { unbind: binding, at: '155ms' },
      ],
      {
        exchanges: { events: {} },
        producers: {
          checkout: {
            to: 'events',
            send: { count: 20, every: '10ms' },
            config: { routing_key: 'order' },
          },
        },
      },
    ),
  );
  const { owed, effects } = record.subscriptions.reader;
  expect(owed).toBe(effects);
  expect(effects).toBeGreaterThan(5);
  expect(record.counters['unroutable messages']).toBe(20 - effects);
});

test('a shovel moves what a queue has: nothing is lost and nothing is a second copy', () => {
  const record = done(
    operated([{ shovel: { queue: 'dead', to: 'orders' }, at: '3s' }], {
      queues: {
        orders: { config: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' } },
        dead: {},
      },
      consumers: {
        reader: {
          from: 'orders',
          config: { prefetch: 10, requeue: false },
          process: { acknowledge: 'after', fails: '30%' },
        },
      },
    }),
  );
  const { reader } = record.subscriptions;
  expect(reader).toMatchObject({ lost: 0, duplicates: { stored: 0, effects: 0 } });
  // Some of what came back failed once more.
  expect(reader.effects + reader.deadLettered).toBe(20);
  expect(reader.deadLettered).toBeLessThan(5);
});

test('what is refused is told', () => {
  const record = run(
    operated([{ bind: { exchange: 'missing', queue: 'orders', routing_key: '' }, at: '1s' }]),
  );
  expect(record.actions).toMatchObject([
    { done: false, why: "NOT_FOUND - no exchange 'missing' in vhost '/'" },
  ]);
});
