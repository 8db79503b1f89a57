import type { RunVerdict } from '../sim/history/record.ts';
import type {
  ConfigurationRecord,
  ExpectationRecord,
  MeasureRecord,
  SweepEnd,
  SweepRecord,
} from '../sim/explore/sweep/record.ts';
import { formatTime } from '../sim/kernel/time.ts';
import { command, few, labelled, MARGIN } from './lines.ts';
import {
  column,
  count,
  cut,
  cutStart,
  padEnd,
  padStart,
  PLAIN,
  plural,
  visible,
  widthOf,
  WIDTH,
  type Paint,
} from './text.ts';

/** Configurations that are shown in full; of the others the table has a line. */
const FULL = 3;

/** The report of many runs: verdict, a line for each configuration, and what is worth a look. */
export function sweepReport(sweep: SweepRecord, paint: Paint = PLAIN): string {
  const { configurations } = sweep;
  const several = configurations.length > 1;
  const odd = configurations.filter((c) => c.verdict !== 'pass' || c.runs.broken > 0);
  const shown = !several ? configurations : odd.length > 0 ? odd : configurations.slice(0, 1);
  const more = shown.length - FULL;
  return [
    heading(sweep, paint),
    paint.dim(`      ${cut(visible(sweep.scenario), WIDTH - 6)}`),
    ...ending(sweep).map((line) => `${MARGIN}${paint.unsure(line)}`),
    ...(several ? ['', ...table(configurations, paint)] : []),
    ...shown.slice(0, FULL).flatMap((c) => ['', ...details(c, several, paint)]),
    ...(more > 0 ? ['', `${MARGIN}and ${more} more to look at (all of them: --json)`] : []),
  ].join('\n');
}

function heading({ verdict, file, seeds, runs, shard }: SweepRecord, paint: Paint): string {
  const share = shard === undefined ? '' : `  shard ${shard}`;
  const rest = `  seeds ${cut(seeds, 24)}${share}  ${plural(runs.done, 'run')}`;
  const name = cutStart(visible(file), WIDTH - 6 - widthOf(rest));
  return `${verdictWord(verdict, paint)}  ${paint.strong(name)}${paint.dim(rest)}`;
}

const WORDS: Record<RunVerdict, string> = { pass: 'ok  ', fail: 'FAIL', inconclusive: '??  ' };

export function verdictWord(verdict: RunVerdict, paint: Paint): string {
  const tone = { pass: paint.good, fail: paint.bad, inconclusive: paint.unsure }[verdict];
  return paint.strong(tone(WORDS[verdict]));
}

const ENDS: Record<SweepEnd, string> = {
  finished: '',
  failures: 'stopped as there were failures enough',
  budget: 'the budget of time is used up',
  interrupted: 'interrupted',
  incomplete: 'not all shards are here',
};

function ending({ ended, runs }: SweepRecord): string[] {
  const { done, planned } = runs;
  return ended === 'finished'
    ? []
    : [`${ENDS[ended]}: ${count(done)} of ${plural(planned, 'run')}`];
}

// --- All configurations, a line each ---

const HEAD = '    runs  failed     rate  unsure  median lag p99';

function table(all: readonly ConfigurationRecord[], paint: Paint): string[] {
  const names = all.map(nameOf);
  const width = Math.max(12, column(names, WIDTH - MARGIN.length - 5 - HEAD.length));
  return [
    MARGIN + paint.dim(padEnd('configuration', width + 5) + HEAD),
    ...few(all, 40, ({ verdict, runs, measures }, i) => {
      const name = padEnd(cut(names[i], width), width);
      const unsure = runs.inconclusive + runs.broken;
      return [
        MARGIN +
          `${verdictWord(verdict, paint)} ${name}` +
          padStart(count(runs.done), 8) +
          padStart(count(runs.failed), 8) +
          padStart(`${percent(shareOf(runs.failed, runs.done))} %`, 9) +
          padStart(count(unsure), 8) +
          padStart(valueOf(measures['lag.time.p99'], 'p50'), 16),
      ];
    }),
  ];
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((part * 1_000_000) / whole);
}

export function nameOf({ name }: { readonly name: string }): string {
  return name === '' ? '(as written)' : visible(name);
}

// --- One configuration ---

function details(c: ConfigurationRecord, named: boolean, paint: Paint): string[] {
  return [
    ...(named ? [MARGIN + paint.strong(cut(nameOf(c), WIDTH - 2))] : []),
    ...expectations(c, paint),
    ...doubts(c).flatMap((doubt) => labelled('unsure', doubt, paint, paint.unsure)),
    ...measured(c, paint),
    ...guarantees(c, paint),
    ...reached(c, paint),
    ...failures(c, paint),
  ];
}

