import { formatTime, type Micros } from '../sim/kernel/time.ts';
import { labelled } from './lines.ts';
import { fullReport, type RunView } from './terminal.ts';
import { PLAIN, visible, type Paint } from './text.ts';

/** What a setting would have changed, by a rerun. */
export interface SettingView {
  readonly setting: string;
  readonly actual: string;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  readonly latencyBefore: Micros;
  readonly latencyAfter: Micros;
}

export interface Explanation {
  readonly view: RunView;
  /** The measure that is explained; "" when there is none. */
  readonly measure: string;
  readonly settings: readonly SettingView[];
}

/** The run's own report, and what settings would have changed. */
export function explanationReport(explanation: Explanation, paint: Paint = PLAIN): string {
  const { view, measure, settings } = explanation;
  const lines = settings.flatMap((s) =>
    labelled('setting', visible(settingText(s, measure)), paint),
  );
  const none = 'no setting that the system names would have changed it';
  return [
    fullReport(view, paint),
    '',
    ...(measure === '' ? labelled('explained', 'nothing was found that needs it', paint) : lines),
    ...(measure !== '' && lines.length === 0 ? labelled('setting', none, paint) : []),
  ].join('\n');
}

function settingText(s: SettingView, measure: string): string {
  const outcome = `${measure} would be ${s.actual}${s.verdict === 'unknown' ? ' (proves nothing)' : ''}`;
  const before = formatTime(s.latencyBefore);
  const cost =
    s.latencyBefore === s.latencyAfter
      ? `latency p99 stays ${before}`
      : `latency p99 without faults from ${before} to ${formatTime(s.latencyAfter)}`;
  return `${s.setting}: ${outcome}; ${cost}`;
}
