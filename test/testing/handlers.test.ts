import { describe, expect, test } from 'vitest';
import { simulate, type Received, type StartHandler, Unanswered } from '../../testing/index.ts';
import '../../testing/vitest.ts';
import { calls, callsOnce, crashAtEffect, KAFKA, SQS } from './scenes.ts';

const run = (billing: StartHandler, options: Parameters<typeof simulate>[1] = {}, scene = KAFKA) =>
  simulate(scene, { handlers: { billing }, ...options });

describe('what survives a crash', () => {
  /** Counts in memory and in the database what it has handled. */
  const counts = (lives: number[]): StartHandler => {
    return ({ api, database }) => {
      lives.push(0);
      return function* (message) {
        lives[lives.length - 1]++;
        yield* database.transaction((tx) => tx.set('count', Number(tx.get('count') ?? 0) + 1));
        yield* api.call(message);
      };
    };
  };

  test('memory goes with its process, and what the database has stays', () => {
    const lives: number[] = [];
    const { rows } = run(counts(lives), { faults: [crashAtEffect(4)] });
    // Four were begun before the crash; the uncommitted poll comes again as a whole.
    expect(lives).toEqual([4, 10]);
    expect(rows.get('count')).toBe(14);
  });

  test('without a crash there is one life', () => {
    const lives: number[] = [];
    expect(run(counts(lives)).rows.get('count')).toBe(10);
    expect(lives).toEqual([10]);
  });

  test('no catch and no finally of own code sees a crash', () => {
    const seen: string[] = [];
    const careful: StartHandler = ({ apply }) =>
      function* (message) {
        try {
          yield* apply(message);
          seen.push('applied');
        } catch {
          seen.push('caught');
        } finally {
          seen.push('finally');
        }
      };
    // The process dies at the very fact that its own `apply` states.
    const { record } = run(careful, { faults: [crashAtEffect(1)] });
    expect(record.faults[0].fired).toBe(1);
    expect(seen).toEqual(Array(10).fill(['applied', 'finally']).flat());
  });
});

describe('what own code throws', () => {
  const failsOnce = (thrown: unknown): StartHandler => {
    const failed = new Set<string>();
    return ({ apply }) =>
      function* (message) {
        if (message.number === 3 && !failed.has(message.id)) {
          failed.add(message.id);
          throw thrown;
        }
        yield* apply(message);
      };
  };

  test('rejects the message, which comes again', () => {
    const { record, thrown } = run(failsOnce(new Error('declined')));
    expect(record.subscriptions.billing).toMatchObject({ effects: 10, lost: 0 });
    expect(record.subscriptions.billing.duplicates).toMatchObject({ delivered: 1, effects: 0 });
    expect(thrown).toMatchObject([
      { says: 'Error: declined', times: 1, process: 'billing-1', message: 'shop/3' },
    ]);
  });

  test('is tried again within one delivery where the scenario says so', () => {
    const set = { 'consumers.billing.process.retry': { attempts: 2 } };
    const { record } = run(failsOnce('no error at all'), { set });
    expect(record.subscriptions.billing).toMatchObject({ effects: 10 });
    expect(record.subscriptions.billing.duplicates.delivered).toBe(0);
  });

  test('again and again makes a dead letter, where the system has them', () => {
    const poisoned: StartHandler = ({ apply }) =>
      function* (message) {
        if (message.number === 3) throw new Error('never');
        yield* apply(message);
      };
    const { record } = run(poisoned, {}, SQS);
    expect(record.subscriptions.billing).toMatchObject({ effects: 4, deadLettered: 1, lost: 0 });
  });
});

