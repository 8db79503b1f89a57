/**
 * Integer mixing. Everything decided about a named site is drawn from here, so these functions are
 * part of the replay format: a change to one changes the meaning of every seed.
 */

/**
 * One round of MurmurHash3's body: folds `value` into `hash`. Both are taken as 32-bit integers.
 */
export function fold(hash: number, value: number): number {
  let k = Math.imul(value | 0, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finaliser: every input bit reaches every output bit. Returns 0 .. 2^32 - 1. */
export function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 units: a name's own number, the same whatever else the world contains. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}

/** floor(value * n / 2^32): a 32-bit draw made into 0 .. n - 1, exact for n up to 2^21. */
export function scale(value: number, n: number): number {
  return Math.floor((value * n) / 4_294_967_296);
}
