import { CHANNEL_WORDS } from '../models/parts/system.ts';
import { ddmin } from '../sim/explore/search/shrink.ts';
import {
  at,
  edited,
  isMapping,
  keysAt,
  numberAt,
  type Mapping,
  type Steps,
  type Value,
} from './value.ts';
import { readDuration } from './units.ts';
import { spelled } from './written.ts';

/** Does this scenario still show what shall be shown? False too when it does not load. */
export type Shows = (root: Mapping) => boolean;

/**
 * A smaller scenario that still `shows` it: fewer faults, milder ones, earlier ones, then fewer
 * components, messages, keys, partitions, instances, brokers, then shorter times. Settings stay as
 * they are: without one of them it would be another anomaly with the same name. With `faults`
 * nothing but those is touched.
 */
export function reduce(root: Mapping, shows: Shows, what: 'all' | 'faults' = 'all'): Mapping {
  let best = fewerFaults(root, shows);
  const steps =
    what === 'faults'
      ? [narrower, milder, earlier, plainer, shorterFaults]
      : [narrower, milder, earlier, plainer, fewerParts, smaller, fewerBrokers, shorter];
  // What is smaller may make room for what did not go before.
  for (let changed = true; changed;) {
    const before = best;
    for (const step of steps) best = greedy(best, step, shows);
    changed = best !== before;
  }
  return fewerFaults(best, shows);
}

/** Takes the first candidate that holds, and starts again from it. */
function greedy(root: Mapping, step: (root: Mapping) => Iterable<Mapping>, shows: Shows): Mapping {
  let best = root;
  for (let moved = true; moved;) {
    moved = false;
    for (const candidate of step(best)) {
      if (!shows(candidate)) continue;
      best = candidate;
      moved = true;
      break;
    }
  }
  return best;
}

function faultsOf(root: Mapping): readonly Value[] {
  const faults = root.get('faults');
  return Array.isArray(faults) ? (faults as readonly Value[]) : [];
}

/** One number of a fault, or all of it. */
interface Part {
  readonly i: number;
  readonly n: Value | undefined;
}

/** Each fault can be left out, and each of the numbers of one that counts several. */
function fewerFaults(root: Mapping, shows: Shows): Mapping {
  const faults = faultsOf(root);
  const parts = faults.flatMap((fault, i): Part[] => {
    const nth = at(fault, ['nth']);
    if (!Array.isArray(nth)) return [{ i, n: undefined }];
    return (nth as Value[]).map((n) => ({ i, n }));
  });
  const only = (kept: readonly Part[]): Value[] =>
    faults.flatMap((fault, i) => {
      const own = kept.filter((part) => part.i === i);
      if (own.length === 0) return [];
      const numbers = own.flatMap(({ n }) => n ?? []);
      if (numbers.length === 0) return [fault];
      return [edited(fault, ['nth'], numbers.length === 1 ? numbers[0] : numbers)];
    });
  const kept = ddmin(parts, (candidate) => shows(withFaults(root, only(candidate))));
  return kept.length === parts.length ? root : withFaults(root, only(kept));
}

function withFaults(root: Mapping, faults: readonly Value[]): Mapping {
  return edited(root, ['faults'], faults.length === 0 ? undefined : faults) as Mapping;
}

/** The places at which a fault names several nodes. */
const SIDES: readonly Steps[] = [
  ...['crash', 'power-loss', 'erase', 'stop', 'pause', 'from', 'to'].map((key) => [key]),
  ...['partition', 'slow-link'].flatMap((key) => [
    [key, 'from'],
    [key, 'to'],
  ]),
  ['partition', 0],
  ['partition', 1],
];

/** A fault that strikes fewer nodes. */
function* narrower(root: Mapping): Iterable<Mapping> {
  for (const [i, fault] of faultsOf(root).entries()) {
    for (const side of SIDES) {
      const names = at(fault, side);
      if (!Array.isArray(names) || names.length < 2) continue;
      for (const name of names as Value[]) {
        const left = (names as Value[]).filter((other) => other !== name);
        const value = left.length === 1 ? left[0] : left;
        yield edited(root, ['faults', i, ...side], value) as Mapping;
      }
    }
  }
}

/** What each kind can become; a time that it takes goes with it. */
function* milder(root: Mapping): Iterable<Mapping> {
  for (const [i, fault] of faultsOf(root).entries()) {
    if (!isMapping(fault)) continue;
    const [[kind, what]] = fault;
    const rest = [...fault].slice(1);
    const become = (name: string, more: readonly (readonly [string, Value])[], without = '') => {
      const kept = rest.filter(([key]) => key !== without);
      return edited(root, ['faults', i], new Map([[name, what], ...more, ...kept])) as Mapping;
    };
    if (kind === 'erase') yield become('power-loss', []);
    if (kind === 'power-loss') yield become('crash', []);
    if (kind === 'reset') yield become('lose', []);
    if (kind === 'lose') yield become('delay', [['by', '2s']]);
    const restart = fault.get('restart');
    if (kind === 'crash' && restart !== undefined)
      yield become('pause', [['for', restart]], 'restart');
  }
}

