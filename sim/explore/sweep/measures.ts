import type { RunRecord, SubscriptionMeasures } from '../../history/record.ts';

/** A number of one run, over all subscriptions: counts are summed, of times the worst is taken. */
export interface Measure {
  readonly name: string;
  readonly unit: 'messages' | 'us' | 'events';
  read(run: RunRecord): number;
}

type Read = (s: SubscriptionMeasures) => number;

const sum = (name: string, of: Read): Measure => ({
  name,
  unit: 'messages',
  read: (run) => Object.values(run.subscriptions).reduce((total, s) => total + of(s), 0),
});

const worst = (name: string, of: Read, unit: Measure['unit'] = 'us'): Measure => ({
  name,
  unit,
  read: (run) => Object.values(run.subscriptions).reduce((most, s) => Math.max(most, of(s)), 0),
});

/** The numbers of which a sweep gives median, 99th percentile and maximum. */
export const MEASURES: readonly Measure[] = [
  sum('lost', (s) => s.lost),
  sum('duplicates.stored', (s) => s.duplicates.stored),
  sum('duplicates.delivered', (s) => s.duplicates.delivered),
  sum('duplicates.effects', (s) => s.duplicates.effects),
  sum('ordering.inversions', (s) => s.ordering.inversions),
  sum('ordering.rewinds', (s) => s.ordering.rewinds),
  sum('pending', (s) => s.pending),
  sum('deadLettered', (s) => s.deadLettered),
  sum('phantom', (s) => s.phantom),
  worst('lag.messages.max', (s) => s.lag.messages.max, 'messages'),
  worst('lag.time.p99', (s) => s.lag.time.p99),
  worst('lag.time.max', (s) => s.lag.time.max),
  worst('latency.p50', (s) => s.latency.p50),
  worst('latency.p99', (s) => s.latency.p99),
  worst('stalled', (s) => s.stalledUs),
  { name: 'virtualTime', unit: 'us', read: (run) => run.virtualTimeUs },
  { name: 'events', unit: 'events', read: (run) => run.events },
];

/** The ways to break a guarantee, of which a comparison says whether they were ever seen. */
export const SIGHTINGS = [
  'lost',
  'duplicates.stored',
  'duplicates.delivered',
  'duplicates.effects',
  'ordering.inversions',
] as const;
export type Sighting = (typeof SIGHTINGS)[number];
