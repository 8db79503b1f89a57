import type {
  Guarantee,
  RunRecord,
  RunVerdict,
  SubscriptionMeasures,
} from '../sim/history/record.ts';
import { formatTime } from '../sim/kernel/time.ts';
import { few, labelled, MARGIN } from './lines.ts';
import { column, count, cut, padEnd, padStart, visible, WIDTH, type Paint } from './text.ts';

const HEAD = '    owed   lost duplicates s/d/e  disorder     lag p99';

/**
 * Loss, duplicates, disorder and lag of each subscription, and what that amounts to. Variants stand
 * in the same columns below, so that the eye can compare.
 */
export function measured(run: RunRecord, variants: readonly RunRecord[], paint: Paint): string[] {
  const subscriptions = Object.entries(run.subscriptions);
  if (subscriptions.length === 0) return [];
  const rows = [...subscriptions.map(subscriptionRow), ...variants.map(variantRow)];
  const names = rows.map((row) => (row.verdict === '' ? row.name : `${row.verdict} ${row.name}`));
  const width = Math.max(12, column(names, 24));
  return [
    MARGIN + paint.dim(padEnd('measured', width) + HEAD),
    ...few(rows, 20, (row, i) => {
      const name = padEnd(cut(names[i], width), width);
      const tone = row.verdict === '' ? same : TONES[row.verdict](paint);
      const coloured = tone(row.verdict) + name.slice(row.verdict.length);
      return [cut(MARGIN + name + row.numbers, WIDTH).replace(name, () => coloured)];
    }),
    ...losses(subscriptions, paint),
    ...kept(subscriptions, paint),
    ...observed(run, paint),
  ];
}

interface Row {
  readonly verdict: '' | 'ok' | 'FAIL' | '??';
  readonly name: string;
  readonly numbers: string;
}

type Tone = (text: string) => string;
const same: Tone = (text) => text;
const TONES: Record<'ok' | 'FAIL' | '??', (paint: Paint) => Tone> = {
  ok: (paint) => paint.good,
  FAIL: (paint) => paint.bad,
  '??': (paint) => paint.unsure,
};
const SHORT = { pass: 'ok', fail: 'FAIL', inconclusive: '??' } as const satisfies Record<
  RunVerdict,
  string
>;

function subscriptionRow([name, s]: readonly [string, SubscriptionMeasures]): Row {
  return { verdict: '', name: visible(name), numbers: numbers([s]) };
}

function variantRow({ verdict, variant = '', subscriptions }: RunRecord): Row {
  const all = Object.values(subscriptions);
  return { verdict: SHORT[verdict], name: visible(variant), numbers: numbers(all) };
}

/** Where the lost ones went. */
function losses(all: readonly (readonly [string, SubscriptionMeasures])[], paint: Paint): string[] {
  const losers = all.filter(([, s]) => s.lost > 0);
  return few(losers, 3, ([name, s]) => {
    const causes = Object.entries(s.lostBy).map(([cause, n]) => `${count(n)} ${visible(cause)}`);
    const what = `${visible(name)}: ${causes.slice(0, 5).join(', ')}`;
    return causes.length === 0 ? [] : labelled('lost', cut(what, 130), paint);
  });
}

/** Neither applied nor lost: what a person has to see to, or whoever reads on. */
function kept(
  subscriptions: readonly (readonly [string, SubscriptionMeasures])[],
  paint: Paint,
): string[] {
  return subscriptions.flatMap(([name, { deadLettered, pending }]) => {
    const parts = [
      ...(deadLettered > 0 ? [`${count(deadLettered)} dead-lettered`] : []),
      ...(pending > 0 ? [`${count(pending)} still stored`] : []),
    ];
    if (parts.length === 0) return [];
    return labelled('kept', `${visible(name)}: ${parts.join(', ')}`, paint);
  });
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

/** Of several subscriptions counts are summed, and of lags the worst is shown. */
function numbers(all: readonly SubscriptionMeasures[]): string {
  const sum = (of: (s: SubscriptionMeasures) => number) => all.reduce((n, s) => n + of(s), 0);
  const stored = sum((s) => s.duplicates.stored);
  const delivered = sum((s) => s.duplicates.delivered);
  const effects = sum((s) => s.duplicates.effects);
  const duplicates = [stored, delivered, effects].map((n) => short(n, 10_000)).join('/');
  const owed = sum((s) => s.owed);
  const lost = sum((s) => s.lost);
  const disorder = sum((s) => s.ordering.inversions + s.ordering.rewinds);
  const lag = all.reduce((most, s) => Math.max(most, s.lag.time.p99), 0);
  return (
    padStart(short(owed, 1e6), 8) +
    padStart(short(lost, 1e6), 7) +
    padStart(duplicates, 17) +
    padStart(short(disorder, 1e6), 10) +
    padStart(formatTime(lag), 12)
  );
}

/** Exact below a limit, then in thousands or millions: a table keeps its columns. */
function short(n: number, limit: number): string {
  if (n < limit) return limit > 10_000 ? count(n) : String(n);
  return n < 1e6 ? `${Math.floor(n / 1e3)}k` : `${count(Math.floor(n / 1e6))}M`;
}
