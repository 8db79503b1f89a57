import type { WorkloadPlan } from '../models/parts/workload.ts';
import { Distribution } from '../sim/kernel/distribution.ts';
import { MILLISECOND } from '../sim/kernel/time.ts';
import type { Reader } from './read.ts';
import type { Send } from './form.ts';
import { type Path, valueSpan } from './tree.ts';

const COUNT = 100;
const EVERY = 10 * MILLISECOND;
const BYTES = 100;

/** `send:` as a plan. `producers` is filled in once all producers are known. */
export function readWorkload(
  send: Send,
  path: Path,
  identity: Pick<WorkloadPlan, 'producer' | 'producers' | 'name' | 'channel'>,
  reader: Reader,
): WorkloadPlan {
  return {
    ...identity,
    count: send.count ?? COUNT,
    start: reader.duration(send.start, [...path, 'start'], 0),
    gap: readGap(send, path, reader),
    burst: send.burst ?? 1,
    keys: readKeys(send, path, reader),
    bytes: reader.sizes(send.size, [...path, 'size'], Distribution.constant(BYTES)),
    poisonEvery: send.poison ?? 0,
    ...readTransaction(send),
  };
}

function readTransaction({ transaction }: Send): Pick<WorkloadPlan, 'transaction'> {
  if (transaction === undefined) return {};
  const { messages = 1, aborts = 0, then = 'repeat' } = transaction;
  return { transaction: { messages, aborts, repeats: then === 'repeat' } };
}

function readGap(send: Send, path: Path, reader: Reader): Distribution {
  const { every, rate, arrivals } = send;
  if (every !== undefined && rate !== undefined) {
    const span = valueSpan(reader.root, [...path, 'rate']);
    const says = '"rate" and "every" both say how often messages are sent';
    reader.complaints.add('SCN025', span, says, 'remove one of them');
  }
  if (arrivals === 'poisson') {
    if (typeof every === 'object') {
      const span = valueSpan(reader.root, [...path, 'arrivals']);
      const says = 'poisson arrivals have a mean; "every" gives a spread';
      reader.complaints.add('SCN025', span, says, 'give one duration: every: 10ms');
      return Distribution.constant(EVERY);
    }
    const mean =
      rate === undefined
        ? reader.duration(every, [...path, 'every'], EVERY)
        : reader.rate(rate, [...path, 'rate'], EVERY);
    return Distribution.exponential(mean);
  }
  if (rate !== undefined) {
    return Distribution.constant(reader.rate(rate, [...path, 'rate'], EVERY));
  }
  return reader.spread(every, [...path, 'every'], Distribution.constant(EVERY));
}

/** Keys are numbered from 0; hot ones come first. */
function readKeys(send: Send, path: Path, reader: Reader): Distribution | undefined {
  const { keys } = send;
  if (keys === undefined || keys === 0) return undefined;
  if (typeof keys === 'number') return Distribution.uniform(0, keys);
  const { count, hot } = keys;
  const at = [...path, 'keys', 'hot'];
  const ppm = reader.chance(hot.share, [...at, 'share'], 500_000);
  const perMille = Math.floor(ppm / 1_000);
  if (perMille < 1 || perMille > 999) {
    const span = valueSpan(reader.root, [...at, 'share']);
    const hint = 'from 0.1% to 99.9%';
    reader.complaints.add('SCN016', span, `"share" cannot be ${hot.share}`, hint);
    return undefined;
  }
  if (hot.keys >= count) {
    const span = valueSpan(reader.root, [...at, 'keys']);
    const says = `${hot.keys} hot keys of ${count} leave no others`;
    reader.complaints.add('SCN025', span, says, 'have fewer hot keys than keys');
    return undefined;
  }
  // A table has 256 cells, so the share is exact to about 0.4%.
  return Distribution.quantiles([
    [0, 0],
    [perMille, hot.keys],
    [1000, count],
  ]);
}
