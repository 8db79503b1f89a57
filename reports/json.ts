import type {
  ExpectationResult,
  ActionResult,
  FaultResult,
  ModelFinding,
  OrderMeasures,
  ProducerMeasures,
  RunRecord,
  SeriesMeasures,
  SubscriptionMeasures,
} from '../sim/history/record.ts';

/**
 * One run, or several as an array: the same bytes for the same runs on every machine. Keys come in
 * the order of sim/history/record.ts whatever order the record was put together in; named things
 * (producers, subscriptions, counters) come in the order of their names.
 */
export function jsonDocument(records: readonly RunRecord[], several: boolean): string {
  const ordered = records.map(runOf);
  return `${JSON.stringify(several ? ordered : ordered[0], null, 2)}\n`;
}

/** Fields that the record gains later follow the known ones, by name. */
function order<T extends object>(value: T, keys: readonly (keyof T & string)[]): T {
  const result: Record<string, unknown> = {};
  const given = value as Record<string, unknown>;
  for (const key of keys) if (given[key] !== undefined) result[key] = given[key];
  for (const key of Object.keys(given).sort(byCodeUnit)) {
    if (!(key in result) && given[key] !== undefined) result[key] = given[key];
  }
  return result as T;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function named<T>(all: Readonly<Record<string, T>>, each: (value: T) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(all)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([name, value]) => [name, each(value)]),
  );
}

function runOf(run: RunRecord): RunRecord {
  const parts: RunRecord = {
    ...run,
    path: order(run.path, ['every', 'marks']),
    producers: named(run.producers, producerOf),
    subscriptions: named(run.subscriptions, subscriptionOf),
    expectations: run.expectations.map(expectationOf),
    faults: run.faults.map(faultOf),
    ...(run.actions === undefined ? {} : { actions: run.actions.map(actionOf) }),
    counters: named(run.counters, (n) => n),
    ...(run.model === undefined ? {} : { model: run.model.map(findingOf) }),
    ...(run.variants === undefined ? {} : { variants: run.variants.map(runOf) }),
  };
  return order(parts, RUN_KEYS);
}

const RUN_KEYS: readonly (keyof RunRecord)[] = [
  'format',
  'engine',
  'scenario',
  'file',
  'variant',
  'seed',
  'digest',
  'token',
  'path',
  'virtualTimeUs',
  'events',
  'ended',
  'verdict',
  'guarantee',
  'producers',
  'subscriptions',
  'expectations',
  'faults',
  'actions',
  'counters',
  'warnings',
  'model',
  'variants',
];

const producerOf = (p: ProducerMeasures) => order(p, ['invoked', 'ok', 'failed', 'unknown']);
const seriesOf = (s: SeriesMeasures) => order(s, ['max', 'p50', 'p99', 'final']);
const orderOf = (o: OrderMeasures) => order(o, ['inversions', 'rewinds']);
const actionOf = (a: ActionResult) => order(a, ['action', 'done', 'why', 'line']);
const faultOf = (f: FaultResult) => order(f, ['fault', 'fired', 'line']);

function findingOf(f: ModelFinding): ModelFinding {
  const witnesses = f.witnesses.map((w) => order(w, ['says', 'atUs']));
  const keys = ['name', 'claim', 'verdict', 'checked', 'violations', 'witnesses'] as const;
  return order({ ...f, witnesses }, keys);
}

function expectationOf(e: ExpectationResult): ExpectationResult {
  const witnesses = e.witnesses.map((w) => order(w, ['says', 'message', 'atUs']));
  const keys = ['name', 'expected', 'actual', 'verdict', 'why', 'witnesses', 'line'] as const;
  return order({ ...e, witnesses }, keys);
}

function subscriptionOf(s: SubscriptionMeasures): SubscriptionMeasures {
  const by = order(s.ordering.by, ['key', 'partition', 'queue', 'global']);
  const parts: SubscriptionMeasures = {
    ...s,
    lostBy: named(s.lostBy, (n) => n),
    duplicates: order(s.duplicates, ['stored', 'delivered', 'effects']),
    ordering: order(
      {
        ...s.ordering,
        by: {
          key: orderOf(by.key),
          partition: orderOf(by.partition),
          queue: orderOf(by.queue),
          global: orderOf(by.global),
        },
      },
      ['inversions', 'rewinds', 'scope', 'by'],
    ),
    lag: order({ ...s.lag, messages: seriesOf(s.lag.messages), time: seriesOf(s.lag.time) }, [
      'messages',
      'time',
    ]),
    latency: seriesOf(s.latency),
  };
  return order(parts, SUBSCRIPTION_KEYS);
}

const SUBSCRIPTION_KEYS: readonly (keyof SubscriptionMeasures)[] = [
  'owed',
  'delivered',
  'effects',
  'settled',
  'lost',
  'lostBy',
  'pending',
  'deadLettered',
  'duplicates',
  'ordering',
  'lag',
  'latency',
  'phantom',
  'stalledUs',
  'guarantee',
];
