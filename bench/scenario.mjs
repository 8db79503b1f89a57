// One run of a Kafka scenario in a process of its own: node scenario.mjs '{"count": 10, ...}'.
// As a module it exports the scenario's text. Prints JSON when run.
import { fileURLToPath } from 'node:url';

/** Three brokers, acks=all, idempotent, one group of three, effects applied: all checkers on. */
export function text({ count, every, linger = '0', batch = '16384' }) {
  return `
scenario: ${count} messages
system: kafka
version: '3.9'
cluster: { brokers: 3, config: { log.retention.check.interval.ms: 1000, log.initial.task.delay.ms: 1000 } }
topics: { orders: { partitions: 3, replication.factor: 3, config: { min.insync.replicas: 2, retention.ms: 10000, segment.bytes: 1048576 } } }
producers:
  checkout:
    to: orders
    send: { count: ${count}, every: ${every}, size: 100B, keys: 100 }
    config: { acks: all, enable.idempotence: true, linger.ms: ${linger}, batch.size: ${batch} }
consumers:
  fulfilment:
    from: orders
    instances: 3
    config: { enable.auto.commit: false, auto.offset.reset: earliest }
    process: { takes: 10us, acknowledge: after, effect: local }
network: { latency: { p50: 0.5ms, p99: 2ms } }
limits: { until: 10h, events: 1000000000 }
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { loadScenario, execute } = await import('../dist/index.js');
  const { warm, runs = 1, ...plan } = JSON.parse(process.argv[2]);
  const load = (options) => {
    const { scenario, problems } = loadScenario(text(options), '');
    if (scenario === undefined) throw new Error(JSON.stringify(problems, null, 2));
    return scenario;
  };
  if (warm !== undefined) execute(load({ ...plan, count: warm }), { seed: 'warm' });
  const scenario = load(plan);
  /** Bytes that are held, where the garbage can be collected first (node --expose-gc). */
  const held = () => {
    if (globalThis.gc === undefined) return 0;
    globalThis.gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  // The first quarter of many runs is for the compiler.
  const first = Math.floor(runs / 4);
  let events = 0;
  let record;
  const run = (seed) => {
    record = execute(scenario, { seed: String(seed) });
    events += record.events;
  };
  for (let i = 0; i < first; i++) run(i);
  events = 0;
  const before = held();
  const start = performance.now();
  const startCpu = process.cpuUsage();
  for (let i = first; i < runs; i++) run(i);
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(startCpu).user / 1e6;
  const grown = held() - before;
  const { maxRSS } = process.resourceUsage(); // Kilobytes.
  const { ended } = record;
  const measured = runs - first;
  const megabytes = maxRSS / 1024;
  console.log(JSON.stringify({ seconds, cpu, runs: measured, events, ended, megabytes, grown }));
}