function expectations({ expectations }: ConfigurationRecord, paint: Paint): string[] {
  if (expectations.length === 0) return [`${MARGIN}nothing is expected of it (no "expect:")`];
  const name = column(
    expectations.map((e) => visible(e.name)),
    22,
  );
  const wanted = column(
    expectations.map((e) => visible(e.expected)),
    10,
  );
  const width = 4 + name + 2 + 9 + wanted;
  return [
    MARGIN + paint.dim(`${padEnd('', width)} violated     rate  95 % interval`),
    ...few(expectations, 12, (e) => {
      const what = padEnd(cut(visible(e.name), name), name);
      const expected = padEnd(cut(visible(e.expected), wanted), wanted);
      const { violated, rate, unknown } = e;
      return [
        `${MARGIN}${markOf(e, paint)}  ${what}  expected ${expected}` +
          padStart(count(violated), 9) +
          padStart(`${percent(rate.ppm)} %`, 9) +
          padStart(`${percent(rate.lowPpm)}-${percent(rate.highPpm)} %`, 15),
        ...(unknown === 0 ? [] : [`${MARGIN}    unknown in ${plural(unknown, 'run')}`]),
      ];
    }),
  ];
}

function markOf({ violated, unknown }: ExpectationRecord, paint: Paint): string {
  if (violated > 0) return paint.bad('x ');
  return unknown > 0 ? paint.unsure('? ') : paint.good('ok');
}

/** Parts per million as a percentage with one decimal place, by whole numbers. */
export function percent(ppm: number): string {
  const tenths = Math.floor((ppm + 500) / 1_000);
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

function doubts({ runs, faults }: ConfigurationRecord): string[] {
  const found: string[] = [];
  if (runs.inconclusive > 0) found.push(`${plural(runs.inconclusive, 'run')} proved nothing`);
  if (runs.broken > 0) found.push(`${plural(runs.broken, 'run')} ended by a bug of ours`);
  const idle = faults.flatMap(({ runs }, i) => (runs === 0 ? [`#${i + 1}`] : []));
  if (idle.length > 0) found.push(`fault ${idle.join(', ')} fired in none of the runs`);
  return found;
}

/** Measures that have a line when they are not 0; the first two always have. */
const SHOWN: readonly (readonly [measure: string, label: string, always: boolean])[] = [
  ['lost', 'lost', true],
  ['duplicates.stored', 'duplicates stored', false],
  ['duplicates.delivered', 'duplicates delivered', false],
  ['duplicates.effects', 'duplicate effects', true],
  ['ordering.inversions', 'inversions', false],
  ['ordering.rewinds', 'rewinds', false],
  ['pending', 'pending', false],
  ['deadLettered', 'dead letters', false],
  ['lag.time.p99', 'lag p99', true],
  ['latency.p99', 'latency p99', true],
];

function measured({ measures }: ConfigurationRecord, paint: Paint): string[] {
  const rows = SHOWN.filter(([of, , always]) => {
    const found = measures[of] as MeasureRecord | undefined;
    return found !== undefined && (always || found.max > 0);
  });
  const head =
    padEnd('over the runs', 22) + ['median', 'p99', 'max'].map((h) => padStart(h, 14)).join('');
  return [
    MARGIN + paint.dim(head),
    ...rows.map(([of, label]) => {
      const values = (['p50', 'p99', 'max'] as const).map((p) => valueOf(measures[of], p));
      return MARGIN + padEnd(label, 22) + values.map((value) => padStart(value, 14)).join('');
    }),
  ];
}

export function valueOf(measure: MeasureRecord | undefined, of: 'p50' | 'p99' | 'max'): string {
  if (measure === undefined) return '-';
  return measure.unit === 'us' ? formatTime(measure[of]) : count(measure[of]);
}

function guarantees({ guarantees }: ConfigurationRecord, paint: Paint): string[] {
  const kinds = Object.entries(guarantees).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (kinds.length === 0) return [];
  return labelled('observed', kinds.map(([kind, n]) => `${kind} ${count(n)}`).join(', '), paint);
}

/** How often the interesting things happened at all: a sweep that never met them proves little. */
function reached({ faults, counters, runs }: ConfigurationRecord, paint: Paint): string[] {
  const events = Object.entries(counters)
    .sort(([a, x], [b, y]) => y.runs - x.runs || (a < b ? -1 : 1))
    .map(([name, { runs }]) => `${visible(name)} in ${count(runs)}`);
  const most = 12;
  const more = events.length > most ? [`and ${events.length - most} more`] : [];
  const text = [...events.slice(0, most), ...more].join(', ');
  return [
    ...few(faults, 6, ({ fault, runs: fired, line }, i) => {
      const where = line === undefined ? '' : ` (line ${line})`;
      const end = `: fired in ${count(fired)} of ${count(runs.done)}${where}`;
      const start = `fault #${i + 1}  `;
      const room = WIDTH - MARGIN.length - widthOf(start + end);
      return [MARGIN + paint.dim(start) + cut(visible(fault), room) + end];
    }),
    ...(text === '' ? [] : labelled('reached', `${text} of the runs`, paint)),
  ];
}

function failures({ failures }: ConfigurationRecord, paint: Paint): string[] {
  return few(failures, 4, ({ violated, cause, runs, first }) => {
    const what = violated.map(visible).join(', ');
    const why = cause === '' ? what : `${what}: ${visible(cause)}`;
    return [
      ...labelled('failure', `in ${plural(runs, 'run')}, ${cut(why, 180)}`, paint, paint.bad),
      ...command('first', first.replay, paint),
    ];
  });
}
