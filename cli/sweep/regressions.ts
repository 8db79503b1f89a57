import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { visible } from '../../reports/text.ts';
import { didYouMean } from '../../scenarios/nearest.ts';
import { readDuration } from '../../scenarios/units.ts';
import type { Baseline } from '../../sim/explore/sweep/compare.ts';
import { MEASURES, type Measure } from '../../sim/explore/sweep/measures.ts';
import { measureNamed, samplesOf, SHORT_NAMES } from '../../sim/explore/sweep/pairs.ts';
import type { RegressionRule } from '../../sim/explore/sweep/regression.ts';
import { UsageError } from '../exit.ts';

const HOW = 'write duplicates>+0, lag.p99>+10% or latency.p99>+5ms';

/** "duplicates>+0, lag.p99>+10%". */
export function readRules(text: string): RegressionRule[] {
  return text.split(',').map((part) => readRule(part.trim()));
}

function readRule(text: string): RegressionRule {
  const match = /^([\w.]+)\s*>\s*\+\s*(\S+)$/.exec(text);
  if (match === null) throw new UsageError(`--fail-on ${visible(text)}: cannot be read`, HOW);
  const [, word, amount] = match;
  const measure = measureNamed(word);
  if (measure === undefined) {
    const known = [...SHORT_NAMES, ...MEASURES.map(({ name }) => name)];
    const hint = didYouMean(word, known, `known: ${known.join(', ')}`);
    throw new UsageError(`--fail-on ${visible(text)}: no measure is called "${word}"`, hint);
  }
  const percent = /^(\d{1,6})(?:\.(\d{1,2}))?%$/.exec(amount);
  if (percent !== null) {
    const limit = Number(percent[1]) * 100 + Number((percent[2] ?? '').padEnd(2, '0'));
    return { text, measure, limit, relative: true };
  }
  return { text, measure, limit: amountOf(amount, measure, text), relative: false };
}

function amountOf(amount: string, { unit, name }: Measure, text: string): number {
  if (unit !== 'us') {
    if (/^\d{1,12}$/.test(amount)) return Number(amount);
    throw new UsageError(`--fail-on ${visible(text)}: ${name} is counted`, HOW);
  }
  const time = amount === '0' ? { ok: true as const, value: 0 } : readDuration(amount);
  if (time.ok) return time.value;
  throw new UsageError(`--fail-on ${visible(text)}: ${name} is a time, with a unit`, HOW);
}

const shape = z.object({
  format: z.literal('lost-ack/compare/1'),
  engine: z.string().max(40),
  seeds: z.string().max(1000),
  columns: z.array(z.object({ name: z.string(), samples: z.record(z.string(), z.string()) })),
});

const LIMIT = 64 * 1_048_576;

/** What `compare --json` once wrote. */
export function readBaseline(path: string): Baseline {
  const hint = 'it is what "lost-ack compare ... --json" prints';
  let value: unknown;
  try {
    value = JSON.parse(readBounded(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === undefined ? 'is no JSON' : code === 'ENOENT' ? 'no such file' : code;
    throw new UsageError(`--baseline ${visible(path)}: ${why}`, hint);
  }
  const read = shape.safeParse(value);
  if (!read.success) throw new UsageError(`--baseline ${visible(path)}: is no comparison`, hint);
  const { engine, seeds, columns } = read.data;
  const byName = columns.map(({ name, samples: lines }) => {
    const samples = samplesOf(lines);
    if (samples !== undefined) return [name, samples] as const;
    throw new UsageError(`--baseline ${visible(path)}: its samples cannot be read`, hint);
  });
  return { engine, seeds, columns: new Map(byName) };
}

function readBounded(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const stats = fstatSync(descriptor);
    if (stats.isFile() && stats.size <= LIMIT) return readFileSync(descriptor, 'utf8');
    throw new UsageError(`--baseline ${visible(path)}: is no file of at most 64 MiB`);
  } finally {
    closeSync(descriptor);
  }
}
