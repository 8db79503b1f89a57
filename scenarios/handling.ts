import type { HandlingPlan, IdempotencyPlan } from '../models/parts/application.ts';
import { NO_RETRY, type RetryPlan } from '../models/parts/retry.ts';
import { Distribution } from '../sim/kernel/distribution.ts';
import { MILLISECOND, SECOND } from '../sim/kernel/time.ts';
import type { Reader } from './read.ts';
import type { Process } from './form.ts';
import { type Path, valueSpan } from './tree.ts';

const TAKES = MILLISECOND;
const TIMEOUT = 5 * SECOND;
const WINDOW = 300 * SECOND;
const RETRY: RetryPlan = {
  attempts: 3,
  backoff: 'full-jitter',
  base: 100 * MILLISECOND,
  cap: 10 * SECOND,
};

/** `process:` as a plan; `acknowledge` is what holds when the file says nothing. */
export function readHandling(
  process: Process,
  path: Path,
  acknowledge: HandlingPlan['acknowledge'],
  reader: Reader,
): HandlingPlan {
  const plan: HandlingPlan = {
    takes: reader.spread(process.takes, [...path, 'takes'], Distribution.constant(TAKES)),
    acknowledge: process.acknowledge ?? acknowledge,
    commit: {
      every: process.commit?.every ?? 1,
      sync: process.commit?.sync ?? true,
      onRevoke: process.commit?.['on-revoke'] ?? false,
    },
    workers: process.workers ?? 1,
    effect: process.effect ?? (process.produce === undefined ? 'local' : 'output'),
    idempotency: readIdempotency(process, path, reader),
    idempotencyKeys: process['idempotency-keys'] ?? false,
    retry: readRetry(process, path, reader),
    fails: reader.chance(process.fails, [...path, 'fails'], 0),
    exhausted: process.exhausted ?? 'leave',
    timeout: reader.positive(
      process.timeout,
      [...path, 'timeout'],
      TIMEOUT,
      'give a call some time',
    ),
  };
  contradictions(plan, process, path, reader);
  return plan;
}

function readIdempotency(process: Process, path: Path, reader: Reader): IdempotencyPlan {
  const given = process.idempotency ?? 'none';
  if (typeof given === 'string') return { by: given, window: WINDOW, check: 'inside' };
  const at = [...path, 'idempotency', 'window'];
  const window = reader.positive(given.window, at, WINDOW, 'a window of 0 remembers nothing');
  if (given.window !== undefined && given.by !== 'window') {
    const says = `"window" has no meaning with idempotency by ${given.by}`;
    reader.complaints.add('SCN025', valueSpan(reader.root, at), says, 'write `by: window`');
  }
  return { by: given.by, window, check: given.check ?? 'inside' };
}

function readRetry(process: Process, path: Path, reader: Reader): RetryPlan {
  const { retry } = process;
  if (retry === undefined) return NO_RETRY;
  const at = [...path, 'retry'];
  const base = reader.duration(retry.base, [...at, 'base'], RETRY.base);
  const cap = reader.duration(retry.cap, [...at, 'cap'], Math.max(RETRY.cap, base));
  if (retry.cap !== undefined && cap < base) {
    const span = valueSpan(reader.root, [...at, 'cap']);
    const hint = 'the first wait is the shortest';
    reader.complaints.add('SCN025', span, '"cap" is below "base"', hint);
  }
  return {
    attempts: retry.attempts ?? RETRY.attempts,
    backoff: retry.backoff ?? RETRY.backoff,
    base,
    cap: Math.max(base, cap),
  };
}

function contradictions(plan: HandlingPlan, process: Process, path: Path, reader: Reader): void {
  const add = (key: string, says: string, hint: string) =>
    reader.complaints.add('SCN025', valueSpan(reader.root, [...path, key]), says, hint);
  if (process.produce !== undefined && plan.acknowledge !== 'after') {
    const says = `what is produced is acknowledged after processing, not "${plan.acknowledge}"`;
    add('produce', says, 'write `acknowledge: after` and enable.auto.commit: false');
  }
  if (process.produce !== undefined && plan.workers > 1) {
    add('workers', 'an application that produces works on one message at a time', 'workers: 1');
  }
  if (plan.acknowledge === 'with-effect' && plan.effect !== 'database') {
    const says = `a position cannot be stored in one transaction with a ${plan.effect} effect`;
    add('acknowledge', says, 'write `effect: database`, or acknowledge before or after');
  }
  if (plan.idempotencyKeys && plan.effect !== 'api') {
    const says = `no call carries an idempotency key when the effect is ${plan.effect}`;
    add('idempotency-keys', says, 'write `effect: api`, or use `idempotency:`');
  }
  if (process.timeout !== undefined && plan.effect === 'local') {
    add('timeout', 'a local effect calls no sink, so there is nothing to wait for', 'remove it');
  }
}
