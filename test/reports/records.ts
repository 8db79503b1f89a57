import type {
  ExpectationResult,
  RunRecord,
  SeriesMeasures,
  SubscriptionMeasures,
} from '../../sim/history/record.ts';

/** Records put together by hand: 100 messages, of which one was stored twice. */
const series: SeriesMeasures = { max: 9_000, p50: 1_000, p99: 4_100, final: 0 };
const order = { inversions: 0, rewinds: 0 };

export const subscription = (part: Partial<SubscriptionMeasures> = {}): SubscriptionMeasures => ({
  owed: 100,
  delivered: 100,
  effects: 100,
  settled: 100,
  lost: 0,
  lostBy: {},
  pending: 0,
  deadLettered: 0,
  duplicates: { stored: 1, delivered: 1, effects: 1 },
  ordering: {
    ...order,
    scope: 'key',
    by: { key: order, partition: order, queue: order, global: order },
  },
  lag: { messages: series, time: series },
  latency: series,
  phantom: 0,
  stalledUs: 0,
  guarantee: 'at-least-once',
  ...part,
});

export const expectation = (part: Partial<ExpectationResult> = {}): ExpectationResult => ({
  name: 'duplicates.stored',
  expected: '0',
  actual: '1',
  verdict: 'violated',
  witnesses: [{ says: 'stored again at orders-0/3', message: 'checkout/2', atUs: 1_037_000 }],
  line: 27,
  ...part,
});

export const record = (part: Partial<RunRecord> = {}): RunRecord => ({
  format: 'lost-ack/run/1',
  engine: '0.1.0',
  scenario: 'A lost acknowledgement, retried',
  file: 'kafka/lost-ack.yaml',
  seed: '42',
  digest: '0123456789abcdef',
  token: 'la1.AAAA.01234567',
  path: { every: 16, marks: ['012345'] },
  virtualTimeUs: 30_000_000,
  events: 1_204,
  ended: 'drained',
  verdict: 'fail',
  guarantee: 'at-least-once',
  producers: { checkout: { invoked: 100, ok: 100, failed: 0, unknown: 0 } },
  subscriptions: { fulfilment: subscription() },
  expectations: [
    expectation(),
    expectation({ name: 'loss', actual: '0', verdict: 'holds', witnesses: [] }),
  ],
  faults: [{ fault: 'lose ProduceResponse, nth 3', fired: 1, line: 24 }],
  counters: { retries: 1 },
  warnings: [],
  ...part,
});
