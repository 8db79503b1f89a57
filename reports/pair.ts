import { formatTime, type Micros } from '../sim/kernel/time.ts';
import type { Step } from './biography.ts';
import { label, labelled, MARGIN } from './lines.ts';
import { cut, padEnd, padStart, PLAIN, plural, visible, WIDTH, wrap, type Paint } from './text.ts';

/** One thing that a client did or was handed. */
export interface Seen {
  readonly at: Micros;
  readonly says: string;
}

/** One of two runs that look alike to a client. */
export interface RunOfPair {
  /** Faults, as labels; none: the run as it is. */
  readonly placed: readonly string[];
  /** What happened where the client cannot look, and only in this run. */
  readonly hidden: readonly Step[];
  /** "stored", "not stored". */
  readonly truth: string;
  /** What would be right here: "leave it", "send it again". */
  readonly needs: string;
  /** What the run came to in the end. */
  readonly came: string;
  readonly token: string;
}

export interface PairView {
  readonly message: string;
  /** What the client does, in both: "sends it again". */
  readonly does: string;
  readonly at: Micros;
  readonly seen: readonly Seen[];
  /** Entries of the client's history, compared one by one. */
  readonly entries: number;
  readonly runs: readonly [RunOfPair, RunOfPair];
}

/** What `explore --indistinguishable` found. */
export interface PairReport {
  readonly file: string;
  readonly scenario: string;
  readonly seed: string;
  readonly client: string;
  readonly space: string;
  readonly tried: number;
  readonly histories: number;
  readonly exhausted: boolean;
  readonly stopped: string;
  readonly pair: PairView | undefined;
}

const LABEL = 10;
const GAP = 2;
const COLUMN = Math.floor((WIDTH - MARGIN.length - LABEL - GAP) / 2);

export function pairReport(report: PairReport, paint: Paint = PLAIN): string {
  const { pair, exhausted, stopped, client } = report;
  const word =
    pair !== undefined
      ? paint.bad('FOUND')
      : exhausted
        ? paint.good('ok   ')
        : paint.unsure('??   ');
  const end =
    stopped !== '' ? `stopped by its bound: ${stopped}` : exhausted ? 'all there are' : 'a pair';
  const tried =
    `${plural(report.tried, 'placement')}, ` +
    `${plural(report.histories, 'history', 'histories')} that lead to a decision: ${end}`;
  return [
    `${paint.strong(word)} ${paint.strong(visible(report.file))}${paint.dim(`  seed ${visible(report.seed)}`)}`,
    paint.dim(`      ${cut(visible(report.scenario), WIDTH - 6)}`),
    '',
    ...labelled('client', visible(client), paint),
    ...labelled('space', visible(report.space), paint),
    ...labelled('tried', tried, paint),
    ...(pair === undefined
      ? exhausted
        ? labelled(
            'proved',
            `${visible(client)} can tell all these runs apart where it matters`,
            paint,
          )
        : []
      : ['', ...pairLines(client, pair, paint)]),
  ].join('\n');
}

/** The shared lane, then the two runs side by side, then what follows. */
export function pairLines(client: string, pair: PairView, paint: Paint = PLAIN): string[] {
  const [first, second] = pair.runs;
  const who = visible(client);
  const entries = `${plural(pair.entries, 'entry', 'entries')} of its history, equal one by one`;
  return [
    ...labelled('same', `what ${who} sees of ${visible(pair.message)} in both runs`, paint),
    ...pair.seen.map(({ at, says }) => {
      return `  ${paint.dim(padStart(formatTime(at), 12))}  ${cut(visible(says), WIDTH - 16)}`;
    }),
    `  ${padStart('', 12)}  ${paint.dim(cut(entries, WIDTH - 16))}`,
    '',
    ...columns('', 'run 1', 'run 2', paint),
    ...columns('by', faultsOf(first), faultsOf(second), paint),
    ...hiddenLines(first.hidden, second.hidden, paint),
    ...columns('truth', first.truth, second.truth, paint),
    ...columns('needs', first.needs, second.needs, paint),
    ...columns('does', pair.does, pair.does, paint),
    ...columns('comes to', first.came, second.came, paint),
    '',
    ...labelled(
      'so',
      `no rule that looks at what ${who} sees is right in both`,
      paint,
      paint.strong,
    ),
    ...[first, second].flatMap(({ token }, i) =>
      token === '' ? [] : [`${MARGIN}${label(`token ${i + 1}`, paint)}${token}`],
    ),
  ];
}

const faultsOf = ({ placed }: RunOfPair) => (placed.length === 0 ? 'no fault' : placed.join('; '));

function hiddenLines(first: readonly Step[], second: readonly Step[], paint: Paint): string[] {
  const says = (step: Step | undefined) =>
    step === undefined ? '' : `${formatTime(step.at)} ${step.who}: ${step.says}`;
  return Array.from({ length: Math.max(first.length, second.length) }, (_, i) =>
    columns(i === 0 ? 'hidden' : '', says(first[i]), says(second[i]), paint),
  ).flat();
}

/** Two texts beside each other, each wrapped within its half. */
function columns(word: string, left: string, right: string, paint: Paint): string[] {
  const [a, b] = [left, right].map((text) => wrap(visible(text), COLUMN));
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const head = i === 0 ? label(word, paint) : padEnd('', LABEL);
    const line = `${MARGIN}${head}${padEnd(a[i] ?? '', COLUMN + GAP)}${b[i] ?? ''}`;
    return line.trimEnd();
  });
}

export function pairJson(report: PairReport): string {
  return `${JSON.stringify({ format: 'lost-ack/pair/1', ...report, pair: report.pair ?? null }, null, 2)}\n`;
}
