import { describe, expect, test } from 'vitest';
import { INVARIANTS } from '../../../../models/kafka/audit/claims.ts';
import { textOf } from '../../../library.ts';
import {
  assignsTwice,
  auditOf,
  type Flaw,
  forgetsSequences,
  forgetsWatermark,
  oldRules,
  readsAborted,
  usurps,
} from './broken.ts';

/** Three brokers, one partition, whatever the case needs besides. */
function cluster(over: Record<string, unknown> = {}, config: Record<string, unknown> = {}): string {
  const { producer = {}, consumer = {}, send = {}, instances = 1, ...rest } = over;
  return JSON.stringify({
    scenario: 'a model with a flaw',
    system: 'kafka',
    version: '3.9',
    cluster: { brokers: 3, config },
    topics: { orders: { partitions: 2, 'replication.factor': 3 } },
    producers: {
      checkout: {
        to: 'orders',
        send: { count: 200, every: '10ms', keys: 20, ...(send as object) },
        config: { 'linger.ms': 0, ...(producer as object) },
      },
    },
    consumers: {
      fulfilment: {
        from: 'orders',
        instances,
        config: { 'enable.auto.commit': false, ...(consumer as object) },
        process: { acknowledge: 'after' },
      },
    },
    limits: { until: '10min' },
    ...rest,
  });
}

/** A scenario of the library under a version that knows better, without its expectations. */
function library(file: string, version: string): string {
  const text = textOf(`scenarios/kafka/${file}.yaml`);
  return text.slice(0, text.indexOf('\nexpect:')).replace(/version: .*/, `version: '${version}'`);
}

const transactions = cluster({
  producer: { 'transactional.id': 'checkout-1' },
  consumer: { 'isolation.level': 'read_committed' },
  send: { transaction: { messages: 5, aborts: 3, then: 'drop' } },
});

const CASES: readonly (readonly [claim: string, what: string, flaw: Flaw, text: string])[] = [
  [
    'committed-survives',
    'followers truncate to their high watermark',
    oldRules('3.9', { truncatesByEpoch: false, truncatesOnFetch: false }),
    library('truncated-to-the-high-watermark', '3.9'),
  ],
  [
    'log-matching',
    'a leader does not say which epoch it speaks of',
    oldRules('3.9', { truncatesOnFetch: false, epochEndNamesEpoch: false }),
    library('replicas-differ-after-two-failovers', '3.9'),
  ],
  ['watermark-rises', 'a leader forgets how far it has got', forgetsWatermark, cluster()],
  ['one-leader', 'a follower takes itself for the leader', usurps, cluster()],
  ['aborted-unread', 'a reader of committed data filters nothing', readsAborted, transactions],
  [
    'uncommitted-unread',
    'a follower takes over the high watermark of an answer that tells it to truncate',
    oldRules('3.9', { divergenceMovesNoWatermark: false }),
    library('uncommitted-records-read-from-a-follower', '3.9'),
  ],
  [
    'sequences-once',
    'a broker takes every batch for new',
    forgetsSequences,
    cluster({
      producer: { 'request.timeout.ms': 500 },
      faults: [{ lose: 'ProduceResponse', nth: 5 }],
    }),
  ],
  ['one-owner', 'the assignor gives all to all', assignsTwice, cluster({ instances: 2 })],
];

describe.each(CASES)('kafka.%s', (claim, what, flaw, text) => {
  const name = `kafka.${claim}`;

  test(`is violated when ${what}, with a witness`, () => {
    const finding = auditOf(text, flaw).get(name);
    expect(finding?.verdict).toBe('violated');
    expect(finding?.witnesses.length).toBeGreaterThan(0);
  });

  test('holds in the same run of the model as it is, and was put to the test', () => {
    const finding = auditOf(text).get(name);
    expect(finding).toMatchObject({ verdict: 'holds', violations: 0 });
    expect(finding?.checked).toBeGreaterThan(0);
  });
});

test('each claim has a flaw that it is caught by', () => {
  const covered = CASES.map(([claim]) => claim).sort();
  expect(covered).toEqual(INVARIANTS.map((claim) => claim.name).sort());
});

test('a claim that nothing tried is unknown, not kept', () => {
  expect(auditOf(cluster()).get('kafka.aborted-unread')?.verdict).toBe('unknown');
  expect(auditOf(cluster()).get('kafka.committed-survives')?.verdict).toBe('unknown');
});
