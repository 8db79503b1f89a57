import { describe, expect, test } from 'vitest';
import { HandlerMistake, ScenarioError, simulate, type StartHandler } from '../../testing/index.ts';
import { KAFKA } from './scenes.ts';

const run = (billing: unknown) => () =>
  simulate(KAFKA, { handlers: { billing: billing as StartHandler } });

describe('code that no run can be made of is refused, with what to write instead', () => {
  test.each<[name: string, handler: unknown, says: RegExp]>([
    ['async', () => async () => {}, /onMessage of billing-1 returned a promise: write function\*/],
    ['no factory', () => 3, /is called when its process starts/],
    ['an async factory', async () => () => {}, /the handler of billing-1 returned a promise/],
    [
      'yield without a star',
      ({ api }: Parameters<StartHandler>[0]) =>
        function* (m: never) {
          yield api.call(m);
        },
      /with the star/,
    ],
    ['something else', () => () => [1][Symbol.iterator](), /own code yielded 1/],
    ['chance', () => () => Math.random() > 2, /called random .+ use `random\(n\)` of the tools/],
    ['the time', () => () => Date.now() < 0, /called now .+ use `now` of the tools/],
    ['today', () => () => String(new Date()), /called Date .+ use `now` of the tools/],
    ['a timer', () => () => setTimeout(() => {}, 1), /use `yield\* sleep\(milliseconds\)`/],
    ['a uuid', () => () => crypto.randomUUID(), /called randomUUID/],
    [
      'chance, and nobody shall know',
      () => () => {
        try {
          return Math.random() < 2;
        } catch {
          return false;
        }
      },
      /called random/,
    ],
    [
      'no message',
      ({ api }: Parameters<StartHandler>[0]) =>
        function* () {
          yield* api.call('nobody/0');
        },
      /"nobody\/0" is the id of no message/,
    ],
    [
      'a listener that waits',
      () => ({ onMessage() {}, *onAssigned() {} }),
      /onAssigned of billing-1 is a generator/,
    ],
    [
      'a listener that throws',
      () => ({
        onMessage() {},
        onAssigned() {
          throw new Error('oh');
        },
      }),
      /onAssigned of billing-1 threw: Error: oh/,
    ],
    [
      'an impossible sleep',
      ({ sleep }: Parameters<StartHandler>[0]) =>
        function* () {
          yield* sleep(-1);
        },
      /sleep\(-1\): give milliseconds/,
    ],
    [
      'no outcomes',
      ({ random }: Parameters<StartHandler>[0]) =>
        () =>
          !random(0),
      /random\(0\)/,
    ],
  ])('%s', (_name, handler, says) => {
    expect(run(handler)).toThrow(HandlerMistake);
    expect(run(handler)).toThrow(says);
  });

  test('and the machine is as it was', () => {
    const { random } = Math;
    const { now } = Date;
    expect(run(() => () => Date.now() < 0)).toThrow();
    expect([Math.random, Date.now]).toEqual([random, now]);
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(Object.hasOwn(performance, 'now')).toBe(false);
  });

  test('a date that is given is a value like any other', () => {
    expect(run(() => () => new Date(5).getTime() === 5)).not.toThrow();
  });
});

describe('what a test hands over', () => {
  const wrong = (...args: Parameters<typeof simulate>): string => {
    try {
      simulate(...args);
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError);
      return (error as Error).message;
    }
    throw new Error('it was taken');
  };
  const handler: StartHandler = () => () => {};

  test('all mistakes at once, as the command line says them', () => {
    expect(wrong(`${KAFKA}\nfault: 3\n`, { faults: [{ lose: 'ProduceRespons', nth: 1 }] })).toBe(
      `the scenario has mistakes

scenario:13:1 SCN010 unknown key "fault"
  13 | fault: 3
     | ^^^^^
hint: did you mean "faults"?

faults:1:17 SCN041 no message is called "ProduceRespons"
   1 | faults=[{"lose":"ProduceRespons","nth":1}]
     |                 ^^^^^^^^^^^^^^^^
hint: did you mean "ProduceResponse"?`,
    );
  });

  test('handlers of nobody, and a service of nobody', () => {
    const services = { relay: { of: 'bill', *run() {} } };
    const says = wrong(KAFKA, { handlers: { biling: handler }, services });
    expect(says).toContain('handlers SCN090 there is no consumer "biling"');
    expect(says).toContain('services.relay.of SCN090 there is no consumer "bill"');
    expect(says).toContain('did you mean "billing"?');
  });

  test('a service that is called like another node', () => {
    const services = { 'broker-1': { of: 'billing', *run() {} } };
    expect(wrong(KAFKA, { services })).toContain('two nodes would be called "broker-1"');
  });

  test('own code where the position goes with the effect', () => {
    const set = { 'consumers.billing.process': { acknowledge: 'with-effect', effect: 'database' } };
    const says = wrong(KAFKA, { set, handlers: { billing: handler } });
    expect(says).toMatch(/which own code does by\s+itself/);
  });

  test('a variant that is not there', () => {
    expect(wrong(KAFKA, { variant: 'x' })).toContain('no variant "x"');
  });

  test('a token with a letter changed', () => {
    const { token } = simulate(KAFKA);
    expect(wrong(`${token.slice(0, -1)}x`)).toContain('changed on its way');
  });

  test('a token of a run with code, and no code', () => {
    const { token } = simulate(KAFKA, { handlers: { billing: handler } });
    const says = wrong(token);
    expect(says).toContain('token SCN090 it is of a run with code for "billing"');
    expect(says).toContain('a token holds no code');
  });

  test('handlers of nobody are told of also when the text has mistakes', () => {
    const says = wrong(`${KAFKA}fault: 3\n`, { handlers: { biling: handler } });
    expect(says).toContain('unknown key "fault"');
    expect(says).toContain('did you mean "billing"?');
  });

  test('nodes that only own code has, without any', () => {
    const crash = { crash: 'database', at: '1s', restart: '1s' } as const;
    expect(wrong(KAFKA, { faults: [crash] })).toContain('there is no node "database"');
    expect(simulate(KAFKA, { faults: [crash], handlers: { billing: handler } }).conclusive).toBe(
      true,
    );
  });
});

test('an object is the same scenario as its text, and a token as both', () => {
  const text = simulate(
    '{ scenario: a, system: sqs, queues: { q: {} }, producers: { p: { to: q } } }',
  );
  const object = simulate({
    scenario: 'a',
    system: 'sqs',
    queues: { q: {} },
    producers: { p: { to: 'q' } },
  });
  expect(object.record.digest).toBe(text.record.digest);
  expect(simulate(object.token).record.digest).toBe(text.record.digest);
});

test('faults come beside those of the scenario', () => {
  const own = `${KAFKA}faults: [{ lose: ProduceResponse, nth: 1 }]\n`;
  const { record } = simulate(own, { faults: [{ lose: 'FetchResponse', nth: 2 }] });
  expect(record.faults.map(({ fault, fired }) => [fault, fired])).toEqual([
    ['lose ProduceResponse, nth 1', 1],
    ['lose FetchResponse, nth 2', 1],
  ]);
});
