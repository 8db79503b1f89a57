import type {
  ExpectationResult,
  FaultResult,
  RunRecord,
  RunVerdict,
  Witness,
} from '../sim/history/record.ts';
import { formatTime } from '../sim/kernel/time.ts';
import { stepTime, type Step } from './biography.ts';
import { command, few, label, labelled, MARGIN } from './lines.ts';
import { measured } from './measured.ts';
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
  wrap,
  type Paint,
} from './text.ts';

/** All that the report of one run says. */
export interface RunView {
  /** Its verdict is that of this run alone, without variants. */
  readonly run: RunRecord;
  /** Runs of its variants, each with its own verdict. */
  readonly variants?: readonly RunRecord[];
  /** The life of the message that the first finding is about. */
  readonly story?: {
    readonly witness: Witness;
    readonly steps: readonly Step[];
    /** What each client believed of it when that had happened. */
    readonly believed: readonly string[];
  };
  /** What reruns without a fault came to: "fault #1: duplicates.stored would be 0". */
  readonly butFor: readonly string[];
  /** The command that shows this run again. */
  readonly replay: string;
  /** The whole token, when it shall be shown: one word, as long as it is. */
  readonly token?: string;
}

/** For one of several: "ok  kafka/lost-ack.yaml  seed 42  4 expectations", and the run again. */
export function briefReport(view: RunView, paint: Paint = PLAIN): string {
  const { run, variants = [] } = view;
  const expected = plural(run.expectations.length, 'expectation');
  const what =
    variants.length === 0 ? expected : `${expected}, ${plural(variants.length, 'variant')}`;
  return lines(heading(run, what, paint), ...command('reproduce', view.replay, paint));
}

/** The whole report of one run: a screen, when the scenario is of ordinary size. */
export function fullReport(view: RunView, paint: Paint = PLAIN): string {
  const { run, token, variants = [] } = view;
  const size = `${formatTime(run.virtualTimeUs)} virtual, ${count(run.events)} events`;
  return lines(
    heading(run, '', paint),
    paint.dim(`      ${cut(title(run), WIDTH - 10 - widthOf(size))}  (${size})`),
    '',
    ...expectations(run.expectations, paint),
    ...doubts(run).flatMap((doubt) => labelled('unsure', doubt, paint, paint.unsure)),
    // With variants there is more to show, and one screen.
    ...(variants.length === 0 ? [''] : []),
    ...measured(run, variants, paint),
    ...faults(run, paint),
    ...actions(run, paint),
    ...inside(run, paint),
    ...why(view, paint),
    ...view.butFor.flatMap((says) => labelled('but for', visible(says), paint)),
    '',
    ...command('replay', view.replay, paint),
    // The one line that may be longer: a token in two pieces is no token.
    ...(token === undefined ? [] : [`${MARGIN}${label('token', paint)}${token}`]),
  );
}

/** "5 files: 3 ok, 1 failed, 1 not run": the last line of a run of several. */
export function summaryLine(
  files: number,
  verdicts: readonly RunVerdict[],
  paint: Paint = PLAIN,
): string {
  const times = (verdict: RunVerdict) => verdicts.filter((v) => v === verdict).length;
  const parts = [
    [times('pass'), 'ok', paint.good],
    [times('fail'), 'failed', paint.bad],
    [times('inconclusive'), 'inconclusive', paint.unsure],
    [files - verdicts.length, 'not run', paint.bad],
  ] as const;
  const shown = parts.filter(([n]) => n > 0).map(([n, word, tone]) => tone(`${count(n)} ${word}`));
  return `${plural(files, 'file')}: ${shown.join(', ')}`;
}

const lines = (...all: readonly string[]) => all.join('\n');

// --- The head ---

const WORDS: Record<RunVerdict, string> = { pass: 'ok  ', fail: 'FAIL', inconclusive: '??  ' };

function verdictWord(verdict: RunVerdict, paint: Paint): string {
  const tone = { pass: paint.good, fail: paint.bad, inconclusive: paint.unsure }[verdict];
  return paint.strong(tone(WORDS[verdict]));
}

function heading(run: RunRecord, what: string, paint: Paint): string {
  const rest = `  seed ${cut(visible(run.seed), 20)}${what === '' ? '' : '  '}${what}`;
  // Of a long path the end is what tells it from others.
  const file = cutStart(visible(run.file), WIDTH - 6 - widthOf(rest));
  return `${verdictWord(run.verdict, paint)}  ${paint.strong(file)}${paint.dim(rest)}`;
}

function title(run: RunRecord): string {
  const variant = run.variant === undefined ? '' : `variant ${visible(run.variant)} of: `;
  return variant + visible(run.scenario);
}

// --- Expectations, doubts, faults ---

const MARKS = { holds: 'ok', violated: 'x ', unknown: '? ' } as const;
/** Up to here each expectation has a line; beyond, those that hold share one. */
const SMALL = 3;

