import { describe, expect, test } from 'vitest';
import { truncationPoint } from '../../../models/kafka/broker/truncation.ts';
import { EpochCache } from '../../../models/kafka/epoch-cache.ts';
import { rulesOf } from '../../../models/kafka/versions.ts';
import { run, type Parts } from './world.ts';

/** Epochs by the offset at which each begins. */
function history(starts: Readonly<Record<number, number>>, end: number, highWatermark = 0) {
  const epochs = new EpochCache();
  for (const [epoch, start] of Object.entries(starts)) epochs.assign(Number(epoch), start);
  return { epochs, end, highWatermark };
}

describe('two failovers (KIP-279)', () => {
  // A holds epoch 1 at 0..9 and epoch 2 at 10..14; B holds epoch 1 at 0..12, leads in epoch 3 from
  // 13.
  const a = history({ 1: 0, 2: 10 }, 15);
  const b = history({ 1: 0, 3: 13 }, 20);
  const answer = b.epochs.endOf(a.epochs.latest, b.end);

  test('the leader knows no epoch 2: epoch 1 ends where 3 begins', () => {
    expect(answer).toEqual({ epoch: 1, end: 13 });
  });

  test('with the offset alone the follower keeps 10..12 of an epoch that the leader never had', () => {
    const cut = truncationPoint(a, { ...answer, epoch: -1 }, rulesOf('1.1'));
    expect(cut).toEqual({ to: 13, again: false });
  });

  test('with the epoch it cuts to the end of its own epoch 1', () => {
    expect(truncationPoint(a, answer, rulesOf('2.0'))).toEqual({ to: 10, again: false });
  });
});

test('an epoch that the follower does not know: it cuts to the one before and asks again', () => {
  const own = history({ 1: 0, 4: 10 }, 15);
  // The leader has epochs 1, 2 and 5; of epoch 4 it says that epoch 2 ends at 12.
  const leader = history({ 1: 0, 2: 8, 5: 12 }, 20);
  const answer = leader.epochs.endOf(4, leader.end);
  expect(answer).toEqual({ epoch: 2, end: 12 });
  expect(truncationPoint(own, answer, rulesOf('2.0'))).toEqual({ to: 10, again: true });
});

test('an answer that knows nothing leaves the high watermark', () => {
  const own = history({ 3: 0 }, 15, 7);
  expect(truncationPoint(own, { epoch: -1, end: -1 }, rulesOf('1.1')).to).toBe(7);
});

test('a log that is a prefix of the leader stays as it is', () => {
  const own = history({ 1: 0, 2: 10 }, 15);
  const leader = history({ 1: 0, 2: 10 }, 30);
  for (const version of ['1.1', '2.0', '3.9']) {
    const answer = leader.epochs.endOf(2, leader.end);
    expect(truncationPoint(own, answer, rulesOf(version)).to).toBe(15);
  }
});

describe('a follower that comes back', () => {
  const parts: Parts = {
    version: '3.9',
    send: { count: 100, every: '50ms' },
    producer: { acks: 'all', 'enable.idempotence': false, retries: 100 },
    faults: [{ crash: 'broker-2', at: '1s', restart: '1s' }],
  };

  test.each(['0.10', '0.11', '2.0', '2.7', '3.9', '4.1'])('follows again in %s', (version) => {
    const ran = run({ ...parts, version });
    expect(ran.group).toMatchObject({ lost: 0, delivered: 100 });
    expect(ran.counter('records.diverged')).toBe(0);
    expect(ran.repeated).toEqual([]);
    expect(ran.count('OffsetForLeaderEpochRequest', 'broker-2') > 0).toBe(
      ['0.11', '2.0'].includes(version),
    );
  });
});
