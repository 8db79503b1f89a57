import { describe, expect, test } from 'vitest';
import { elect, judge, type Terms, withoutBroker } from '../../../models/kafka/election.ts';
import type { Image, PartitionState } from '../../../models/kafka/image.ts';
import type { AlterPartitionRequest } from '../../../models/kafka/protocol.ts';
import { rulesOf } from '../../../models/kafka/versions.ts';

const state = (
  leader: number,
  isr: number[],
  replicas = [0, 1, 2],
  elr: number[] = [],
): PartitionState => ({
  leader,
  isr,
  replicas,
  adding: [],
  removing: [],
  elr,
  lastLeader: leader,
  leaderEpoch: 4,
  partitionEpoch: 9,
});

/** An election by the rules of a version, with these brokers active. */
const terms = (active: number[], version = '3.9', by: Partial<Terms> = {}): Terms => ({
  active: (broker) => active.includes(broker),
  unclean: false,
  minInsync: 2,
  rules: rulesOf(version),
  ...by,
});

describe('an election', () => {
  test('goes to the first active member of the ISR in the order of assignment', () => {
    const after = elect(state(2, [2, 1, 0], [2, 0, 1]), [1, 0], terms([0, 1]));
    expect(after).toMatchObject({ leader: 0, isr: [1, 0], leaderEpoch: 5, partitionEpoch: 10 });
  });

  test('keeps a leader that may lead: the epoch stays', () => {
    const after = elect(state(0, [0, 1]), [0], terms([0]));
    expect(after).toMatchObject({ leader: 0, isr: [0], leaderEpoch: 4, partitionEpoch: 10 });
  });

  test('before 3.6 the epoch rose with every member that left', () => {
    const after = elect(state(0, [0, 1]), [0], terms([0], '3.5'));
    expect(after).toMatchObject({ leader: 0, isr: [0], leaderEpoch: 5 });
  });

  test('finds nobody when no member of the ISR is active', () => {
    const after = elect(state(0, [0]), [0], terms([1]));
    expect(after).toMatchObject({ leader: -1, isr: [0], leaderEpoch: 5, lastLeader: 0 });
  });

  test('unclean: takes the first active replica, and makes it the whole ISR', () => {
    const after = elect(state(0, [0]), [0], terms([1, 2], '3.9', { unclean: true }));
    expect(after).toMatchObject({ leader: 1, isr: [1], leaderEpoch: 5 });
  });

  test('unclean changes nothing while a clean candidate is there', () => {
    const after = elect(state(0, [2]), [2], terms([1, 2], '3.9', { unclean: true }));
    expect(after).toMatchObject({ leader: 2, isr: [2] });
  });

  test('the last member of an ISR stays in it', () => {
    const { rules } = terms([]);
    expect(withoutBroker(state(0, [0, 1]), 1, rules)).toEqual([0]);
    expect(withoutBroker(state(0, [0]), 0, rules)).toEqual([0]);
  });
});

describe('eligible leader replicas (KIP-966)', () => {
  const after = (last: PartitionState, isr: number[], active: number[], by: Partial<Terms> = {}) =>
    elect(last, isr, terms(active, '4.1', by));

  test('whoever leaves an ISR that is too small stays eligible', () => {
    expect(after(state(0, [0, 1, 2]), [0, 1], [0, 1]).elr).toEqual([]);
    expect(after(state(0, [0, 1]), [0], [0]).elr).toEqual([1]);
  });

  test('the ISR may become empty, and its last member is eligible too', () => {
    expect(withoutBroker(state(0, [0]), 0, rulesOf('4.1'))).toEqual([]);
    const left = after(state(0, [0], [0, 1, 2], [1]), [], []);
    expect(left).toMatchObject({ leader: -1, isr: [], elr: [1, 0], lastLeader: 0 });
  });

  test('one of them that is back leads, as the whole ISR; the others stay eligible', () => {
    const back = after(state(-1, [], [0, 1, 2], [1, 0]), [], [1]);
    expect(back).toMatchObject({ leader: 1, isr: [1], elr: [0] });
  });

  test('an unclean restart takes a replica out, and the last leader leads only without others', () => {
    const none = { ...state(-1, [], [0, 1, 2], [1, 0]), lastLeader: 0 };
    expect(after(none, [], [0], { suspect: 0 })).toMatchObject({ leader: -1, elr: [1] });
    const alone = { ...state(-1, [], [0, 1, 2], []), lastLeader: 0 };
    expect(after(alone, [], [1])).toMatchObject({ leader: -1 });
    expect(after(alone, [], [0, 1])).toMatchObject({ leader: 0, isr: [0] });
  });

  test('an ISR that is large enough clears them', () => {
    expect(after(state(0, [0], [0, 1, 2], [1]), [0, 2], [0, 2]).elr).toEqual([]);
  });

  test('without them the last member is the only clean candidate', () => {
    const old = elect(state(0, [0]), [0], terms([1, 2], '4.0'));
    expect(old).toMatchObject({ leader: -1, isr: [0], elr: [] });
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
    configs: {},
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
    expect(judge(image, now, { ...request, ...by }, rulesOf('3.9'))).toBe(error);
  });

  test.each([
    ['3.3', 'a broker restarted since was let in', { epochs: [11, 7] }],
    ['3.1', 'a fenced broker was let in', { isr: [0, 2], epochs: [11, 13] }],
    ['2.5', 'only the version of the node counted', { leaderEpoch: 3, brokerEpoch: 10 }],
  ])('in %s %s', (version, _, by) => {
    expect(judge(image, now, { ...request, ...by }, rulesOf(version))).toBe('NONE');
    expect(judge(image, now, { ...request, ...by }, rulesOf('3.9'))).not.toBe('NONE');
  });
});
