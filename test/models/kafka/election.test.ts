import { describe, expect, test } from 'vitest';
import { elect, judge, withoutBroker } from '../../../models/kafka/election.ts';
import type { Image, PartitionState } from '../../../models/kafka/image.ts';
import type { AlterPartitionRequest } from '../../../models/kafka/protocol.ts';

const state = (leader: number, isr: number[]): PartitionState => ({
  leader,
  isr,
  leaderEpoch: 4,
  partitionEpoch: 9,
});
const up =
  (...brokers: number[]) =>
  (broker: number) =>
    brokers.includes(broker);

describe('an election', () => {
  test('goes to the first active member of the ISR in the order of assignment', () => {
    const after = elect([2, 0, 1], [1, 0], state(2, [2, 1, 0]), up(0, 1), false);
    expect(after).toEqual({ leader: 0, isr: [1, 0], leaderEpoch: 5, partitionEpoch: 10 });
  });

  test('keeps a leader that may lead: the epoch stays', () => {
    const after = elect([0, 1], [0], state(0, [0, 1]), up(0), false);
    expect(after).toEqual({ leader: 0, isr: [0], leaderEpoch: 4, partitionEpoch: 10 });
  });

  test('finds nobody when no member of the ISR is active', () => {
    const after = elect([0, 1], [0], state(0, [0]), up(1), false);
    expect(after).toMatchObject({ leader: -1, isr: [0], leaderEpoch: 5 });
  });

  test('unclean: takes the first active replica, and makes it the whole ISR', () => {
    const after = elect([0, 1, 2], [0], state(0, [0]), up(1, 2), true);
    expect(after).toMatchObject({ leader: 1, isr: [1], leaderEpoch: 5 });
  });

  test('unclean changes nothing while a clean candidate is there', () => {
    const after = elect([0, 1, 2], [2], state(0, [2]), up(1, 2), true);
    expect(after).toMatchObject({ leader: 2, isr: [2] });
  });

  test('the last member of an ISR stays in it', () => {
    expect(withoutBroker(state(0, [0, 1]), 1)).toEqual([0]);
    expect(withoutBroker(state(0, [0]), 0)).toEqual([0]);
  });
});

describe('a request to change an ISR', () => {
  const broker = (epoch: number, fenced = false) => ({
    epoch,
    incarnation: 1,
    fenced,
    stopping: false,
  });
  const image: Image = {
    version: 1,
    partitions: [],
    brokers: [broker(11), broker(12), broker(13, true)],
    nextBrokerEpoch: 14,
    nextProducerId: 0,
  };
  const request: AlterPartitionRequest = {
    type: 'AlterPartitionRequest',
    correlation: 1,
    broker: 0,
    brokerEpoch: 11,
    partition: 0,
    leaderEpoch: 4,
    partitionEpoch: 9,
    isr: [0, 1],
    epochs: [11, 12],
  };
  const now = state(0, [0]);

  test.each([
    ['is accepted in the present epochs', {}, 'NONE'],
    ['of an older leader is fenced', { leaderEpoch: 3 }, 'FENCED_LEADER_EPOCH'],
    ['of an older partition epoch is refused', { partitionEpoch: 8 }, 'INVALID_UPDATE_VERSION'],
    ['from the future is not for this controller', { leaderEpoch: 5 }, 'NOT_CONTROLLER'],
    ['of an earlier process is stale', { brokerEpoch: 10 }, 'STALE_BROKER_EPOCH'],
    ['with a fenced broker is refused', { isr: [0, 2], epochs: [11, 13] }, 'INELIGIBLE_REPLICA'],
    ['with a broker restarted since is refused', { epochs: [11, 7] }, 'INELIGIBLE_REPLICA'],
  ])('%s', (_, by, error) => {
    expect(judge(image, now, { ...request, ...by })).toBe(error);
  });
});