describe('the database', () => {
  test('does all of a transaction or, when it throws, nothing', () => {
    let tries = 0;
    const handler: StartHandler = ({ database }) =>
      function* (message) {
        yield* database.transaction((tx) => {
          tx.set(message.id, 'done');
          tx.apply(message);
          if (message.number === 2 && tries++ === 0) throw new Error('rolled back');
        });
      };
    const { rows, record, thrown } = run(handler);
    expect([thrown[0].says, thrown[0].times]).toEqual(['Error: rolled back', 1]);
    expect(rows.size).toBe(10);
    // The message was tried twice, and its effect is there once.
    expect(record.subscriptions.billing.duplicates).toMatchObject({ delivered: 1, effects: 0 });
  });

  test('keeps copies: what a process changes later is its own', () => {
    const handler: StartHandler = ({ database }) =>
      function* (message) {
        const row = { list: [message.number] };
        yield* database.set('row', row);
        row.list.push(-1);
        const read = (yield* database.get('row')) as typeof row;
        read.list.push(-2);
      };
    expect(run(handler).rows.get('row')).toEqual({ list: [9] });
  });

  test('has read, written, deleted and listed rows within a transaction', () => {
    const seen: unknown[] = [];
    const handler: StartHandler = ({ database }) =>
      function* () {
        yield* database.transaction((tx) => {
          for (const key of ['b/1', 'a/2', 'a/1']) tx.set(key, key);
          tx.delete('a/2');
          seen.push(tx.keys('a/'), tx.keys(), tx.get('a/2'), tx.get('b/1'));
        });
      };
    const { rows } = run(handler, { set: { 'producers.shop.send.count': 1 } });
    expect(seen).toEqual([['a/1'], ['a/1', 'b/1'], undefined, 'b/1']);
    expect([...rows.keys()].sort()).toEqual(['a/1', 'b/1']);
  });

  test('may have done what it did not answer', () => {
    const caught: unknown[] = [];
    const handler: StartHandler = ({ database }) =>
      function* (message) {
        try {
          yield* database.transaction(
            (tx) => void tx.set('count', Number(tx.get('count') ?? 0) + 1),
          );
        } catch (error) {
          caught.push(error, message.id);
        }
      };
    const lost = { lose: 'TransactionResponse', nth: 3 } as const;
    expect(run(handler, { faults: [lost] }).rows.get('count')).toBe(10);
    expect(caught).toEqual([expect.any(Unanswered), 'shop/2']);
    const unsent = { lose: 'Transaction', nth: 3 } as const;
    expect(run(handler, { faults: [unsent] }).rows.get('count')).toBe(9);
  });
});

test('the service does once what has one key, and each call without', () => {
  const faults = [crashAtEffect(3)];
  expect(run(calls, { faults })).toDuplicate(3);
  expect(run(callsOnce, { faults })).toDuplicate(0);
  expect(run(callsOnce, { faults }).of().duplicates.delivered).toBe(3);
});

describe('what own code sees', () => {
  const seen = (scene: string, options: Parameters<typeof simulate>[1] = {}) => {
    const all: Received[] = [];
    const handler: StartHandler = ({ apply }) =>
      function* (message) {
        all.push(message);
        yield* apply(message);
      };
    run(handler, options, scene);
    return all;
  };

  test('of a message of Kafka', () => {
    const values = ({
      producer,
      number,
      key,
    }: {
      producer: string;
      number: number;
      key?: string;
    }) => `${producer} ${number} ${key}`;
    const [, second] = seen(KAFKA, { values });
    expect(second).toMatchObject({
      id: 'shop/1',
      producer: 'shop',
      number: 1,
      partition: 0,
      offset: 1,
      deliveries: undefined,
    });
    expect(second.key).toMatch(/^key-[0-2]$/);
    expect(second.value).toBe(`shop 1 ${second.key}`);
  });

  test('how often the broker has handed it out, where brokers tell', () => {
    const faults = [
      { crash: 'billing-1', when: { event: 'effect', nth: 2 }, restart: '1s' } as const,
    ];
    const all = seen(SQS, { faults });
    expect(all[0]).toMatchObject({ id: 'shop/0', key: undefined, deliveries: 1 });
    expect(all.map((m) => m.deliveries)).toContain(2);
  });

  test('poison cannot be read, and nothing else', () => {
    const all = seen(KAFKA, { set: { 'producers.shop.send.poison': 5 }, values: () => 7 });
    expect(all[3].value).toBe(7);
    expect(() => all[4].value).toThrow('shop/4 cannot be read: it is poison');
  });

  test('time and chance of its own process, the same for the same seed', () => {
    const draws = (seed: string) => {
      const found: number[] = [];
      run(
        (tools) =>
          function* (message) {
            const before = tools.now;
            yield* tools.sleep(12.5);
            found.push(tools.now - before, tools.random(1000));
            yield* tools.apply(message);
          },
        { seed },
      );
      return found;
    };
    const [first] = draws('a');
    expect(first).toBe(12.5);
    expect(draws('a')).toEqual(draws('a'));
    expect(draws('a')).not.toEqual(draws('b'));
  });
});

