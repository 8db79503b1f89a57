/**
 * Does a binding key of a topic exchange match a routing key? Both are words between dots: `*` is
 * exactly one word, `#` any number of them. The empty routing key has no words.
 */
export function matchesTopic(bindingKey: string, routingKey: string): boolean {
  return matchesWords(wordsOf(bindingKey), wordsOf(routingKey));
}

export function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.');
}

/** Greedy with one place to return to: the last `#`. Linear in practice, quadratic at worst. */
export function matchesWords(pattern: readonly string[], words: readonly string[]): boolean {
  let p = 0;
  let w = 0;
  let hash = -1;
  let resume = 0;
  while (w < words.length) {
    const part = pattern[p];
    if (part === '#') {
      hash = p++;
      resume = w;
    } else if (p < pattern.length && (part === '*' || part === words[w])) {
      p++;
      w++;
    } else if (hash >= 0) {
      p = hash + 1;
      w = ++resume;
    } else return false;
  }
  while (pattern[p] === '#') p++;
  return p === pattern.length;
}
