import type { ColumnRecord, ComparedMeasure, CompareRecord } from '../sim/explore/sweep/compare.ts';
import type { Paired } from '../sim/explore/sweep/pairs.ts';
import type { Sighting } from '../sim/explore/sweep/measures.ts';
import type { RunVerdict } from '../sim/history/record.ts';
import { formatTime } from '../sim/kernel/time.ts';
import { command, few, labelled, MARGIN } from './lines.ts';
import { nameOf, percent, verdictWord } from './sweep.ts';
import {
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

/** Columns side by side; more stand below. */
const BESIDE = 4;
const LABEL = 26;
const COLUMN = 12;

/** Configurations side by side: which guarantees broke, and what that costs in time. */
export function compareReport(record: CompareRecord, paint: Paint = PLAIN): string {
  const { columns } = record;
  const blocks = Array.from({ length: Math.ceil(columns.length / BESIDE) }, (_, i) => {
    const some = columns.slice(i * BESIDE, (i + 1) * BESIDE);
    return { some, letters: some.map((_, k) => letter(i * BESIDE + k)) };
  });
  return [
    ...heading(record, paint),
    ...columns.map((c, i) => `${MARGIN}${paint.strong(letter(i))}  ${cut(nameOf(c), WIDTH - 5)}`),
    ...regressions(record, paint),
    ...blocks.flatMap(({ some, letters }) => ['', ...matrix(some, letters, paint)]),
    ...rule(columns, paint),
    ...blocks.flatMap(({ some, letters }) => ['', ...times(some, letters, paint)]),
    ...pairs(record, paint),
    ...examples(columns, paint),
  ].join('\n');
}

const letter = (i: number): string => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[i];

function heading(record: CompareRecord, paint: Paint): string[] {
  const { verdict, file, seeds, runs, scenario, ended, differs, columns } = record;
  const rest = `  seeds ${cut(seeds, 24)}  ${columns.length} x ${plural(columns[0].runs.done, 'run')}`;
  const name = cutStart(visible(file), WIDTH - 6 - widthOf(rest));
  const early = `ended early (${ended}): ${count(runs.done)} of ${plural(runs.planned, 'run')}`;
  const apart = `not only the settings differ: ${differs.join(', ')}`;
  return [
    `${verdictWord(decided(record) ?? verdict, paint)}  ${paint.strong(name)}${paint.dim(rest)}`,
    paint.dim(`      ${cut(visible(scenario), WIDTH - 6)}`),
    ...(ended === 'finished' ? [] : [MARGIN + paint.unsure(early)]),
    ...(differs.length === 0 ? [] : labelled('unsure', apart, paint, paint.unsure)),
    '',
  ];
}

function row(label: string, cells: readonly string[]): string {
  return MARGIN + padEnd(label, LABEL) + cells.map((cell) => padStart(cell, COLUMN)).join('');
}

// --- Guarantees ---

const SEEN: Readonly<Record<Sighting, string>> = {
  lost: 'a message lost',
  'duplicates.stored': 'stored twice',
  'duplicates.delivered': 'delivered twice',
  'duplicates.effects': 'an effect twice',
  'ordering.inversions': 'out of order',
};
const SIGHTINGS = Object.keys(SEEN) as readonly Sighting[];

function matrix(
  columns: readonly ColumnRecord[],
  letters: readonly string[],
  paint: Paint,
): string[] {
  const tone = (cell: string, runs: number) => (runs > 0 ? paint.bad(cell) : paint.good(cell));
  return [
    paint.dim(row('seen in how many runs', letters)),
    ...SIGHTINGS.map((sighting) => {
      const cells = columns.map(({ seen }) => {
        const { runs } = seen[sighting];
        return tone(padStart(runs === 0 ? 'never' : count(runs), COLUMN), runs);
      });
      return MARGIN + padEnd(SEEN[sighting], LABEL) + cells.join('');
    }),
    row('weakest guarantee', columns.map(weakest)),
    row(
      'as expected',
      columns.map(({ verdict, runs }) => {
        if (verdict === 'fail') return `not in ${count(runs.failed)}`;
        return verdict === 'pass' ? 'ok' : 'unsure';
      }),
    ),
  ];
}

/** Weakest first: the least that one of the runs gave. */
const GUARANTEES = [
  ['none', 'none'],
  ['at-most-once', 'at most'],
  ['at-least-once', 'at least'],
  ['exactly-once', 'exactly'],
] as const;

function weakest({ guarantees }: ColumnRecord): string {
  const runs = (kind: keyof ColumnRecord['guarantees']) => guarantees[kind] ?? 0;
  const lossy = runs('at-most-once') > 0;
  const doubling = runs('at-least-once') > 0;
  if (lossy && doubling) return 'none';
  return GUARANTEES.find(([kind]) => runs(kind) > 0)?.[1] ?? '-';
}

/** What "never" is worth: the rule of three, nearly. */
function rule(columns: readonly ColumnRecord[], paint: Paint): string[] {
  const nevers = columns.flatMap(({ seen }) =>
    SIGHTINGS.map((sighting) => seen[sighting]).filter(({ runs }) => runs === 0),
  );
  const bound = nevers.reduce((most, { rate }) => Math.max(most, rate.highPpm), 0);
  const text = `in less than ${percent(bound)} % of all seeds, with 95 % confidence`;
  return nevers.length === 0 ? [] : labelled('never', text, paint);
}

// --- What it costs ---

const TIMES: readonly (readonly [measure: string, of: 'p50' | 'p99', label: string])[] = [
  ['latency.p50', 'p50', 'latency p50, median'],
  ['latency.p99', 'p50', 'latency p99, median'],
  ['latency.p99', 'p99', 'latency p99, p99'],
  ['lag.time.p99', 'p50', 'lag p99, median'],
  ['lag.time.max', 'p99', 'lag max, p99'],
];

/** Column A in full, the others by how they differ from it. */
function times(
  columns: readonly ColumnRecord[],
  letters: readonly string[],
  paint: Paint,
): string[] {
  return [
    paint.dim(
      row(
        'over the runs',
        letters.map((l) => (l === 'A' ? l : `${l} - A`)),
      ),
    ),
    ...TIMES.map(([measure, of, label]) => {
      const cells = columns.map(({ measures }, i) =>
        letters[i] === 'A' ? formatTime(measures[measure][of]) : delta(measures[measure], of),
      );
      return row(label, cells);
    }),
  ];
}

/** What percentiles of one run are not exact to: a smaller difference may be none. */
const GRAIN = 400;

function delta({ delta, ...measure }: ComparedMeasure, of: 'p50' | 'p99'): string {
  const us = delta[of];
  if (Math.abs(us) * GRAIN <= measure[of]) return 'same';
  return us > 0 ? `+${formatTime(us)}` : `-${formatTime(-us)}`;
}

// --- Seed by seed ---

const PAIRED: readonly (readonly [measure: string, label: string])[] = [
  ['lost', 'messages lost'],
  ['duplicates.effects', 'effects twice'],
  ['ordering.inversions', 'out of order'],
  ['latency.p99', 'latency p99'],
  ['lag.time.p99', 'lag p99'],
];

/** More would not fit a screen. */
const PAIRS_MAX = 2;

/** How much each column differs from its base under the same luck, where it differs at all. */
function pairs({ columns, base }: CompareRecord, paint: Paint): string[] {
  const against = base === undefined ? 'A' : 'base';
  if (columns.filter(({ paired }) => paired !== undefined).length > PAIRS_MAX) {
    const line = 'the differences of each seed: two or three columns at a time, or --json';
    return ['', MARGIN + paint.dim(line)];
  }
  return columns.flatMap(({ paired }, i) => {
    if (paired === undefined) return [];
    const rows = PAIRED.flatMap(([measure, label]) => {
      const one = paired[measure];
      if (one.more + one.less === 0) return [];
      const same = one.pairs - one.more - one.less;
      const mean = signed(one.meanMilli, one.unit);
      const half = amount(one.halfMilli, one.unit);
      const seeds = `${count(one.more)} / ${count(one.less)} / ${count(same)}`;
      return [pairRow(label, mean, `+- ${half}`, seeds)];
    });
    const head = pairRow(`${letter(i)} - ${against}, each seed`, 'mean', '95 %', 'more/less/same');
    const none = `${letter(i)} - ${against}: no difference in any seed`;
    return ['', ...(rows.length === 0 ? [MARGIN + none] : [paint.dim(head), ...rows])];
  });
}

function pairRow(label: string, mean: string, half: string, seeds: string): string {
  return MARGIN + padEnd(label, 22) + padStart(mean, 14) + padStart(half, 18) + padStart(seeds, 20);
}

function signed(milli: number, unit: ComparedMeasure['unit']): string {
  return `${milli < 0 ? '-' : '+'}${amount(Math.abs(milli), unit)}`;
}

/** Thousandths of the unit, as a person reads them. */
function amount(milli: number, unit: ComparedMeasure['unit']): string {
  if (unit === 'us') return formatTime(Math.round(milli / 1000));
  const rest = String(milli % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return count(Math.floor(milli / 1000)) + (rest === '' ? '' : `.${rest}`);
}

/** Rules decide, where there are any. */
function decided({ regressions }: CompareRecord): RunVerdict | undefined {
  if (regressions === undefined) return undefined;
  if (regressions.some((r) => r.verdict === 'violated')) return 'fail';
  return regressions.every((r) => r.verdict === 'holds') ? 'pass' : 'inconclusive';
}

/** What decides: each rule, and the column that breaks it. */
function regressions({ columns, regressions = [] }: CompareRecord, paint: Paint): string[] {
  if (regressions.length === 0) return [];
  const lines = regressions.map(({ rule, column, verdict, why, paired }) => {
    const tone = { holds: paint.good, violated: paint.bad, unknown: paint.unsure }[verdict];
    const mark = { holds: 'ok', violated: 'x ', unknown: '? ' }[verdict];
    const place = letter(columns.findIndex((c) => c.name === column));
    return `${MARGIN}${tone(mark)}  ${place}  ${padEnd(cut(visible(rule), 28), 28)}  ${
      why ?? (paired === undefined ? '' : change(paired))
    }`;
  });
  return ['', ...lines];
}

function change({ meanMilli, baseMilli, unit }: Paired): string {
  if (meanMilli === 0) return 'no difference';
  const share = baseMilli === 0 ? '' : `, ${percentChange(meanMilli, baseMilli)}`;
  return `${signed(meanMilli, unit)}${share}`;
}

function percentChange(part: number, whole: number): string {
  const tenths = Math.round((Math.abs(part) * 1000) / whole);
  return `${part < 0 ? '-' : '+'}${Math.floor(tenths / 10)}.${tenths % 10} %`;
}

// --- Runs that show it ---

/** One run for each way to break a guarantee in each column; runs that show several, once. */
function examples(columns: readonly ColumnRecord[], paint: Paint): string[] {
  const shown = new Map<string, string[]>();
  columns.forEach(({ seen }, i) => {
    for (const sighting of SIGHTINGS) {
      const { example } = seen[sighting];
      if (example === undefined) continue;
      const what = `${letter(i)}\n${example.replay}`;
      shown.set(what, [...(shown.get(what) ?? []), SEEN[sighting]]);
    }
  });
  return few([...shown], 6, ([what, seen]) => {
    const [column, replay] = what.split('\n');
    return [
      '',
      ...labelled(`see in ${column}`, seen.join(', '), paint),
      ...command('', replay, paint),
    ];
  });
}
