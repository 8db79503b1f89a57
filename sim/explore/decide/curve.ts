import { assert } from '../../kernel/assert.ts';
import { rateOf, type Rate } from '../sweep/rate.ts';

/** How often the anomaly came when everything from an event on was left to luck. */
export interface Point {
  /** Events that were as recorded. */
  readonly events: number;
  readonly hits: number;
  readonly runs: number;
  readonly rate: Rate;
}

export interface Curve {
  /** In order of their events: the first is of a free run, the last of the recorded one. */
  readonly points: readonly Point[];
  /** Two neighbours with the steepest rise between them; one event apart if nothing stopped it. */
  readonly step: readonly [Point, Point];
  /** The bound that ended it; "" when none did. */
  readonly stopped: string;
}

export interface CurveBounds {
  /** Events of the recorded run. */
  readonly events: number;
  /** Runs for each point. */
  readonly runs: number;
  /** Asked before each run: what says that it is enough, "" when nothing does. */
  readonly enough: () => string;
}

/** Does the anomaly come when so many events are as recorded and the rest is the n-th luck? */
export type Probe = (events: number, round: number) => boolean;

/** Points of the first, even grid; after it only the steepest part is looked at. */
const GRID = 8;

class Enough extends Error {}

/**
 * The probability of an anomaly against the event from which on luck is drawn anew. The same lucks
 * are used at each point, so two points differ by what was recorded, not by what was drawn.
 */
export function curveOf(probe: Probe, { events, runs, enough }: CurveBounds): Curve {
  const points = new Map<number, Point>();
  let stopped = '';
  const measure = (at: number): void => {
    if (points.has(at)) return;
    let hits = 0;
    for (let round = 0; round < runs; round++) {
      stopped = enough();
      if (stopped !== '') throw new Enough();
      if (probe(at, round)) hits++;
    }
    points.set(at, { events: at, hits, runs, rate: rateOf(hits, runs) });
  };
  const list = (): Point[] => [...points.values()].sort((a, b) => a.events - b.events);
  // From the last event on nothing is drawn any more: one run is all of them.
  assert(probe(events, 0), 'what was recorded comes again');
  points.set(events, { events, hits: runs, runs, rate: rateOf(runs, runs) });
  try {
    for (let i = 0; i < GRID; i++) measure(Math.floor((events * i) / GRID));
    for (;;) {
      const [low, high] = steepest(list());
      if (high.events - low.events <= 1 || rise([low, high]) <= 0) break;
      measure(Math.floor((low.events + high.events) / 2));
    }
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  const all = list();
  const first = all[0];
  return { points: all, step: all.length > 1 ? steepest(all) : [first, first], stopped };
}

/** The neighbours with the largest rise; of equals the later ones: before them it was open. */
function steepest(points: readonly Point[]): [Point, Point] {
  let best: [Point, Point] = [points[0], points[Math.min(1, points.length - 1)]];
  for (let i = 1; i < points.length; i++) {
    const pair: [Point, Point] = [points[i - 1], points[i]];
    if (rise(pair) >= rise(best)) best = pair;
  }
  return best;
}

/** By rates: points may have been measured by different numbers of runs. */
const rise = ([low, high]: readonly [Point, Point]): number => high.rate.ppm - low.rate.ppm;

/** Is the step more than chance? Its two intervals have nothing in common. */
export function isDecisive([low, high]: readonly [Point, Point]): boolean {
  return high.rate.lowPpm > low.rate.highPpm;
}
