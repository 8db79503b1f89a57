/** Seeds as they were asked for: whole numbers, first and last of each range, in that order. */
export type Seeds = readonly (readonly [first: number, last: number])[];

/** "1..1000", "7", "1..10,20": undefined when the text says something else. */
export function parseSeeds(text: string): Seeds | undefined {
  const ranges: [number, number][] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(part.trim());
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first) return undefined;
    ranges.push([first, last]);
  }
  return ranges;
}

export function seedsText(seeds: Seeds): string {
  return seeds
    .map(([first, last]) => (first === last ? `${first}` : `${first}..${last}`))
    .join(',');
}

export function countSeeds(seeds: Seeds): number {
  return seeds.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The seed at a place, from 0. */
export function seedAt(seeds: Seeds, place: number): string {
  let left = place;
  for (const [first, last] of seeds) {
    const count = last - first + 1;
    if (left < count) return String(first + left);
    left -= count;
  }
  throw new RangeError(`no seed at place ${place}`);
}
