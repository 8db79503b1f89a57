/**
 * Words longer than this are no typing mistakes of anything; comparing them would only cost time.
 */
const LONGEST = 80;

/**
 * The known word that was probably meant, or undefined. A word that differs only in case and
 * separators wins; otherwise the fewest edits, at most a third of the word's length.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length === 0 || word.length > LONGEST) return undefined;
  const plain = simplified(word);
  let best: string | undefined;
  // One letter resembles every other one.
  let bestEdits = (plain.length < 2 ? 0 : Math.max(1, Math.floor(plain.length / 3))) + 1;
  for (const candidate of known) {
    if (candidate.length > LONGEST) continue;
    const target = simplified(candidate);
    const edits = target === plain ? 0 : distance(plain, target, bestEdits);
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** "did you mean "x"?", or what there is to choose from. */
export function didYouMean(word: string, known: readonly string[], otherwise = ''): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  if (otherwise !== '') return otherwise;
  return known.length === 0 ? 'there is none here' : `known here: ${listed(known)}`;
}

/** A long list is cut: it must fit under a caret. */
export function listed(words: readonly string[], most = 12): string {
  const rest = words.length - most;
  return words.slice(0, most).join(', ') + (rest > 0 ? `, and ${rest} more` : '');
}

/** Those that have a word of four letters or more in common with a name: no typing mistakes. */
export function alike(name: string, known: readonly string[]): string[] {
  if (name.length > LONGEST) return [];
  const words = name.split(/[^A-Za-z0-9]+|(?=[A-Z])/).map((word) => word.toLowerCase());
  const stems = words.map((word) => word.replace(/s$/, '')).filter((stem) => stem.length >= 4);
  return known.filter((one) => stems.some((stem) => simplified(one).includes(stem)));
}

function simplified(word: string): string {
  return word.toLowerCase().replace(/[._\-\s]/g, '');
}

/**
 * Edits (insert, delete, replace, swap of neighbours) from a to b; `limit` or more is all the same.
 */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, before[j - 2] + 1);
      row.push(edits);
    }
    before = previous;
    previous = row;
  }
  return Math.min(previous[b.length], limit);
}
