import type { Guarantee, RunRecord, SubscriptionMeasures } from '../sim/history/record.ts';
import { formatTime } from '../sim/kernel/time.ts';
import { few, labelled, MARGIN } from './lines.ts';
import { column, count, cut, padEnd, padStart, visible, WIDTH, type Paint } from './text.ts';

const HEAD = '     owed    lost  duplicates s/d/e  disorder';

/** Loss, duplicates, disorder and lag of each subscription, and what that amounts to. */
export function measured(run: RunRecord, paint: Paint): string[] {
  const all = Object.entries(run.subscriptions);
  if (all.length === 0) return [];
  const names = all.map(([name]) => visible(name));
  const width = Math.max(12, column(names, 18));
  const head = `${padEnd('measured', width)}${HEAD}     lag p99`;
  const rows = few(all, 10, ([name, s]) => {
    const lag = padStart(formatTime(s.lag.time.p99), 12);
    return [cut(MARGIN + padEnd(cut(visible(name), width), width) + numbers([s]) + lag, WIDTH)];
  });
  return [MARGIN + paint.dim(head), ...rows, ...losses(all, paint), ...observed(run, paint)];
}

/** Where the lost ones went. */
function losses(all: readonly (readonly [string, SubscriptionMeasures])[], paint: Paint): string[] {
  return few(
    all.filter(([, s]) => s.lost > 0),
    3,
    ([name, s]) => {
      const causes = Object.entries(s.lostBy).map(([cause, n]) => `${count(n)} ${visible(cause)}`);
      const what = `${visible(name)}: ${causes.slice(0, 5).join(', ')}`;
      return causes.length === 0 ? [] : labelled('lost', cut(what, 130), paint);
    },
  );
}

/** The guarantee in words, unless the expectations have said it already. */
function observed(run: RunRecord, paint: Paint): string[] {
  if (run.expectations.some((e) => e.name === 'guarantee')) return [];
  return labelled('observed', OBSERVED[run.guarantee], paint);
}

const OBSERVED: Record<Guarantee, string> = {
  'exactly-once': 'exactly-once: nothing lost, no effect twice',
  'at-least-once': 'at-least-once: nothing lost, some effects twice',
  'at-most-once': 'at-most-once: something lost, no effect twice',
  none: 'no guarantee: something lost, and some effects twice',
  unknown: 'unknown: too little happened to say',
};

function numbers(all: readonly SubscriptionMeasures[]): string {
  const sum = (of: (s: SubscriptionMeasures) => number) => all.reduce((n, s) => n + of(s), 0);
  const duplicates = [
    sum((s) => s.duplicates.stored),
    sum((s) => s.duplicates.delivered),
    sum((s) => s.duplicates.effects),
  ];
  return (
    padStart(
      short(
        sum((s) => s.owed),
        6,
      ),
      9,
    ) +
    padStart(
      short(
        sum((s) => s.lost),
        6,
      ),
      8,
    ) +
    padStart(duplicates.map((n) => short(n, 4)).join('/'), 18) +
    padStart(
      short(
        sum((s) => s.ordering.inversions + s.ordering.rewinds),
        6,
      ),
      10,
    )
  );
}

/** Exact up to so many digits, then in thousands or millions: a table keeps its columns. */
function short(n: number, digits: number): string {
  if (String(n).length <= digits) return digits > 4 ? count(n) : String(n);
  return n < 1e6 ? `${Math.floor(n / 1e3)}k` : `${count(Math.floor(n / 1e6))}M`;
}

/** A line for the scenario as written and for each of its variants. */
export function variantRows(
  runs: readonly RunRecord[],
  verdict: (run: RunRecord) => string,
  paint: Paint,
): string[] {
  const names = runs.map((run) => visible(run.variant ?? '(as written)'));
  const width = Math.max(12, column(names, 27));
  const rows = runs.map((run, i) => {
    const name = padEnd(cut(names[i], width), width);
    return `${MARGIN}${verdict(run)}  ${name}${numbers(Object.values(run.subscriptions))}`;
  });
  return [`${MARGIN}      ${paint.dim(padEnd('variant', width) + HEAD)}`, ...rows];
}
