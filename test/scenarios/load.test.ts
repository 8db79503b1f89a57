import { expect, test } from 'vitest';
import type { Deployment } from '../../models/parts/system.ts';
import { DESIGN, load } from './fake-systems.ts';

/** The scenario, which must have no errors. */
function loaded(text: string) {
  const { scenario, problems } = load(text);
  expect(problems).toEqual([]);
  if (scenario === undefined) throw new Error('a text without problems is a scenario');
  return scenario;
}

function only(text: string): Deployment {
  return loaded(text).systems[0].deployment;
}

test('the file of the design document loads without a complaint', () => {
  const scenario = loaded(DESIGN);
  expect(scenario.name).toBe('A lost acknowledgement, retried');
  expect(scenario.source).toEqual(['Kafka documentation', 'T13']);
  expect(scenario.seed).toBe('1');
  expect(scenario.faults.map((f) => [f.text, f.line])).toEqual([
    ['lose ProduceResponse, nth 3', 22],
    ['crash broker-1, when stored nth 40, restart after 5s', 24],
  ]);
  expect(scenario.expectations.map((e) => [e.measure, e.expected, e.line])).toEqual([
    ['loss', '0', 27],
    ['duplicates.stored', '1', 27],
    ['ordering', '0', 27],
    ['guarantee', 'at-least-once', 27],
  ]);
  const { cluster, channels, producers, consumers } = scenario.systems[0].deployment;
  expect(cluster.shape.number('brokers')).toBe(3);
  expect(cluster.config.number('min.insync.replicas')).toBe(2);
  expect(channels[0].shape.number('replication.factor')).toBe(3);
  expect(producers[0].config.given('acks')).toBe(true);
  expect(producers[0].config.given('linger.ms')).toBe(false);
  expect(consumers[0].handling.effect).toBe('database');
});

test('a file of three lines has every default', () => {
  const scenario = loaded(`scenario: x
system: kafka
topics: { t: {} }
producers: { p: { to: t } }
consumers: { c: { from: t } }
`);
  const { version, producers, consumers } = scenario.systems[0].deployment;
  expect(version).toBe('3.9');
  const { workload } = producers[0];
  expect(workload).toMatchObject({
    count: 100,
    start: 0,
    burst: 1,
    keys: undefined,
    poisonEvery: 0,
  });
  expect(workload.gap.fixed).toBe(10_000);
  expect(workload.bytes.fixed).toBe(100);
  expect(consumers[0]).toMatchObject({ instances: 1, startsAt: [0], subscription: 0 });
  // The consumer commits by its own timer unless told otherwise: so does the real one.
  expect(consumers[0].handling).toMatchObject({ acknowledge: 'auto', effect: 'local', workers: 1 });
  expect(consumers[0].handling.takes.fixed).toBe(1_000);
  expect(scenario.network.latency.at(2 ** 31)).toBe(500); // p50
  expect(scenario.network.latency.at(0)).toBe(250);
  expect(scenario.network.bandwidth).toBe(0);
  expect(scenario.fsync.fixed).toBe(5_000);
  expect(scenario.limits).toEqual({ until: 3_600_000_000, maxEvents: 20_000_000, patience: -1 });
});

test('a consumer that does not commit by itself acknowledges after processing', () => {
  const text =
    'scenario: x\nsystem: kafka\ntopics: { t: {} }\nconsumers: { c: { from: t, config: { enable.auto.commit: false } } }\n';
  expect(only(text).consumers[0].handling.acknowledge).toBe('after');
});

test('a version keeps its text: 3.10 is not 3.1, and seed 007 is not 7', () => {
  const scenario = loaded('scenario: x\nseed: 007\nsystem: kafka\nversion: 3.10\n');
  expect(scenario.systems[0].deployment.version).toBe('3.10');
  expect(scenario.seed).toBe('007');
});

test('a workload has rate, poisson arrivals, bursts, sizes, hot keys and poison', () => {
  const text = `scenario: x
system: kafka
topics: { t: {} }
producers:
  even: { to: t, send: { rate: 200/s, burst: 5, size: 1KB, start: 2s, poison: 7 } }
  random: { to: t, send: { every: 10ms, arrivals: poisson } }
  hot: { to: t, send: { keys: { count: 1000, hot: { keys: 1, share: 80% } } } }
  few: { to: t, send: { keys: 10 } }
`;
  const [even, random, hot, few] = only(text).producers.map((p) => p.workload);
  expect(even).toMatchObject({
    burst: 5,
    start: 2_000_000,
    poisonEvery: 7,
    producer: 0,
    producers: 4,
  });
  expect(even.gap.fixed).toBe(5_000);
  expect(even.bytes.fixed).toBe(1_000);
  expect(random.gap.fixed).toBe(-1);
  const draw = (share: number) => Math.floor(share * 2 ** 32);
  expect(hot.keys?.at(draw(0.79))).toBe(0);
  expect(hot.keys?.at(draw(0.82))).toBeGreaterThan(0);
  expect(hot.keys?.at(2 ** 32 - 1)).toBeLessThan(1000);
  expect(few.keys?.at(0)).toBe(0);
  expect(few.keys?.at(2 ** 32 - 1)).toBe(9);
  expect(few.producer).toBe(3);
});