test('what a plain function returns from took effect, unless it returns false', () => {
  const { record } = run(() => (message) => message.number % 2 === 0);
  expect(record.subscriptions.billing).toMatchObject({ effects: 5, lost: 5 });
  expect(run(() => () => {})).toDeliver('exactly-once');
});

describe('a rebalance', () => {
  const two = { 'consumers.billing.instances': 2, 'topics.orders.partitions': 2 };
  const told = (options: Parameters<typeof simulate>[1] = {}) => {
    const all: string[] = [];
    const handler: StartHandler = ({ name, apply }) => ({
      onAssigned: (partitions) => all.push(`${name} gets ${partitions.join()}`),
      onRevoked: (partitions) => all.push(`${name} gives up ${partitions.join()}`),
      onLost: (partitions) => all.push(`${name} has lost ${partitions.join()}`),
      *onMessage(message) {
        yield* apply(message);
      },
    });
    run(handler, { set: two, ...options });
    return all;
  };

  test('tells whoever gets, gives up and has lost partitions', () => {
    expect(told().sort()).toEqual(['billing-1 gets 0', 'billing-2 gets 1']);
    const slow = { ...two, 'producers.shop.send': { count: 30, every: '1s', keys: 9 } };
    const pause = { pause: 'billing-1', at: '10s', for: '10s' } as const;
    const all = told({ set: slow, faults: [pause] });
    expect(all).toContain('billing-1 has lost 0');
    expect(all).toContain('billing-2 gives up 1');
    expect(all).toContain('billing-2 gets 0,1');
  });

  test('calls onRevoked where there is no onLost', () => {
    const all: string[] = [];
    const handler: StartHandler = ({ name, apply }) => ({
      onRevoked: (partitions) => all.push(`${name} ${partitions.join()}`),
      *onMessage(message) {
        yield* apply(message);
      },
    });
    const set = { ...two, 'producers.shop.send': { count: 30, every: '1s', keys: 9 } };
    run(handler, { set, faults: [{ pause: 'billing-1', at: '10s', for: '10s' }] });
    expect(all).toContain('billing-1 0');
  });
});

describe('a service', () => {
  const handler: StartHandler = ({ database }) =>
    function* (message) {
      yield* database.set(`out/${message.id}`, message.id);
    };
  const relay = (starts: number[], failing = false) => ({
    relay: {
      of: 'billing',
      *run({ api, database, sleep }: Parameters<StartHandler>[0]) {
        starts.push(starts.length);
        for (;;) {
          const rows = yield* database.transaction((tx) => tx.keys('out/').map((k) => tx.get(k)));
          for (const id of rows as string[]) {
            if (failing && starts.length === 1) throw new Error('relay');
            yield* api.call(id, { idempotencyKey: id });
            yield* database.transaction((tx) => tx.delete(`out/${id}`));
          }
          yield* sleep(20);
        }
      },
    },
  });

  test('works on what others left behind, and the run waits for it', () => {
    const starts: number[] = [];
    const found = run(handler, { services: relay(starts) });
    expect(found).toDeliver('exactly-once');
    expect(starts).toHaveLength(1);
  });

  test('is started again after a crash, and after a throw', () => {
    const starts: number[] = [];
    const crash = { crash: 'relay', when: { event: 'effect', nth: 2 }, restart: '1s' } as const;
    expect(run(handler, { services: relay(starts), faults: [crash] })).toDeliver('exactly-once');
    expect(starts).toHaveLength(2);
    const again: number[] = [];
    const thrown = run(handler, { services: relay(again, true) });
    expect(thrown).toDeliver('exactly-once');
    expect(again).toHaveLength(2);
    expect(thrown.thrown).toMatchObject([{ says: 'Error: relay', process: 'relay', message: '' }]);
  });

  test('without it nothing comes of what they leave', () => {
    expect(run(handler)).toLose(10);
  });
});