/** The same fault at an earlier message or moment, so that later ones are not needed. */
function* earlier(root: Mapping): Iterable<Mapping> {
  for (const [i] of faultsOf(root).entries()) {
    for (const place of [
      ['faults', i, 'nth'],
      ['faults', i, 'when', 'nth'],
    ]) {
      yield* lower(root, place, 1);
    }
  }
}

/** Said with fewer words: without naming who, at a round time. */
function* plainer(root: Mapping): Iterable<Mapping> {
  for (const [i, fault] of faultsOf(root).entries()) {
    for (const steps of [['from'], ['to'], ['when', 'node']]) {
      if (at(fault, steps) !== undefined) {
        yield edited(root, ['faults', i, ...steps], undefined) as Mapping;
      }
    }
    const time = at(fault, ['at']);
    const now = typeof time === 'string' ? readDuration(time) : undefined;
    if (now?.ok !== true) continue;
    for (const unit of [10_000_000, 1_000_000, 100_000, 10_000, 1_000]) {
      // About the same time: what is shorter in time only is for a later step, and would undo it.
      if (unit > now.value) continue;
      for (const round of [Math.floor, Math.ceil]) {
        const rounded = spelled(round(now.value / unit) * unit);
        if (rounded.length >= (time as string).length) continue;
        yield edited(root, ['faults', i, 'at'], rounded) as Mapping;
      }
    }
  }
}

const GROUPS = ['systems', 'consumers', 'producers', ...CHANNEL_WORDS];

/** Without one of several components; what needs it does not load. */
function* fewerParts(root: Mapping): Iterable<Mapping> {
  for (const group of GROUPS) {
    const names = keysAt(root, [group]);
    if (names.length < 2) continue;
    for (const name of names) yield edited(root, [group, name], undefined) as Mapping;
  }
}

function* smaller(root: Mapping): Iterable<Mapping> {
  for (const name of keysAt(root, ['producers'])) {
    const send = ['producers', name, 'send'];
    yield* lower(root, [...send, 'count'], 1);
    yield* lower(root, [...send, 'keys'], 1);
    yield* lower(root, [...send, 'burst'], 1);
  }
  for (const name of keysAt(root, ['topics']))
    yield* lower(root, ['topics', name, 'partitions'], 1);
  for (const name of keysAt(root, ['consumers'])) {
    yield* lower(root, ['consumers', name, 'instances'], 1);
    yield* lower(root, ['consumers', name, 'process', 'workers'], 1);
  }
}

/** Fewer brokers can keep fewer copies. */
function* fewerBrokers(root: Mapping): Iterable<Mapping> {
  const brokers = numberAt(root, ['cluster', 'brokers']);
  if (brokers === undefined) return;
  for (let n = 1; n < brokers; n++) {
    let candidate: Value = edited(root, ['cluster', 'brokers'], String(n));
    for (const name of keysAt(root, ['topics'])) {
      for (const place of [['replication.factor'], ['config', 'min.insync.replicas']]) {
        const steps = ['topics', name, ...place];
        if ((numberAt(root, steps) ?? 0) > n) candidate = edited(candidate, steps, String(n));
      }
    }
    const minimum = ['cluster', 'config', 'min.insync.replicas'];
    if ((numberAt(root, minimum) ?? 0) > n) candidate = edited(candidate, minimum, String(n));
    yield candidate as Mapping;
  }
}

const TIMES = ['1ms', '10ms', '100ms', '1s', '5s', '10s', '30s', '1min', '2min', '10min', '1h'];

function* shorter(root: Mapping): Iterable<Mapping> {
  yield* shorterFaults(root);
  const sends = keysAt(root, ['producers']).flatMap((name) =>
    ['every', 'start'].map((key) => ['producers', name, 'send', key]),
  );
  const starts = keysAt(root, ['consumers']).map((name) => ['consumers', name, 'starts']);
  const limits = ['until', 'patience'].map((key) => ['limits', key]);
  yield* shorterTimes(root, [...sends, ...starts, ...limits]);
}

function* shorterFaults(root: Mapping): Iterable<Mapping> {
  for (const [i] of faultsOf(root).entries()) {
    yield* shorterTimes(
      root,
      ['at', 'for', 'restart', 'by'].map((key) => ['faults', i, key]),
    );
  }
}

function* shorterTimes(root: Mapping, places: readonly Steps[]): Iterable<Mapping> {
  for (const place of places) {
    const here = at(root, place);
    const now = typeof here === 'string' ? readDuration(here) : undefined;
    if (now?.ok !== true) continue;
    for (const time of TIMES) {
      const shorter = readDuration(time);
      if (!shorter.ok || shorter.value >= now.value) break;
      yield edited(root, place, time) as Mapping;
    }
  }
}

/** Smaller numbers in place of one, the smallest first. */
function* lower(root: Mapping, place: Steps, least: number): Iterable<Mapping> {
  const now = numberAt(root, place);
  if (now === undefined) return;
  for (let n = least; n < now; n = n < 6 ? n + 1 : n * 2) {
    yield edited(root, place, String(n)) as Mapping;
  }
}
