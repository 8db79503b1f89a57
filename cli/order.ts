import type { RunView } from '../reports/terminal.ts';
import type { Problem } from '../scenarios/problem.ts';
import type { Assignment } from '../scenarios/scenario.ts';
import type { RunRecord } from '../sim/history/record.ts';

/** What is asked of one scenario. Plain data: it goes to another thread. */
export interface Order {
  readonly text: string;
  /** The file as reports name it; "-" for stdin. */
  readonly file: string;
  /** Undefined: the scenario's own. */
  readonly seed: string | undefined;
  readonly set: readonly Assignment[];
  readonly strict: boolean;
  /** Only this entry of `vary:`. */
  readonly variant: string | undefined;
  /** Without its variants: a replay is of one run. */
  readonly alone: boolean;
  readonly overrides: readonly (readonly [label: string, outcome: number])[];
  /** When is a run worth reruns that explain it? */
  readonly explains: 'always' | 'failures' | 'never';
  readonly showsToken: 'always' | 'failures' | 'never';
  /** Where to write the trace of the scenario's own run; "-" is stdout. */
  readonly trace: string | undefined;
}

/** What came of it. */
export type Answer =
  | (Done & { readonly is: 'done'; readonly problems: readonly Problem[] })
  /** Interrupted before the scenario's own run was over. */
  | { readonly is: 'stopped'; readonly problems: readonly Problem[] }
  | { readonly is: 'mistakes'; readonly problems: readonly Problem[] }
  | { readonly is: 'misused'; readonly says: string; readonly hint: string }
  | { readonly is: 'broken'; readonly stack: string; readonly run?: BrokenRun }
  /** Nobody reads the trace on stdout any more. */
  | { readonly is: 'unread' };

export interface Done {
  /** The run and those of its variants, each with its own verdict. */
  readonly views: readonly RunView[];
  /** As `--json` shows it: one record, the worst verdict, variants inside. */
  readonly record: RunRecord;
  /** False when it was interrupted among its variants. */
  readonly complete: boolean;
  /** Choices of the order that no question of its runs bore. */
  readonly unasked: readonly string[];
}

/** What makes a run that broke happen again. */
export interface BrokenRun {
  readonly seed: string;
  readonly token: string;
}
