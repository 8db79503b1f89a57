// The full Kafka model, end to end: three replicas, acks=all, idempotent, one group, checkers on.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, ratio } from './median.mjs';
import { inProcess } from './raw.mjs';
import { text } from './scenario.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCENARIO = fileURLToPath(new URL('scenario.mjs', import.meta.url));

export function runKafka(plan, flags = []) {
  const args = [...flags, SCENARIO, JSON.stringify(plan)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/**
 * How a producer that waits longer, for larger batches, needs fewer events: as in Kafka. Two events
 * of each message are the application's: when it is sent, and when it has been handled.
 */
const WAITING = [
  { linger: '0', batch: '16384' },
  { linger: '5', batch: '1024' },
  { linger: '5', batch: '16384' },
  { linger: '20', batch: '65536' },
];

function batching() {
  const figures = {};
  for (const { linger, batch } of WAITING) {
    const plan = { count: 50_000, every: '200us', linger, batch };
    const run = runKafka({ ...plan, warm: 20_000 });
    const name = `Kafka, linger.ms ${linger}, batch.size ${batch}`;
    figures[`${name} (events/message)`] = run.events / plan.count;
    figures[`${name} (messages/s)`] = plan.count / run.seconds;
  }
  return figures;
}

/** Seconds that the command line takes for a run, with a trace or without. */
function commandLine(file, trace) {
  const args = ['dist/cli/main.js', 'run', file, '--quiet', ...trace];
  const start = performance.now();
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
  return (performance.now() - start) / 1000;
}

export async function measure({ rounds, seconds, long }) {
  execFileSync(process.execPath, ['build.mjs'], { cwd: ROOT });
  const taken = { raw: [], single: [], singleEvents: [], batched: [], plain: [], traced: [] };
  // Ten a millisecond, nearly one request each; and fifty, which travel in batches.
  const single = { count: 50_000, every: '1ms', warm: 5_000 };
  const batched = { count: 200_000, every: '20us', linger: '5', warm: 20_000 };
  const folder = mkdtempSync(path.join(tmpdir(), 'lost-ack-bench-'));
  const file = path.join(folder, 'kafka.yaml');
  writeFileSync(file, text({ count: 20_000, every: '1ms' }));
  for (let round = 0; round < rounds; round++) {
    taken.raw.push(inProcess('world', 100, seconds).rate);
    const one = runKafka(single);
    taken.single.push(single.count / one.seconds);
    taken.singleEvents.push(one.events / one.seconds);
    taken.batched.push(batched.count / runKafka(batched).seconds);
    taken.plain.push(commandLine(file, []));
    taken.traced.push(commandLine(file, ['--trace', path.join(folder, 'trace.jsonl')]));
  }
  rmSync(folder, { recursive: true });
  // What a run holds on to grows with what is in flight, not with what was sent.
  const small = runKafka({ count: 20_000, every: '20us', linger: '5' });
  const large = runKafka({ count: 1_000_000, every: '20us', linger: '5' });
  const figures = {
    'Kafka, one message a request (messages/s)': median(taken.single),
    'Kafka, in batches (messages/s)': median(taken.batched),
    'Kafka, in batches against one a request (x)': ratio(taken.batched, taken.single),
    'Kafka, events/s against the raw kernel, 100 pending (x)': ratio(taken.singleEvents, taken.raw),
    'Kafka, with a full trace against without (x)': ratio(taken.plain, taken.traced),
    'Kafka, 1 million messages (MB at most)': large.megabytes,
    'Kafka, memory of each further message (bytes)':
      ((large.megabytes - small.megabytes) * 2 ** 20) / 980_000,
    ...batching(),
  };
  if (long) {
    const plan = { count: 10_000_000, every: '20us', linger: '5' };
    // V8 collects late when it may: with a limit it shows what is needed.
    const ten = runKafka(plan, ['--max-old-space-size=160']);
    figures['Kafka, 10 million messages (MB at most)'] = ten.megabytes;
    figures['Kafka, 10 million messages (s)'] = ten.seconds;
  }
  return figures;
}
