import { describe, expect, test } from 'vitest';
import { kafka } from '../../../models/kafka/index.ts';
import { loadScenario } from '../../../scenarios/load.ts';

type Tree = Readonly<Record<string, unknown>>;

/** What Kafka says of a deployment: severity and key of each finding. */
function said(
  producer: Tree,
  consumer: Tree = {},
  by: { version?: string; topic?: Tree; process?: Tree } = {},
): string[] {
  const text = JSON.stringify({
    scenario: 'check',
    system: 'kafka',
    version: by.version ?? '3.9',
    topics: { orders: { ...by.topic } },
    producers: { checkout: { to: 'orders', config: producer } },
    consumers: { fulfilment: { from: 'orders', config: consumer, process: by.process ?? {} } },
  });
  const { scenario, problems } = loadScenario(text, 'check.yaml');
  // A refusal is an error of the scenario; then there is no scenario to ask.
  if (scenario === undefined) return problems.map((p) => `refused ${p.says}`);
  const { deployment } = scenario.systems[0];
  return kafka.check(deployment).map((f) => `${f.severity} ${f.key}`);
}

const refusal = (text: string) => [expect.stringMatching(new RegExp(`^refused .*${text}`))];

describe('what Kafka says of a producer', () => {
  test('nothing, of the defaults', () => {
    expect(said({})).toEqual([]);
  });

  test.each([
    ['acks', { acks: 1 }],
    ['retries', { retries: 0 }],
    ['max.in.flight.requests.per.connection', { 'max.in.flight.requests.per.connection': 6 }],
  ])('idempotence is turned off silently by %s, and refused when it was asked for', (key, by) => {
    expect(said(by)).toEqual([`adjusted ${key}`]);
    expect(said({ ...by, 'enable.idempotence': true })).toEqual(refusal('idempotent producer'));
    expect(said({ ...by, 'enable.idempotence': false })).toEqual([]);
  });

  test('more than five in flight are refused since 4.0 even when nobody asked for it', () => {
    const six = { 'max.in.flight.requests.per.connection': 6 };
    expect(said(six, {}, { version: '4.0' })).toEqual(refusal('at most 5'));
  });

  test('a delivery timeout below linger + request timeout is refused', () => {
    expect(said({ 'delivery.timeout.ms': 20_000 })).toEqual(refusal('delivery.timeout.ms'));
    expect(said({ 'delivery.timeout.ms': 30_000 })).toEqual([]);
  });

  test('and raised when it is only the default that is too low', () => {
    expect(said({ 'request.timeout.ms': 200_000 })).toEqual(['adjusted delivery.timeout.ms']);
  });
});

describe('what Kafka says of a consumer', () => {
  test.each([
    ['heartbeats as rare as sessions are long', { 'heartbeat.interval.ms': 45_000 }, 'Heartbeat'],
    ['a session shorter than the broker allows', { 'session.timeout.ms': 5000 }, 'INVALID_SESSION'],
    [
      'no assignor that is modelled',
      { 'partition.assignment.strategy': 'com.example.Own' },
      'no assignor',
    ],
  ])('%s: refused', (_, config, says) => {
    expect(said({}, config)).toEqual(refusal(says));
  });

  test('auto-commit against the acknowledgement of the application: refused', () => {
    const off = { 'enable.auto.commit': false };
    const on = { 'enable.auto.commit': true };
    const process = (acknowledge: string) => ({ process: { acknowledge } });
    expect(said({}, off, process('auto'))).toEqual(refusal('nothing would be committed'));
    expect(said({}, on, process('after'))).toEqual(refusal('contradicts'));
    expect(said({}, off, process('after'))).toEqual([]);
    expect(said({}, on, process('auto'))).toEqual([]);
  });

  test('an assignor may be named by its class', () => {
    const name = 'org.apache.kafka.clients.consumer.RoundRobinAssignor';
    expect(said({}, { 'partition.assignment.strategy': name })).toEqual([]);
  });
});

test('more replicas than brokers are refused; asked of the default they are fewer', () => {
  const four = { topic: { 'replication.factor': 4 } };
  expect(said({}, {}, four)).toEqual(refusal('INVALID_REPLICATION_FACTOR'));
});

test('keys stand once in each table, and name what is modelled', () => {
  for (const table of Object.values(kafka.keys)) {
    const names = table.map((key) => key.name);
    expect(new Set(names).size).toBe(names.length);
    expect(table.some((key) => key.modelled)).toBe(true);
    expect(table.some((key) => !key.modelled)).toBe(true);
  }
});
