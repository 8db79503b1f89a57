import { describe, expect, test } from 'vitest';
import { judgeCommit } from '../../../models/kafka/broker/coordinator.ts';
import { newGroup } from '../../../models/kafka/broker/group-record.ts';
import {
  become,
  type Group,
  type Member,
  selectProtocol,
} from '../../../models/kafka/broker/group.ts';
import type { OffsetCommitRequest } from '../../../models/kafka/protocol.ts';
import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import { run, type Parts } from './world.ts';

function member(id: string, protocols: readonly string[] = ['range']): Member {
  return {
    id,
    instance: '',
    client: id,
    sessionTimeout: 1,
    rebalanceTimeout: 1,
    protocols,
    topic: 'orders',
    owned: [],
    ownedIn: -1,
    partitions: [],
    toldOf: -1,
    joining: undefined,
    syncing: undefined,
    heard: 0,
    timer: NO_HANDLE,
  };
}

function group(phase: Group['phase'], ...ids: string[]): Group {
  return {
    name: 'fulfilment',
    subscription: 0,
    phase,
    generation: 3,
    protocol: 'range',
    leader: ids[0] ?? '',
    members: new Map(ids.map((id) => [id, member(id)])),
    pending: new Map(),
    newcomer: false,
    memberIds: 0,
    committed: [],
    record: newGroup('fulfilment', 1),
    barrier: NO_HANDLE,
  };
}

describe('a commit', () => {
  const from = (id: string, generation: number): OffsetCommitRequest => ({
    type: 'OffsetCommitRequest',
    correlation: 1,
    group: 'fulfilment',
    generation,
    member: id,
    instance: '',
    offsets: [],
  });
  const stable = group({ is: 'Stable' }, 'a');
  const preparing = group({ is: 'PreparingRebalance', initial: false, until: 0 }, 'a');
  const completing = group({ is: 'CompletingRebalance' }, 'a');

  test.each([
    ['of a member in its generation is accepted', stable, from('a', 3), 'NONE'],
    ['is accepted while the group prepares a rebalance', preparing, from('a', 3), 'NONE'],
    ['is not while it completes one', completing, from('a', 3), 'REBALANCE_IN_PROGRESS'],
    ['of an older generation is refused', stable, from('a', 2), 'ILLEGAL_GENERATION'],
    ['of a stranger is refused', stable, from('b', 3), 'UNKNOWN_MEMBER_ID'],
    ['without a member needs an empty group', group({ is: 'Empty' }), from('', -1), 'NONE'],
    ['without a member is refused otherwise', stable, from('', -1), 'UNKNOWN_MEMBER_ID'],
  ])('%s', (_, of, request, error) => {
    expect(judgeCommit(of, request)).toBe(error);
  });
});

describe('the protocol of a group', () => {
  test('is one that all support, with the most first votes', () => {
    const votes = [
      member('a', ['range', 'roundrobin']),
      member('b', ['roundrobin', 'range']),
      member('c', ['roundrobin', 'range', 'sticky']),
    ];
    expect(selectProtocol(votes)).toBe('roundrobin');
    expect(selectProtocol([member('a', ['sticky', 'range']), member('b')])).toBe('range');
  });
});

test('a group cannot become stable without an assignment', () => {
  const out = { became: () => {} } as never;
  const empty = group({ is: 'Empty' });
  expect(() => become(empty, { is: 'Stable' }, 'no', out)).toThrow('Empty -> Stable is legal');
  const completing = group({ is: 'CompletingRebalance' }, 'a');
  expect(() => become(completing, { is: 'Stable' }, 'yes', out)).not.toThrow();
});

describe('the states of a group in a run', () => {
  const states = (parts: Parts) =>
    run(parts)
      .words('became')
      .filter(([about]) => about === 'group fulfilment')
      .map(([, from, to]) => `${from} > ${to}`);
  const round = ['PreparingRebalance > CompletingRebalance', 'CompletingRebalance > Stable'];

  test('one member: joined, assigned, stable', () => {
    expect(states({})).toEqual(['Empty > PreparingRebalance', ...round]);
  });

  test('its only member stops: empty again', () => {
    const faults = [{ stop: 'fulfilment-1', at: '5s' }];
    const left = ['Stable > PreparingRebalance', 'PreparingRebalance > Empty'];
    const seen = states({ faults, send: { count: 60, every: '100ms' }, until: '60s' });
    expect(seen).toEqual(['Empty > PreparingRebalance', ...round, ...left]);
  });

  test('members that come within the first delay share one rebalance; later ones cause another', () => {
    const count = (starts: string[]) =>
      run({ instances: 3, starts, send: { count: 300, every: '30ms' } }).counter('rebalances');
    expect(count(['0s', '1s', '2s'])).toBe(1);
    expect(count(['0s', '5s', '7s'])).toBe(3);
  });

  test('a lost SyncGroupResponse does not stop the group', () => {
    const ran = run({
      consumer: { 'max.poll.interval.ms': 20_000, 'request.timeout.ms': 5000 },
      faults: [{ lose: 'SyncGroupResponse', nth: 1 }],
    });
    expect(ran.group).toMatchObject({ delivered: 10, lost: 0 });
  });
});
