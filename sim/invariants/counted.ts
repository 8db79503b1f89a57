import type { ProducerMeasures } from '../history/record.ts';
import { formatTime } from '../kernel/time.ts';
import { type Invariant, proofOfCount } from './invariant.ts';

/** Anything a model counts: retries, rebalances, elections. */
export const counters: Invariant = {
  name: 'counters',
  claim: 'A model counts what is worth counting.',
  parts: ['*'],
  read(summary, _over, part) {
    const { counters: counts, plan } = summary.ledger;
    const value = counts.get(plan.names.id(part)) ?? 0;
    return { value, actual: String(value), proof: proofOfCount(summary), witnesses: [] };
  },
};

/** Outcomes of client operations, as `name.ok`, `name.failed`, `name.unknown`, `name.invoked`. */
export const producers: Invariant = {
  name: 'producers',
  claim: 'Each client operation ends as ok, failed or unknown.',
  parts: ['*'],
  read(summary, _over, part) {
    const dot = part.lastIndexOf('.');
    const { ledger } = summary;
    const producer = ledger.plan.producers.indexOf(part.slice(0, dot));
    const outcome = part.slice(dot + 1) as keyof ProducerMeasures;
    const value = producer < 0 ? 0 : ledger.operations.measures(producer)[outcome];
    return { value, actual: String(value), proof: proofOfCount(summary), witnesses: [] };
  },
};

/** Alert rules on lag: did one fire? */
export const alerts: Invariant = {
  name: 'alerts',
  claim: 'A lag above its threshold for long enough raises the alert.',
  parts: ['*'],
  read(summary, _over, part) {
    const alarm = summary.ledger.alarms.find((a) => a.plan.name === part);
    const at = alarm?.firedAt ?? -1;
    return {
      value: at >= 0 ? 'fires' : 'silent',
      actual: at >= 0 ? `fires at ${formatTime(at)}` : 'silent',
      proof:
        at >= 0
          ? 'exact'
          : proofOfCount(summary) === 'exact'
            ? 'exact'
            : { nothing: 'the run was cut' },
      witnesses: [],
    };
  },
};