function expectations(all: readonly ExpectationResult[], paint: Paint): string[] {
  if (all.length === 0) return [`${MARGIN}nothing is expected of it (no "expect:")`];
  const held = all.length <= SMALL ? [] : all.filter((e) => e.verdict === 'holds');
  const rows = all.filter((e) => !held.includes(e));
  const name = column(
    rows.map((e) => visible(e.name)),
    32,
  );
  const wanted = column(
    rows.map((e) => visible(e.expected)),
    16,
  );
  return [
    ...few(rows, 12, (e) => {
      const tone = { holds: paint.good, violated: paint.bad, unknown: paint.unsure }[e.verdict];
      const what = padEnd(cut(visible(e.name), name), name);
      const expected = padEnd(cut(visible(e.expected), wanted), wanted);
      const got = cut(visible(e.actual), WIDTH - 22 - name - wanted);
      return [`${MARGIN}${tone(MARKS[e.verdict])}  ${what}  expected ${expected}  got ${got}`];
    }),
    ...together(held, paint),
  ];
}

/** What is as expected, in a paragraph: it matters least. */
function together(held: readonly ExpectationResult[], paint: Paint): string[] {
  if (held.length === 0) return [];
  const texts = held.map((e) => `${visible(e.name)} ${visible(e.actual)}`);
  return wrap(cut(texts.join(', '), 220), WIDTH - 6).map(
    (line, i) => `${MARGIN}${i === 0 ? paint.good(MARKS.holds) : '  '}  ${line}`,
  );
}

/** Why an inconclusive run proves nothing: the bound that was hit, the faults that never fired. */
function doubts(run: RunRecord): string[] {
  if (run.verdict !== 'inconclusive') return [];
  const found: string[] = [];
  const open = 'what was still on its way may have come later';
  if (run.ended === 'time')
    found.push(`stopped at ${formatTime(run.virtualTimeUs)}, its bound: ${open}`);
  if (run.ended === 'events')
    found.push(`stopped after ${count(run.events)} events, its bound: ${open}`);
  const silent = run.faults.flatMap((fault, i) => (fault.fired === 0 ? [`#${i + 1}`] : []));
  if (silent.length > 0) {
    const names = silent.slice(0, 8).join(', ') + (silent.length > 8 ? ', ...' : '');
    const which = silent.length === 1 ? `fault ${names}` : `faults ${names}`;
    found.push(`${which} never fired, so this was another run than the one that was asked for`);
  }
  for (const { action, why } of (run.actions ?? []).filter((a) => !a.done).slice(0, 3)) {
    found.push(`not done: ${visible(action)}: ${visible(why ?? 'it never came to it')}`);
  }
  const unknown = run.expectations.filter((e) => e.verdict === 'unknown');
  for (const e of unknown.slice(0, 3))
    found.push(`${visible(e.name)}: ${visible(e.why ?? 'unknown')}`);
  return found;
}

function faults(run: RunRecord, paint: Paint): string[] {
  return few(run.faults, 6, (fault, i) => {
    const tone = fault.fired === 0 ? paint.unsure : undefined;
    return labelled(`fault #${i + 1}`, faultText(fault), paint, tone);
  });
}

function actions(run: RunRecord, paint: Paint): string[] {
  return few(run.actions ?? [], 6, ({ action, done, line }, i) => {
    const at = line === undefined ? '' : ` (line ${line})`;
    const text = `${visible(action)}: ${done ? 'done' : 'not done'}${at}`;
    return labelled(`action #${i + 1}`, text, paint, done ? undefined : paint.unsure);
  });
}

function faultText({ fault, fired, line }: FaultResult): string {
  const times =
    fired === 0 ? 'never fired' : fired === 1 ? 'fired once' : `fired ${count(fired)} times`;
  return `${visible(fault)}: ${times}${line === undefined ? '' : ` (line ${line})`}`;
}

/** What a system claims of its inside and did not keep; the rule of an old version may be why. */
function inside(run: RunRecord, paint: Paint): string[] {
  const violated = (run.model ?? []).filter((finding) => finding.verdict === 'violated');
  return few(violated, 4, ({ name, violations, witnesses: [first] }) => {
    const times = violations === 1 ? 'once' : `${count(violations)} times`;
    const what = `${visible(name)} violated ${times}`;
    const says = `${what}; at ${formatTime(first.atUs)} ${visible(first.says)}`;
    return labelled('inside', cut(says, 220), paint, paint.bad);
  });
}

// --- Why ---

function why(view: RunView, paint: Paint): string[] {
  if (view.story === undefined) return [];
  const { witness, steps } = view.story;
  // With variants there is more to show, and one screen.
  const believed = (view.variants ?? []).length > 0 ? [] : view.story.believed;
  const says = cut(`${visible(witness.message)}: ${visible(witness.says)}`, 130);
  const time = column(steps.map(stepTime), 14);
  const who = column(
    steps.map((step) => visible(step.who)),
    34,
  );
  const room = WIDTH - 4 - time - 2 - who - 2;
  return [
    '',
    ...labelled('why', says, paint, paint.strong),
    ...steps.map((step) => {
      const tone = { plain: (text: string) => text, bad: paint.bad, odd: paint.unsure }[step.tone];
      const at = paint.dim(padStart(stepTime(step), time));
      const actors = padEnd(cut(visible(step.who), who), who);
      return `    ${at}  ${actors}  ${tone(cut(visible(step.says), room))}`;
    }),
    ...(believed.length === 0
      ? []
      : labelled('believed', cut(visible(believed.join('; ')), 130), paint)),
  ];
}
