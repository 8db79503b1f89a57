/** The middle value, or the mean of the two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of what `a` is of `b`, round by round. */
export function ratio(a, b) {
  return median(a.map((value, round) => value / b[round]));
}
