import { describe, expect, test } from 'vitest';
import { Alignment } from '../../../models/kafka/flink/alignment.ts';
import type { StreamRecord } from '../../../models/kafka/flink/protocol.ts';
import { Execution } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { SelfCheck } from '../../../sim/kernel/choices.ts';

function record(message: number): StreamRecord {
  return { message, key: -1, bytes: 10, poison: false, stream: 0, offset: message };
}
const put = (inputs: Alignment, input: number, ...elements: (number | string)[]) => {
  for (const element of elements) {
    if (typeof element === 'number') inputs.push(input, { is: 'record', record: record(element) });
    else inputs.push(input, { is: 'barrier', checkpoint: Number(element) });
  }
};
const drain = (inputs: Alignment) => {
  const seen: (number | string)[] = [];
  for (let next = inputs.next(); next !== undefined; next = inputs.next()) {
    seen.push(next.is === 'record' ? next.record.message : String(next.checkpoint));
  }
  return seen;
};

describe('the inputs of an operator', () => {
  test('are held back behind a barrier until it has come on all of them', () => {
    const inputs = new Alignment(2);
    put(inputs, 0, 1, '1', 2);
    put(inputs, 1, 11, 12);
    expect(drain(inputs)).toEqual([1, 11, 12]);
    expect(inputs.ready).toBe(false);
    put(inputs, 1, '1', 13);
    expect(drain(inputs)).toEqual(['1', 2, 13]);
  });

  test('go on when a later barrier comes instead of one that was given up', () => {
    const inputs = new Alignment(2);
    put(inputs, 0, '1', 1, '2', 2);
    put(inputs, 1, 11, '2', '1', 12);
    // The barrier of 2 releases the input that waited for 1; that of 1 comes too late.
    expect(drain(inputs)).toEqual([11, 1, '2', 2, 12]);
  });
});

interface Job {
  readonly checkpoints?: object;
  readonly sink?: object;
  readonly instances?: number;
  readonly faults?: readonly object[];
  readonly send?: object;
  readonly version?: string;
  readonly process?: object;
}

function run({ checkpoints, sink, instances = 2, faults = [], send, version, process }: Job) {
  const text = JSON.stringify({
    scenario: 'test',
    system: 'kafka',
    version: version ?? '3.9',
    cluster: { brokers: 3 },
    topics: { orders: { partitions: 2 }, results: { partitions: 2 } },
    producers: {
      checkout: { to: 'orders', send: { count: 300, every: '100ms', keys: 9, ...send } },
    },
    consumers: {
      job: {
        from: 'orders',
        instances,
        process: {
          checkpoints: { every: '5s', ...checkpoints },
          produce: { to: 'results', config: sink ?? {} },
          ...process,
        },
      },
      reader: {
        from: 'results',
        config: {
          'isolation.level': 'read_committed',
          'auto.offset.reset': 'earliest',
          'enable.auto.commit': false,
        },
        process: { acknowledge: 'after' },
      },
    },
    network: { latency: '1ms' },
    faults,
  });
  const { scenario, problems } = loadScenario(text, 'test.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  let check: SelfCheck | undefined;
  const execution = new Execution(scenario, {
    seed: '1',
    instrument: (choices, names) => (check = new SelfCheck(names, choices)),
  });
  while (!execution.advance(Infinity));
  const record = execution.record();
  // No two choices of a run share a name.
  expect(check?.repeated).toEqual([]);
  const { job, reader } = record.subscriptions;
  return { job, reader, counters: record.counters };
}

const EXACTLY = { 'transactional.id': 'job', 'transaction.timeout.ms': 300_000 };
const crash = (node: string, at: string) => ({ crash: node, at, restart: '1s' });

describe('a job with checkpoints', () => {
  test('delivers once when nothing goes wrong, whatever its sink', () => {
    for (const sink of [{}, EXACTLY]) {
      const ran = run({ sink });
      expect(ran.job).toMatchObject({ delivered: 300, pending: 0 });
      expect(ran.job.duplicates.effects).toBe(0);
      expect(ran.reader).toMatchObject({ delivered: 300, pending: 0 });
    }
  });

  test('repeats its output from the last checkpoint on with a plain sink', () => {
    // 10 a second, 2 s after a checkpoint.
    const ran = run({ faults: [crash('job-1', '12s')] });
    expect(ran.job.duplicates.effects).toBeGreaterThan(10);
    expect(ran.job.duplicates.effects).toBeLessThanOrEqual(30);
    expect(ran.reader.duplicates.effects).toBe(ran.job.duplicates.effects);
  });

  test.each(['3.9', '4.0'])('repeats nothing with a transactional sink (%s)', (version) => {
    const faults = [crash('job-1', '12s'), crash('job-2', '18s'), crash('broker-1', '22s')];
    const ran = run({ sink: EXACTLY, faults, version });
    expect(ran.counters['job.restarts']).toBeGreaterThanOrEqual(2);
    expect(ran.job.duplicates.effects).toBe(0);
    expect(ran.job).toMatchObject({ pending: 0 });
    expect(ran.reader.duplicates.effects).toBe(0);
    expect(ran.reader.delivered).toBe(300);
  });

  test('commits again what a completed checkpoint notes, when the notification is lost', () => {
    const lose = { lose: 'NotifyCheckpointComplete', nth: [1, 2] };
    const ran = run({ sink: EXACTLY, faults: [lose, crash('job-1', '7s')] });
    expect(ran.job.duplicates.effects).toBe(0);
    expect(ran.reader.delivered).toBe(300);
  });

  test('survives its job manager: the newest complete checkpoint is durable', () => {
    const ran = run({ sink: EXACTLY, faults: [crash('job-jobmanager', '12s')] });
    expect(ran.job).toMatchObject({ pending: 0 });
    expect(ran.job.duplicates.effects).toBe(0);
    expect(ran.reader.delivered).toBe(300);
  });

  test('gives up a checkpoint that takes too long, and goes on to the next', () => {
    const faults = [{ lose: 'AcknowledgeCheckpoint', nth: 1 }];
    const ran = run({ checkpoints: { timeout: '4s' }, faults });
    expect(ran.job).toMatchObject({ delivered: 300, pending: 0 });
    expect(ran.job.duplicates.effects).toBe(0);
  });

  test('fails, and starts again, when its operator throws', () => {
    const ran = run({ sink: EXACTLY, process: { fails: '0.5%' } });
    expect(ran.counters['job.restarts']).toBeGreaterThan(0);
    expect(ran.job.duplicates.effects).toBe(0);
    expect(ran.reader.delivered).toBe(300);
  });
});
