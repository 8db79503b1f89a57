import { place, placeAsking, plannedFault } from './planned.ts';
import type { Placement, Runner } from './space.ts';

/**
 * Delta debugging (Zeller, ddmin): a sublist that still `keeps` what the whole one shows, and of
 * which no single item can be left out. `keeps` is asked about each candidate at most once.
 */
export function ddmin<T>(
  items: readonly T[],
  keeps: (items: readonly T[]) => boolean,
): readonly T[] {
  const asked = new Map<string, boolean>();
  const place = new Map(items.map((item, i) => [item, i]));
  const test = (candidate: readonly T[]): boolean => {
    const name = candidate.map((item) => place.get(item)).join();
    const known = asked.get(name) ?? keeps(candidate);
    asked.set(name, known);
    return known;
  };
  if (items.length > 0 && test([])) return [];
  let list = items;
  let parts = 2;
  while (list.length > 1) {
    const size = Math.ceil(list.length / parts);
    const chunks = Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
      list.slice(i * size, (i + 1) * size),
    );
    const half = chunks.find((chunk) => chunk.length < list.length && test(chunk));
    if (half !== undefined) {
      list = half;
      parts = 2;
      continue;
    }
    const rest = chunks
      .map((chunk) => list.filter((item) => !chunk.includes(item)))
      .find((candidate) => candidate.length > 0 && test(candidate));
    if (rest !== undefined) {
      list = rest;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return list;
    else parts = Math.min(list.length, parts * 2);
  }
  return list;
}

/** Of what a fault of each kind can be made milder at the same place. */
const MILDER: Readonly<Record<string, readonly string[]>> = {
  'power-loss': ['crash', 'pause'],
  crash: ['pause'],
  reset: ['lose', 'delay'],
  lose: ['delay'],
};

/**
 * Fewer faults, then milder ones, as long as a run still shows the anomaly class. The runner may
 * know more kinds than the search did: a loss that can be a delay is understood better as one.
 */
export function shrinkPlacement(
  run: Runner,
  faults: Placement,
  anomaly: string,
  keeps = (candidate: Placement) => place(run, candidate).violated.includes(anomaly),
): Placement {
  let list: Placement = ddmin(faults, keeps);
  for (let i = 0; i < list.length; i++) {
    const others = list.filter((_, at) => at !== i);
    const milder = alternatives(run, list, i).find((label) => keeps([...others, label]));
    // What was made milder may be made milder again.
    if (milder !== undefined) list = [...list.slice(0, i), milder, ...list.slice(i-- + 1)];
  }
  return ddmin(list, keeps);
}

/** Milder faults for the one at a place: the same site, or the next message of a node struck. */
function alternatives(run: Runner, list: Placement, at: number): string[] {
  const label = list[at];
  if (plannedFault(label) !== undefined) return [];
  const [kind, ...words] = label.split(' ');
  const rest = words.join(' ');
  if (kind !== 'strike') return (MILDER[kind] ?? []).map((milder) => `${milder} ${rest}`);
  const [node, what, ...moment] = words;
  const same = (MILDER[what] ?? []).map((milder) => `strike ${node} ${milder} ${moment.join(' ')}`);
  const without = list.filter((_, i) => i !== at);
  const offers = placeAsking(run, without).offers;
  const struck = offers.findIndex((offer) => offer.label === label);
  const next = offers
    .slice(struck + 1)
    .filter((offer) => offer.kind === 'lose' && (offer.from === node || offer.to === node));
  return [...next.slice(0, 4).map((offer) => offer.label), ...same];
}

/** True when leaving out any single fault makes the anomaly go away: what a shrink promises. */
export function isMinimal(run: Runner, faults: Placement, anomaly: string): boolean {
  return faults.every((_, i) => {
    const others = faults.filter((_, at) => at !== i);
    return !place(run, others).violated.includes(anomaly);
  });
}
