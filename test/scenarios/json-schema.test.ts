import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { scenarioSchema } from '../../scenarios/form.ts';
import { jsonSchema } from '../../scenarios/schema.ts';
import { DESIGN, FAKES, load } from './fake-systems.ts';

const HEAD = `scenario: x
system: kafka
topics: { t: {} }
`;

/** Files whose form is right; whether they mean anything is another question. */
const RIGHT: readonly string[] = [
  DESIGN,
  HEAD,
  'scenario: 5\nseed: 7\nversion: 3.9\nsource: one\n',
  `${HEAD}cluster:\nproducers: { p: { to: a/b } }`,
  `${HEAD}producers: { p: { to: t, send: { count: 5, every: { min: 1ms, max: 2ms }, size: { p50: 1KB, p99: 2KB }, rate: 5/s, arrivals: poisson, burst: 2, start: 0, poison: 0, keys: { count: 5, hot: { keys: 1, share: 80% } } } } }`,
  `${HEAD}consumers: { c: { from: t, instances: 3, starts: [0s, never, 5s], process: { takes: 5ms, acknowledge: auto, workers: 2, effect: api, idempotency: { by: window, window: 5min, check: outside }, idempotency-keys: true, retry: { attempts: 3, backoff: fixed, base: 1s, cap: 2s }, fails: 1%, exhausted: skip, timeout: 5s } } }`,
  `${HEAD}consumers: { c: { from: t, starts: never, process: { idempotency: sequence } } }`,
  `${HEAD}network: { latency: 5ms, bandwidth: 100MB/s }\ndisk: { fsync: { p50: 1ms, p99: 2ms } }`,
  `${HEAD}faults: [{ lose: any, nth: [1, 2], from: a, to: [b, c], about: t-0 }, { crash: a, when: { event: stored, nth: 4, node: b }, restart: 5s }, { partition: [[a], b], at: 1s }, { partition: { from: a, to: b }, at: 0, for: 5s }, { slow-link: { from: a, to: b, by: 5ms }, chance: 1%, every: 5s }, { clock-jump: a, by: -5s, at: 1s }, { clock-drift: a, ppm: -20, at: 1s }, { slow-disk: a, factor: 2.5, at: 1s, until: 4s }, { delay: x, by: 5ms, at: 1s }, { duplicate: x, after: 0, nth: 1 }]`,
  `${HEAD}faults:\nexpect:\n`,
  `${HEAD}alerts: { a: { lag: messages, above: 5 }, b: { lag: time, above: 5s, for: 1s, subscription: c } }`,
  `${HEAD}limits: { until: 5s, events: 5, patience: 1min }`,
  `${HEAD}vary: [{ name: a, set: { seed: 3 }, faults: [], expect: { loss: 0 } }]`,
  `${HEAD}vary: { seed: [1, 2] }`,
  'scenario: x\nsystems: { a: { system: kafka, topics: { t: { partitions: 3 } } }, b: { system: sqs, queues: { q: } } }',
  `${HEAD}producers: { p: { to: t, config: "acks=all" } }`,
  `${HEAD}producers: { p: { to: t, config: { acks: all, linger.ms: 5ms } } }`,
];

/** Files whose form is wrong, each for one reason. */
const WRONG: readonly string[] = [
  'system: kafka\n',
  `${HEAD}extra: 1`,
  `${HEAD}seed: [1]`,
  `${HEAD}producers: []`,
  `${HEAD}producers: { "a b": { to: t } }`,
  `${HEAD}producers: { p: {} }`,
  `${HEAD}producers: { p: { to: t, extra: 1 } }`,
  `${HEAD}producers: { p: { to: t, send: { count: 0 } } }`,
  `${HEAD}producers: { p: { to: t, send: { count: 1.5 } } }`,
  `${HEAD}producers: { p: { to: t, send: { every: 5 } } }`,
  `${HEAD}producers: { p: { to: t, send: { every: 5 parsecs } } }`,
  `${HEAD}producers: { p: { to: t, send: { every: { min: 1s } } } }`,
  `${HEAD}producers: { p: { to: t, send: { rate: 5 } } }`,
  `${HEAD}producers: { p: { to: t, send: { keys: { count: 3 } } } }`,
  `${HEAD}producers: { p: { to: t, config: 5 } }`,
  `${HEAD}consumers: { c: { from: t, starts: later } }`,
  `${HEAD}consumers: { c: { from: t, process: { fails: 0.01 } } }`,
  `${HEAD}consumers: { c: { from: t, process: { acknowledge: aftr } } }`,
  `${HEAD}consumers: { c: { from: t, process: { idempotency: { window: 5s } } } }`,
  `${HEAD}network: { bandwidth: 5MB }`,
  `${HEAD}faults: { crash: a }`,
  `${HEAD}faults: [{ crsh: a }]`,
  `${HEAD}faults: [{ crash: [], at: 1s }]`,
  `${HEAD}faults: [{ crash: a, nth: 1 }]`,
  `${HEAD}faults: [{ delay: x, at: 1s }]`,
  `${HEAD}faults: [{ partition: [[a]], at: 1s }]`,
  `${HEAD}faults: [{ lose: x, nth: 0 }]`,
  `${HEAD}faults: [{ crash: a, when: { event: storred } }]`,
  `${HEAD}expect: [loss]`,
  `${HEAD}alerts: { a: { above: 5s } }`,
  `${HEAD}limits: { until: -5s }`,
  `${HEAD}vary: 5`,
  `${HEAD}vary: [{ set: {} }]`,
];

// What editors know beyond draft-07 (`examples` is of it) is not needed to judge a file.
const valid = new Ajv({ strict: false, allErrors: true }).compile(jsonSchema(FAKES));

test.each(RIGHT)('both schemas accept %j', (text) => {
  const value: unknown = parse(text);
  expect(scenarioSchema.safeParse(value).success).toBe(true);
  expect(valid(value) ? [] : valid.errors).toEqual([]);
});

test.each(WRONG)('both schemas refuse %j', (text) => {
  const value: unknown = parse(text);
  expect(scenarioSchema.safeParse(value).success).toBe(false);
  expect(valid(value)).toBe(false);
  expect(load(text).problems.length).toBeGreaterThan(0);
});

test.each([
  `${HEAD}producers: { p: { to: t, config: { ackss: all } } }`,
  `${HEAD}consumers: { c: { from: t, config: { ackss: all } } }`,
  `${HEAD.replace('{}', '{ partition: 3 }')}`,
  `${HEAD}cluster: { broker: 3 }`,
  'scenario: x\nsystem: kafca\n',
])('the exported schema knows the real keys, as the loader does: %j', (text) => {
  expect(valid(parse(text))).toBe(false);
  expect(load(text).problems.length).toBeGreaterThan(0);
});

test('real keys carry their description and default to editors', () => {
  const text = JSON.stringify(jsonSchema(FAKES));
  expect(text).toContain(
    '"description":"kafka: About linger.ms. In ms, or with a unit.","default":0',
  );
  expect(jsonSchema(FAKES).$schema).toBe('http://json-schema.org/draft-07/schema#');
});
