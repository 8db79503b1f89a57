import { expect, test } from 'vitest';
import {
  traceHeader,
  traceLine,
  TraceWriter,
  type Legend,
  type TraceEntry,
} from '../../reports/trace.ts';
import { Fact, FACT_NAMES } from '../../sim/kernel/entry.ts';
import { EventKind } from '../../sim/kernel/world.ts';

const legend: Legend = {
  node: (id) => (id < 0 ? '-' : `node-${id}`),
  name: (id) => `name-${id}`,
  message: (id) => `checkout/${id}`,
  producer: (id) => `producer-${id}`,
  channel: (id) => `channel-${id}`,
  stream: (id) => `orders-${id}`,
  subscription: (id) => `group-${id}`,
  fault: (id) => `fault-${id}`,
};

function traced(write: (trace: TraceWriter) => void): TraceEntry[] {
  const entries: TraceEntry[] = [];
  write(new TraceWriter(legend, (entry) => entries.push(entry)));
  return entries;
}

test('a fact names its arguments, its numbers are words, and its cause is the event that brought it', () => {
  const [, fact] = traced((trace) => {
    trace.event(6, 1_000, 2, EventKind.message, 1, 5);
    trace.fact(7, 1_000, 2, Fact.stored, [17, 0, 4, 0]);
  });
  expect(traceLine(fact)).toBe(
    '{"i":7,"t":1000,"node":"node-2","kind":"stored","message":"checkout/17","stream":"orders-0","position":4,"open":0,"cause":6}',
  );
});

test('a message that never arrives says so, and what befell it', () => {
  const [sent] = traced((trace) =>
    trace.sent({
      index: 3,
      time: 20,
      from: 0,
      to: 1,
      type: 'ProduceRequest',
      about: 'orders-0',
      nr: 17,
      attempt: 2,
      carries: [17, 18],
      arrives: -1,
      fate: 'LOST',
      cause: -1,
    }),
  );
  expect(traceLine(sent)).toBe(
    '{"i":3,"t":20,"node":"node-0","kind":"sent","to":"node-1","type":"ProduceRequest","about":"orders-0","nr":17,"attempt":2,"carries":["checkout/17","checkout/18"],"arrives":null,"fate":"LOST","cause":null}',
  );
});

test('an arrival says from whom, a timer which one, a fault which', () => {
  const entries = traced((trace) => {
    trace.event(0, 0, 2, EventKind.message, 1, -1);
    trace.event(1, 0, 2, EventKind.timer, 9, 0);
    trace.event(2, 0, -1, EventKind.fault, 3, -1);
  });
  expect(entries.map((e) => [e.kind, e.from ?? e.code ?? e.fault])).toEqual([
    ['arrived', 'node-1'],
    ['timer', 9],
    ['fault', 'fault-3'],
  ]);
});

test('every fact and every kind of event can be told', () => {
  const entries = traced((trace) => {
    FACT_NAMES.forEach((_, fact) => trace.fact(fact, 0, 0, fact, [1, 1, 1, 1]));
    Object.values(EventKind).forEach((kind) => trace.event(kind, 0, 0, kind, 1, -1));
    trace.tell(99, 0, 0, 'words');
  });
  for (const { kind } of entries) expect(kind).toMatch(/^[a-zA-Z ]+$/);
  expect(entries).toHaveLength(FACT_NAMES.length + Object.keys(EventKind).length + 1);
});

test('the first line names the format', () => {
  const about = { engine: '0.1.0', scenario: 's', file: 'f.yaml', variant: '', seed: '1' };
  expect(JSON.parse(traceHeader(about))).toEqual({ format: 'lost-ack/trace/1', ...about });
});
