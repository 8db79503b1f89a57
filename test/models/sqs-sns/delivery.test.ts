import { expect, test } from 'vitest';
import { Seeded } from '../../../sim/kernel/choices.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { Scene } from './world.ts';

test('a quiet run delivers, applies and deletes each message once', () => {
  const scene = new Scene({
    producers: { checkout: { count: 100 } },
    consumers: { packing: { config: { WaitTimeSeconds: 20 } } },
  }).run(seconds(30));
  expect(scene.all('invoked')).toHaveLength(100);
  for (const fact of ['ok', 'stored', 'delivered', 'effect', 'handled', 'settled'] as const) {
    expect(scene.messages(fact).sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
  }
  expect(scene.remaining()).toEqual([]);
  expect(scene.all('returned')).toEqual([]);
  expect(scene.all('finished')).toHaveLength(1);
  expect(scene.selfCheck.repeated).toEqual([]);
});

test('with luck of its own and three instances nothing is lost or doubled either', () => {
  const scene = new Scene(
    {
      producers: { checkout: { count: 200, every: millis(3) }, kiosk: { count: 50 } },
      consumers: {
        packing: {
          instances: 3,
          config: { MaxNumberOfMessages: 10, WaitTimeSeconds: 1 },
          process: { workers: 4 },
        },
      },
    },
    (names) => new Seeded(names, 'one'),
  ).run(seconds(60));
  expect(scene.all('invoked')).toHaveLength(250);
  for (const fact of ['ok', 'stored', 'delivered', 'effect', 'settled'] as const) {
    expect(new Set(scene.messages(fact)).size).toBe(250);
    expect(scene.messages(fact)).toHaveLength(250);
  }
  expect(scene.remaining()).toEqual([]);
  expect(scene.selfCheck.repeated).toEqual([]);
});
