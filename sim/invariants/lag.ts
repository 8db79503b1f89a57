import type { SeriesMeasures } from '../history/record.ts';
import { formatTime } from '../kernel/time.ts';
import { type Invariant, isCut } from './invariant.ts';

const MEASURES = ['max', 'p50', 'p99', 'final'] as const;

/** How far behind a subscription is: messages, or the age of the oldest one not yet settled. */
export const lag: Invariant = {
  name: 'lag',
  claim: 'A subscription stays close behind its channel.',
  parts: ['messages', 'time'].flatMap((unit) => MEASURES.map((m) => `${unit}.${m}`)),
  read(summary, over, part) {
    const [unit, which] = part.split('.') as ['messages' | 'time', keyof SeriesMeasures];
    const value = Math.max(0, ...over.map((s) => s.measures.lag[unit][which]));
    const some = over.some((s) => s.measures.owed > 0);
    return {
      value,
      actual: unit === 'time' ? formatTime(value) : String(value),
      proof: !some
        ? { nothing: 'nothing was owed' }
        : isCut(summary)
          ? which === 'max'
            ? 'at-least'
            : { nothing: `the run was cut (${summary.end})` }
          : 'exact',
      witnesses: [],
    };
  },
};

/** From invocation to the first effect. */
export const latency: Invariant = {
  name: 'latency',
  claim: 'Messages take effect soon after they are sent.',
  parts: ['p99', 'p50', 'max'],
  read(_summary, over, part) {
    const which = part as keyof SeriesMeasures;
    const value = Math.max(0, ...over.map((s) => s.measures.latency[which]));
    const some = over.some((s) => s.measures.effects > 0);
    return {
      value,
      actual: formatTime(value),
      proof: some ? 'exact' : { nothing: 'nothing took effect' },
      witnesses: [],
    };
  },
};
