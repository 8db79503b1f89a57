// Systems of queues: what a delivery costs while few or very many messages wait, and how fast a run
// is beside Kafka's. As a process of its own: node queues.mjs '{"system": "rabbitmq", ...}'.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BIN } from './kernel.mjs';
import { runKafka } from './kafka.mjs';
import { median, ratio } from './median.mjs';

const SELF = fileURLToPath(import.meta.url);
const BUNDLE = `${BIN}execution.mjs`;

const SYSTEMS = {
  rabbitmq: {
    producer: { 'confirm.select': false },
    consumer: { prefetch: 100 },
  },
  sqs: {
    producer: { maxSockets: 1000 },
    consumer: { MaxNumberOfMessages: 10, WaitTimeSeconds: 20 },
    // Ten a poll, and a poll takes some milliseconds.
    rate: '1ms',
    workers: 10,
  },
};

/** A backlog that arrives at once, then as many messages as are taken: so many wait all along. */
function text({ system, waiting, rate }) {
  const { producer, consumer, workers = 1 } = SYSTEMS[system];
  return JSON.stringify({
    scenario: `${waiting} messages wait`,
    system,
    queues: { jobs: {} },
    producers: {
      backlog: { to: 'jobs', send: { count: waiting, every: '1us' }, config: producer },
      more: { to: 'jobs', send: { count: 400_000, every: rate, start: '100s' }, config: producer },
    },
    consumers: {
      workers: {
        from: 'jobs',
        starts: '100s',
        config: consumer,
        process: { takes: rate, acknowledge: 'after', workers },
      },
    },
    network: { latency: '500us' },
    limits: { until: '10h', events: 1_000_000_000 },
  });
}

/** One message an operation, confirmed and acknowledged: beside the plan of `kafka.mjs`. */
function endToEnd({ system, count }) {
  return JSON.stringify({
    scenario: `${count} messages`,
    system,
    queues: { jobs: {} },
    producers: { checkout: { to: 'jobs', send: { count, every: '1ms', size: '100B', keys: 100 } } },
    consumers: {
      workers: {
        from: 'jobs',
        instances: 3,
        config: SYSTEMS[system].consumer,
        process: { takes: '10us', acknowledge: 'after' },
      },
    },
    network: { latency: { p50: '0.5ms', p99: '2ms' } },
    limits: { until: '10h', events: 1_000_000_000 },
  });
}

async function bundle() {
  mkdirSync(BIN, { recursive: true });
  const contents = `
export { Execution } from './scenarios/execute.ts';
export { loadScenario } from './scenarios/load.ts';
`;
  const js =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    outfile: BUNDLE,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: { js },
    logLevel: 'warning',
  });
}

function inProcess(plan) {
  return JSON.parse(
    execFileSync(process.execPath, [SELF, JSON.stringify(plan)], { encoding: 'utf8' }),
  );
}

export async function measure({ rounds }) {
  await bundle();
  const figures = {};
  for (const system of Object.keys(SYSTEMS)) {
    const { rate = '100us' } = SYSTEMS[system];
    const few = [];
    const many = [];
    const events = [];
    const kafka = [];
    for (let round = 0; round < rounds; round++) {
      few.push(inProcess({ system, waiting: 1_000, rate }).perDelivery);
      many.push(inProcess({ system, waiting: 1_000_000, rate }).perDelivery);
      const run = inProcess({ system, count: 50_000 });
      events.push(run.events / run.seconds);
      const other = runKafka({ count: 50_000, every: '1ms', warm: 5_000 });
      kafka.push(other.events / other.seconds);
    }
    figures[`${system}, a delivery with 1 000 waiting (us)`] = median(few) * 1e6;
    figures[`${system}, the same with 1 million (x)`] = ratio(many, few);
    figures[`${system}, events/s against Kafka's (x)`] = ratio(events, kafka);
  }
  return figures;
}

if (process.argv[1] === SELF) {
  const { Execution, loadScenario } = await import(pathToFileURL(BUNDLE).href);
  const plan = JSON.parse(process.argv[2]);
  const begun = (written) => {
    const { scenario, problems } = loadScenario(written, '');
    if (scenario === undefined) throw new Error(JSON.stringify(problems, null, 2));
    return new Execution(scenario, { seed: '1' });
  };
  const result =
    plan.count === undefined ? deliveries(begun(text(plan)), plan) : whole(begun, plan);
  console.log(JSON.stringify(result));
}

/** Seconds that each of the next deliveries takes once the backlog is there and all is warm. */
function deliveries(execution, { waiting }) {
  const [subscription] = execution.ledger.subscriptions;
  while (subscription.behind < waiting) execution.advance(1_000);
  const { delivered } = subscription;
  const until = (count) => {
    while (delivered.count < count) execution.advance(1_000);
  };
  until(20_000);
  const from = delivered.count;
  const start = performance.now();
  until(200_000);
  const seconds = (performance.now() - start) / 1000;
  return { perDelivery: seconds / (delivered.count - from), behind: subscription.behind };
}

function whole(begun, plan) {
  const run = (count) => {
    const execution = begun(endToEnd({ ...plan, count }));
    while (!execution.advance(Infinity));
    return execution.world.events;
  };
  run(5_000);
  const start = performance.now();
  const events = run(plan.count);
  return { seconds: (performance.now() - start) / 1000, events };
}
