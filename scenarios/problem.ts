/** A mistake in a scenario, or a warning about one. Counted from 1. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Stable, for instance SCN012; listed in docs/reference. */
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Length of what the caret underlines. */
  readonly length: number;
  /** The source line itself. */
  readonly source: string;
  readonly says: string;
  /** What to write instead. */
  readonly hint: string;
}
