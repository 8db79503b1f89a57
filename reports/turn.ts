import { isDecisive, type Curve, type Point } from '../sim/explore/decide/curve.ts';
import { formatTime, type Micros } from '../sim/kernel/time.ts';
import { labelled } from './lines.ts';
import { count, cut, padEnd, padStart, PLAIN, plural, visible, WIDTH, type Paint } from './text.ts';

/** What `explain --point-of-no-return` found. */
export interface TurnReport {
  readonly file: string;
  readonly scenario: string;
  readonly seed: string;
  /** "duplicates.effects above". */
  readonly anomaly: string;
  readonly faults: 'keep' | 'drop';
  /** Does the scenario plan faults at all, other than by chance? */
  readonly planned: boolean;
  readonly runs: number;
  readonly curve: Curve;
  readonly times: readonly Micros[];
  readonly event: number;
  readonly at: Micros;
  readonly node: string;
  readonly says: string;
  readonly drew: readonly string[];
  /** Planned faults that bit in it, in words. */
  readonly struck: readonly string[];
}

const BAR = 40;

/** The chance of the anomaly against the event from which on luck is drawn anew. */
export function turnReport(report: TurnReport, paint: Paint = PLAIN): string {
  const { curve, times, anomaly, faults, runs } = report;
  const free = 'from an event on luck is drawn anew, all before is as it was';
  const kept = {
    keep: 'planned faults stay where they are planned',
    drop: 'from there on no fault strikes',
  }[faults];
  return [
    `${paint.strong(visible(report.file))}${paint.dim(`  seed ${visible(report.seed)}`)}`,
    paint.dim(`      ${cut(visible(report.scenario), WIDTH - 6)}`),
    '',
    ...labelled('chance of', visible(anomaly), paint, paint.bad),
    ...labelled('when', `${free}; ${kept}; ${plural(runs, 'run')} for each point`, paint),
    '',
    paint.dim(
      `  ${padStart('event', 9)}  ${padStart('time', 12)}  0 %${padStart('100 %', BAR - 3)}`,
    ),
    ...curve.points.map((point, i) => row(point, times[i] ?? 0, paint)),
    '',
    ...verdict(report, paint),
  ].join('\n');
}

/** "#" up to the share, "-" up to the end of its interval. */
function row({ events, rate }: Point, time: Micros, paint: Paint): string {
  const width = (ppm: number) => Math.round((ppm * BAR) / 1_000_000);
  const bar = '#'.repeat(width(rate.ppm));
  const rest = '-'.repeat(Math.max(0, width(rate.highPpm) - bar.length));
  const at = `${padStart(count(events), 9)}  ${padStart(formatTime(time), 12)}`;
  return `  ${paint.dim(at)}  ${padEnd(bar + rest, BAR)} ${padStart(percent(rate.ppm), 5)}`;
}

const percent = (ppm: number): string => `${Math.round(ppm / 10_000)} %`;

const range = ({ rate }: Point): string =>
  `${percent(rate.ppm)} (${percent(rate.lowPpm)} to ${percent(rate.highPpm)})`;

function verdict(report: TurnReport, paint: Paint): string[] {
  const { curve, faults, planned, drew, struck } = report;
  const [low, high] = curve.step;
  const stop = curve.stopped === '' ? [] : labelled('stopped', curve.stopped, paint, paint.unsure);
  const [first] = curve.points;
  if (first.events > 0) {
    const says = 'not known: it was stopped before a whole run was left to luck often enough';
    return [...labelled('decided', says, paint, paint.unsure), ...stop];
  }
  if (first.hits === first.runs) {
    const says =
      faults === 'keep' && planned
        ? 'before the run began: its plan brings it about whatever luck does; which fault of the ' +
          'plan it was, --faults drop tells'
        : 'before the run began: nothing that was drawn or struck in it makes a difference';
    return [...labelled('decided', says, paint, paint.strong), ...stop];
  }
  if (!isDecisive(curve.step) || high.events - low.events > 1) {
    const says = `by no single event that could be told: between event ${low.events} and ${high.events} it rises from ${range(low)} to ${range(high)}`;
    return [...labelled('decided', says, paint, paint.unsure), ...stop];
  }
  const { at, node, says, event } = report;
  const who = node === '-' ? says : `${node} ${says}`;
  return [
    ...labelled(
      'decided',
      `event ${count(event)}, ${formatTime(at)}: ${visible(who)}`,
      paint,
      paint.strong,
    ),
    ...labelled('', `from ${range(low)} before it to ${range(high)} after it`, paint),
    ...struck.flatMap((fault) => labelled('struck', visible(fault), paint)),
    ...drew.slice(0, 3).flatMap((choice) => labelled('drew', visible(choice), paint)),
    ...stop,
  ];
}

export function turnJson(report: TurnReport): string {
  const { curve, times, ...rest } = report;
  const points = curve.points.map(({ events, hits, runs, rate }, i) => ({
    events,
    atUs: times[i] ?? 0,
    hits,
    runs,
    ...rate,
  }));
  const decisive = isDecisive(curve.step);
  const value = { format: 'lost-ack/turn/1', ...rest, points, decisive, stopped: curve.stopped };
  return `${JSON.stringify(value, null, 2)}\n`;
}
