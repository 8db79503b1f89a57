/** What a scenario's `expect:` says of one measure. */
export interface Expectation {
  /**
   * The subscription it speaks of; "" for all of them together (counts are summed, times the
   * worst).
   */
  readonly subscription: string;
  /**
   * Path of a measure: loss, pending, deadLettered, phantom, duplicates.stored,
   * duplicates.delivered, duplicates.effects, ordering (= ordering.inversions),
   * ordering.inversions, ordering.rewinds, ordering.byKey, lag.messages.max|p50|p99|final,
   * lag.time.max|..., latency.max|p50|p99, stalled, guarantee, agreement, drained,
   * alerts.<name>, counters.<name>, producers.<name>.ok|failed|unknown|invoked.
   */
  readonly measure: string;
  readonly test: Test;
  /** As written, for reports. */
  readonly expected: string;
  readonly line: number;
}

export type Test =
  | { readonly is: 'number'; readonly min: number; readonly max: number }
  | { readonly is: 'word'; readonly words: readonly string[] };
