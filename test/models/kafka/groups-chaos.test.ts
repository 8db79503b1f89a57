import { describe, expect, test } from 'vitest';
import { type Parts, run } from './world.ts';

const STRATEGY = 'partition.assignment.strategy';
const MODES: Readonly<Record<string, Record<string, unknown>>> = {
  range: { [STRATEGY]: 'range' },
  sticky: { [STRATEGY]: 'sticky' },
  cooperative: { [STRATEGY]: 'cooperative-sticky' },
  'static, range': { [STRATEGY]: 'range', 'group.instance.id': 'w' },
  'static, cooperative': { [STRATEGY]: 'cooperative-sticky', 'group.instance.id': 'w' },
  consumer: { 'group.protocol': 'consumer' },
  'static, consumer': { 'group.protocol': 'consumer', 'group.instance.id': 'w' },
};

const GROUP_MESSAGES = [
  'JoinGroupRequest',
  'JoinGroupResponse',
  'SyncGroupRequest',
  'SyncGroupResponse',
  'HeartbeatResponse',
  'ConsumerGroupHeartbeatRequest',
  'ConsumerGroupHeartbeatResponse',
  'OffsetCommitResponse',
];

const faults = [
  ...GROUP_MESSAGES.map((lose) => ({ lose, chance: '5%' })),
  { crash: 'fulfilment-1', chance: '10%', every: '7s', restart: '3s' },
  { stop: 'fulfilment-2', chance: '10%', every: '9s', restart: '2s' },
  { pause: 'fulfilment-3', chance: '10%', every: '11s', for: '15s' },
  { crash: 'broker-2', chance: '5%', every: '13s', restart: '8s' },
];

/** Commits come after processing, so nothing may ever be lost, whoever owns what. */
describe.each(Object.entries(MODES))('a group under any mix of faults: %s', (_, mode) => {
  test.each(['1', '2', '3', '4'])('seed %s', (seed) => {
    const modern = mode['group.protocol'] === 'consumer';
    const session = modern ? {} : { 'session.timeout.ms': 8000 };
    const parts: Parts = {
      seed,
      version: '4.0',
      instances: 3,
      partitions: 6,
      consumer: { ...mode, ...session, 'max.poll.interval.ms': 20_000, 'request.timeout.ms': 5000 },
      process: { takes: '5ms', acknowledge: 'after', commit: { every: 3, 'on-revoke': true } },
      send: { count: 600, every: '100ms', keys: 60 },
      latency: { p50: '1ms', p99: '20ms' },
      faults,
    };
    const ran = run(parts);
    expect(ran.group).toMatchObject({ lost: 0, delivered: ran.record.producers.checkout.ok });
    expect(ran.repeated).toEqual([]);
  });
});