test('processing has a spread, workers, idempotency, retries and a way to give up', () => {
  const text = `scenario: x
system: kafka
topics: { t: {} }
consumers:
  c:
    from: t
    instances: 3
    starts: [0s, 5s, never]
    process:
      takes: { min: 1ms, max: 3ms }
      acknowledge: with-effect
      workers: 4
      effect: database
      idempotency: { by: window, window: 1min, check: outside }
      retry: { attempts: 5, backoff: exponential, base: 1s, cap: 20s }
      fails: 1%
      exhausted: skip
      timeout: 3s
`;
  const { startsAt, handling } = only(text).consumers[0];
  expect(startsAt).toEqual([0, 5_000_000, -1]);
  expect(handling.takes.at(2 ** 31)).toBe(2_000);
  expect(handling).toMatchObject({
    acknowledge: 'with-effect',
    workers: 4,
    effect: 'database',
    idempotency: { by: 'window', window: 60_000_000, check: 'outside' },
    retry: { attempts: 5, backoff: 'exponential', base: 1_000_000, cap: 20_000_000 },
    fails: 10_000,
    exhausted: 'skip',
    timeout: 3_000_000,
  });
});

test('several systems share one numbering of channels, producers and subscriptions', () => {
  const scenario = loaded(`scenario: x
systems:
  log: { system: kafka, topics: { orders: {}, payments: {} } }
  jobs: { system: sqs, queues: { work: {} } }
producers:
  b: { to: jobs/work }
  a: { to: log/payments }
consumers:
  d: { from: work }
  c: { from: log/orders }
`);
  const [log, jobs] = scenario.systems.map((s) => s.deployment);
  expect(log.channels.map((c) => c.channel)).toEqual([0, 1]);
  expect(jobs.channels.map((c) => c.channel)).toEqual([2]);
  expect(jobs.producers[0].workload).toMatchObject({ producer: 0, producers: 2, channel: 2 });
  expect(log.producers[0].workload).toMatchObject({ producer: 1, producers: 2, channel: 1 });
  expect(jobs.consumers[0]).toMatchObject({ name: 'd', from: 'work', subscription: 0 });
  expect(log.consumers[0]).toMatchObject({ name: 'c', from: 'orders', subscription: 1 });
});

test('names that look like numbers keep the order of the file', () => {
  const text =
    'scenario: x\nsystem: kafka\ntopics: { t: {} }\nproducers: { b: { to: t }, 10: { to: t }, 9: { to: t } }\n';
  expect(only(text).producers.map((p) => p.name)).toEqual(['b', '10', '9']);
});

test('alerts and limits are whole microseconds and counts', () => {
  const scenario = loaded(`scenario: x
system: kafka
topics: { t: {} }
consumers: { c: { from: t } }
alerts:
  late: { lag: time, above: 60s, for: 5min, subscription: c }
  deep: { lag: messages, above: 1000 }
limits: { until: 10min, events: 1000000, patience: 6min }
`);
  expect(scenario.alerts).toEqual([
    { name: 'late', subscription: 'c', lag: 'time', above: 60_000_000, for: 300_000_000 },
    { name: 'deep', subscription: '', lag: 'messages', above: 1000, for: 0 },
  ]);
  expect(scenario.limits).toEqual({
    until: 600_000_000,
    maxEvents: 1_000_000,
    patience: 360_000_000,
  });
});

test('all mistakes are told at once, in the order of the file', () => {
  const { problems, scenario } = load(`scenario: x
systm: kafka
system: kafka
topics:
  orders: { partitions: three }
producers:
  checkout:
    to: order
    send: { evry: 10ms, count: 0 }
    config:
      acks: al
      liner.ms: 5
consumers:
  fulfilment:
    process: { acknowledge: aftr, takes: 5 parsecs }
faults:
  - lose: ProduceRespons
    nth: 3
  - crsh: broker-1
    at: 1s
expect: { los: 0 }
vary:
  producers.checkout.config.acks: [all, 7]
`);
  expect(scenario).toBe(undefined);
  expect(problems.map((p) => `${p.line} ${p.code}`)).toEqual([
    '2 SCN010',
    '5 SCN033',
    '8 SCN023',
    '9 SCN010',
    '9 SCN016',
    '11 SCN035',
    '12 SCN030',
    '14 SCN011',
    '15 SCN014',
    '15 SCN015',
    '17 SCN041',
    '19 SCN012',
    '21 SCN050',
    '23 SCN035',
  ]);
});

test('warnings do not keep a scenario from running, unless asked to be strict', () => {
  const text =
    'scenario: x\nsystem: kafka\ntopics: { t: {} }\nproducers: { p: { to: t, config: { compression.type: zstd } } }\n';
  const lenient = load(text);
  expect(lenient.problems.map((p) => p.severity)).toEqual(['warning']);
  expect(lenient.scenario?.warnings).toEqual(lenient.problems);
  const strict = load(text, { strict: true });
  expect(strict.problems.map((p) => p.severity)).toEqual(['error']);
  expect(strict.scenario).toBe(undefined);
});

test('a byte order mark and Windows line ends change nothing but the text', () => {
  const windows = `\uFEFF${DESIGN.replaceAll('\n', '\r\n')}`;
  expect(loaded(windows).faults).toEqual(loaded(DESIGN).faults);
  const { problems } = load(windows.replace('lose: Prod', 'lose: Prodd'));
  expect(problems.map((p) => `${p.line}:${p.column} ${p.source}`)).toEqual([
    '22:11   - lose: ProddduceResponse'.replace('ddd', 'dd'),
  ]);
});

test('loading is a pure function of its text: twice gives equal scenarios', () => {
  expect(load(DESIGN)).toEqual(load(DESIGN));
});
