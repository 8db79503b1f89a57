import type { Search } from '../sim/explore/search/search.ts';
import { labelled } from './lines.ts';
import { fullReport, type RunView } from './terminal.ts';
import { count, cut, PLAIN, plural, visible, WIDTH, type Paint } from './text.ts';

/** What was searched, and within which bounds: without them no result means anything. */
export interface Space {
  readonly scenario: string;
  readonly file: string;
  readonly seed: string;
  /** What a run is held to: "loss 0". */
  readonly expects: readonly string[];
  readonly kinds: readonly string[];
  readonly maxFaults: number;
  /** Places at which the run without added faults offered one. */
  readonly places: number;
  /** Narrower than everything: "messages ProduceResponse", "before 2 s". */
  readonly bounds: readonly string[];
}

/** A violation that was found, and the smallest scenario that shows it. */
export interface Finding {
  /** "duplicates.effects above". */
  readonly anomaly: string;
  /** The faults with which it was found, as labels; none: it needs none. */
  readonly placed: readonly string[];
  readonly shrunk: ShrunkView | undefined;
}

export interface ShrunkView {
  /** The scenario file. */
  readonly text: string;
  readonly runs: number;
  readonly complete: boolean;
  /** "from 10 messages and 3 faults to 1 message and 1 fault". */
  readonly says: string;
  readonly view: RunView;
}

export interface Exploration {
  readonly space: Space;
  readonly searches: readonly Search[];
  readonly finding: Finding | undefined;
}

/** What `explore` prints. */
export function explorationReport(report: Exploration, paint: Paint = PLAIN): string {
  const { searches, finding } = report;
  const done = searches.some((search) => search.exhausted);
  const word =
    finding !== undefined ? paint.bad('FOUND') : done ? paint.good('ok   ') : paint.unsure('??   ');
  return [
    ...head(report.space, word, paint),
    ...searches.flatMap((search) => labelled(search.strategy, searchText(search), paint)),
    ...labelled('exhausted', done ? 'yes' : 'no', paint),
    ...(finding === undefined ? [] : ['', ...findingLines(finding, paint)]),
  ].join('\n');
}

export function head(space: Space, word: string, paint: Paint): string[] {
  const { scenario, file, seed, expects, kinds, maxFaults, places, bounds } = space;
  const within = bounds.length === 0 ? '' : `; ${bounds.join('; ')}`;
  const text =
    `at most ${plural(maxFaults, 'fault')} of ${kinds.join(', ')}; ` +
    `${plural(places, 'place')} in the run without them${within}`;
  return [
    `${paint.strong(word)} ${paint.strong(visible(file))}${paint.dim(`  seed ${visible(seed)}`)}`,
    paint.dim(`      ${cut(visible(scenario), WIDTH - 6)}`),
    '',
    ...labelled('expects', visible(expects.join(', ')), paint),
    ...labelled('space', visible(text), paint),
  ];
}

function searchText({ tried, runs, found, unproved, stopped, exhausted }: Search): string {
  const size = `${plural(tried, 'placement')}${runs > tried ? `, ${plural(runs, 'run')}` : ''}`;
  const cutShort = unproved === 0 ? '' : `; ${plural(unproved, 'run')} proved nothing`;
  if (found !== undefined) {
    const many = plural(found.placed.length, 'fault');
    const by = found.by === undefined ? '' : `, by ${found.by}`;
    return `${size}${cutShort}: ${found.violated.join(', ')}, with ${many}${by}`;
  }
  const end =
    stopped !== ''
      ? `stopped by its bound: ${stopped}`
      : exhausted
        ? 'all there are'
        : 'nothing left to try';
  return `${size}${cutShort}: ${end}`;
}

/** The finding, the scenario that shows it, and that scenario's own report. */
export function findingLines({ anomaly, placed, shrunk }: Finding, paint: Paint): string[] {
  const found = [
    ...labelled('found', visible(anomaly), paint, paint.bad),
    ...placed.flatMap((fault) => labelled('by', visible(fault), paint)),
    ...(placed.length === 0 ? labelled('by', 'no fault at all: the run as it is', paint) : []),
  ];
  if (shrunk === undefined) {
    return [...found, ...labelled('shrunk', 'no: written as a scenario it does not show', paint)];
  }
  return [...found, ...shrunkLines(shrunk, paint)];
}

export function shrunkLines(shrunk: ShrunkView, paint: Paint): string[] {
  return [...smallestLines(shrunk, paint), '', fullReport(shrunk.view, paint)];
}

/** The smallest scenario that shows a failure, without its own report. */
export function smallestLines(
  { says, runs, complete, text }: Omit<ShrunkView, 'view'>,
  paint: Paint = PLAIN,
): string[] {
  const stopped = complete ? '' : '; stopped by its bound, so more may go';
  return [
    ...labelled('shrunk', `${says} (${plural(runs, 'run')}${stopped})`, paint),
    '',
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `    ${visible(line)}`),
  ];
}

/** How often each size was tried, and what all those runs came to. */
export interface Certificate {
  readonly space: Space;
  /** Placements with 0, 1, 2, ... faults. */
  readonly sizes: readonly number[];
  readonly runs: number;
  readonly events: number;
  /** "loss 0", "duplicates.stored 0..2". */
  readonly measured: readonly string[];
  readonly unproved: number;
  readonly exhausted: boolean;
  readonly stopped: string;
  readonly finding: Finding | undefined;
}

/** What `verify` prints: a certificate, or the smallest counterexample. */
export function certificateReport(report: Certificate, paint: Paint = PLAIN): string {
  const { space, sizes, measured, unproved, exhausted, stopped, finding, events } = report;
  const total = sizes.reduce((sum, n) => sum + n, 0);
  const proved = exhausted && unproved === 0 && finding === undefined;
  const word =
    finding !== undefined
      ? paint.bad('FOUND')
      : proved
        ? paint.good('ok   ')
        : paint.unsure('??   ');
  const bySize = sizes.map((n, size) => `${count(n)} with ${size}`).join(', ');
  const which = proved ? `all ${plural(total, 'placement')}` : plural(total, 'placement');
  const says = `${which} with at most ${plural(space.maxFaults, 'fault')}: ${measured.join(', ')}`;
  return [
    ...head(space, word, paint),
    ...labelled('tried', `${bySize} (${count(events)} events)`, paint),
    ...labelled(proved ? 'proved' : 'seen', says, paint, proved ? paint.good : undefined),
    ...(stopped === '' ? [] : labelled('stopped', `by its bound: ${stopped}`, paint, paint.unsure)),
    ...(unproved === 0
      ? []
      : labelled('unsure', `${plural(unproved, 'run')} proved nothing`, paint, paint.unsure)),
    ...(proved ? boundsLines(space, paint) : []),
    ...(finding === undefined ? [] : ['', ...findingLines(finding, paint)]),
  ].join('\n');
}

function boundsLines({ seed, bounds }: Space, paint: Paint): string[] {
  const says = `this scenario, latencies of seed ${visible(seed)}, these kinds and moments only`;
  return labelled('bounds', [says, ...bounds].join('; '), paint);
}

/** What `shrink` prints. */
export function shrinkReport(
  file: string,
  anomaly: string,
  shrunk: ShrunkView,
  paint: Paint = PLAIN,
): string {
  return [
    `${paint.strong(visible(file))}`,
    '',
    ...labelled('shows', visible(anomaly), paint, paint.bad),
    ...shrunkLines(shrunk, paint),
  ].join('\n');
}
