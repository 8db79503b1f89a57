import { expect, test } from 'vitest';
import { INVARIANTS } from '../../../../models/sqs-sns/audit/claims.ts';
import { Deduplication } from '../../../../models/sqs-sns/fifo/deduplication.ts';
import { FifoShelf, type Item } from '../../../../models/sqs-sns/fifo/shelf.ts';
import type { Stored } from '../../../../models/sqs-sns/protocol.ts';
import { Shelf } from '../../../../models/sqs-sns/shelf.ts';
import { Execution } from '../../../../scenarios/execute.ts';
import { loadScenario } from '../../../../scenarios/load.ts';
import type { ModelFinding } from '../../../../sim/history/record.ts';

/** The real model with one method broken, for as long as a run takes. */
type Flaw = () => () => void;

function replaced<T extends object, K extends keyof T>(of: T, key: K, by: T[K]): () => void {
  const real = of[key];
  of[key] = by;
  return () => {
    of[key] = real;
  };
}

/** Keeps each message as if it were a group of its own. */
const ignoresLocks: Flaw = () => {
  const { put, take } = FifoShelf.prototype;
  const real = new Map<number, Stored>();
  const mends = [
    replaced(FifoShelf.prototype, 'put', function (this: FifoShelf, stored, ...rest) {
      real.set(stored.position, stored);
      return put.call(this, { ...stored, group: `${stored.position}` }, ...rest);
    }),
    replaced(FifoShelf.prototype, 'take', function (this: FifoShelf, ...args) {
      const taken = take.apply(this, args);
      const named = (item: Item) => ({ ...item, stored: real.get(item.stored.position) as Stored });
      return { ...taken, handed: taken.handed.map(named) };
    }),
  ];
  return () => mends.forEach((mend) => mend());
};

/** Hands a batch out from its end. */
const turnsBatches: Flaw = () => {
  const real = FifoShelf.prototype.take;
  return replaced(FifoShelf.prototype, 'take', function (this: FifoShelf, ...args) {
    const taken = real.apply(this, args);
    return { ...taken, handed: [...taken.handed].reverse() };
  });
};

const forgetsIds: Flaw = () => replaced(Deduplication.prototype, 'find', () => undefined);

/** A copy comes back with a receive count of its own choosing. */
const forgetsReceives: Flaw = () => replaced(Shelf.prototype, 'receives', () => 0);

const FIFO = `
scenario: a model with a flaw
system: sqs
queues: { orders.fifo: { config: { FifoQueue: true, VisibilityTimeout: 5 } } }
producers:
  checkout:
    to: orders.fifo
    send: { count: 40, every: 50ms, keys: 3 }
    config:
      MessageGroupId: '{key}'
      MessageDeduplicationId: '{producer}-{sequence}'
      socketTimeout: 1000
consumers:
  packing:
    from: orders.fifo
    instances: 3
    config: { MaxNumberOfMessages: 5, WaitTimeSeconds: 20 }
    process: { takes: 100ms, acknowledge: after }
faults:
  - { lose: SendMessageResponse, nth: [3, 7] }
limits: { until: 10min }
`;

const STANDARD = `
scenario: a model with a flaw
system: sqs
queues: { orders: { config: { VisibilityTimeout: 2 } } }
producers: { checkout: { to: orders, send: { count: 10, poison: 5 } } }
consumers:
  packing: { from: orders, config: { WaitTimeSeconds: 5 }, process: { acknowledge: after } }
limits: { until: 1min }
`;

const CASES: readonly (readonly [claim: string, what: string, flaw: Flaw, text: string])[] = [
  ['group-lock', 'a receive looks at messages one by one', ignoresLocks, FIFO],
  ['group-order', 'a batch is handed out from its end', turnsBatches, FIFO],
  ['deduplicated', 'no deduplication id is remembered', forgetsIds, FIFO],
  ['receives-rise', 'a copy does not count its receives', forgetsReceives, STANDARD],
];

function auditOf(text: string, flaw?: Flaw): ReadonlyMap<string, ModelFinding> {
  const { scenario, problems } = loadScenario(text, 'broken.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  const mend = flaw?.();
  try {
    const execution = new Execution(scenario, { seed: '1' });
    while (!execution.advance(Infinity));
    return new Map((execution.record().model ?? []).map((f) => [f.name, f]));
  } finally {
    mend?.();
  }
}

test.each(CASES)('sqs.%s is violated when %s, and holds otherwise', (claim, _, flaw, text) => {
  const broken = auditOf(text, flaw).get(`sqs.${claim}`);
  expect(broken).toMatchObject({ verdict: 'violated' });
  expect(broken?.witnesses[0].says.length).toBeGreaterThan(0);
  const sound = auditOf(text).get(`sqs.${claim}`);
  expect(sound).toMatchObject({ verdict: 'holds', violations: 0 });
  expect(sound?.checked).toBeGreaterThan(0);
});

test('every claim has a broken model', () => {
  expect(CASES.map(([claim]) => claim).sort()).toEqual(INVARIANTS.map((i) => i.name).sort());
});
