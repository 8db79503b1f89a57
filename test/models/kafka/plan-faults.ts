import fc from 'fast-check';
import { range, type Tree } from './plan-configs.ts';

/** Bounded faults of random plans: each kind as a person would write it. */

const ms = (min: number, max: number) => range(min, max).map((n) => `${n}ms`);

const span = ms(50, 4000);

export type FaultKind =
  | 'messages' // One message is late, lost, or loses its connection.
  | 'resets' // Connections break.
  | 'brokers' // A broker crashes, stops or stands still.
  | 'crashes' // A broker or a consumer crashes.
  | 'controller'
  | 'consumers'
  | 'producer'
  | 'networks' // Brokers and controller are cut off from each other, or all from one.
  | 'power' // Brokers lose what they have not synced.
  | 'one power' // One of them does.
  | 'one disk' // A broker comes back with an empty disk.
  | 'clocks' // A clock jumps, or is too fast or too slow.
  | 'disks'; // A disk is slow.

const CLIENT_TO_BROKER = ['ProduceRequest', 'FetchRequest', 'OffsetCommitRequest'] as const;
const MESSAGES = [
  ...CLIENT_TO_BROKER,
  'ProduceResponse',
  'FetchResponse',
  'OffsetCommitResponse',
  'JoinGroupRequest',
  'JoinGroupResponse',
  'SyncGroupRequest',
  'SyncGroupResponse',
  'HeartbeatRequest',
  'HeartbeatResponse',
  'MetadataResponse',
  'InitProducerIdResponse',
  'AddPartitionsToTxnRequest',
  'AddOffsetsToTxnRequest',
  'TxnOffsetCommitRequest',
  'TxnOffsetCommitResponse',
  'EndTxnRequest',
  'EndTxnResponse',
  'WriteTxnMarkersRequest',
  'WriteTxnMarkersResponse',
  'ConsumerGroupHeartbeatRequest',
  'ConsumerGroupHeartbeatResponse',
  'ShareFetchRequest',
  'ShareFetchResponse',
  'ShareAcknowledgeResponse',
  'AlterPartitionRequest',
  'AlterPartitionResponse',
  'BrokerHeartbeatRequest',
  'BrokerHeartbeatResponse',
] as const;

/** Whom a fault may strike. */
export interface Cast {
  readonly brokers: readonly string[];
  readonly consumers: readonly string[];
  /** When; all is over after 4 s, for producers send for 2 s at most. */
  readonly moment: fc.Arbitrary<string>;
  readonly nth: fc.Arbitrary<number>;
}

/** `early`: from the beginning on, or when whoever sends every 60 ms has been heard. */
export function timesOf(early: boolean): Pick<Cast, 'moment' | 'nth'> {
  return early
    ? { moment: ms(0, 4000), nth: range(1, 40) }
    : { moment: ms(1000, 4000), nth: range(12, 40) };
}

function processFaults(nodes: readonly string[], { moment }: Cast): fc.Arbitrary<Tree> {
  const node = fc.constantFrom(...nodes);
  return fc.oneof(
    fc.record({ crash: node, at: moment, restart: span }),
    fc.record({ stop: node, at: moment, restart: span }),
    fc.record({ pause: node, at: moment, for: span }),
  );
}

function networkFaults({ brokers, consumers, moment }: Cast): fc.Arbitrary<Tree> {
  const all = [...brokers, 'controller', 'checkout', ...consumers];
  const inside = [...brokers, 'controller'];
  const cut = (one: string, others: readonly string[]) => [
    [one],
    others.filter((other) => other !== one),
  ];
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...all), moment, span)
      .map(([one, at, long]) => ({ partition: cut(one, all), at, for: long })),
    fc
      .tuple(fc.constantFrom(...inside), moment, span)
      .map(([one, at, long]) => ({ partition: cut(one, inside), at, for: long })),
    fc.tuple(fc.constantFrom(...all), fc.constantFrom(...all), moment, span).map(
      // One way only, and a link to itself is left alone.
      ([from, to, at, long]) =>
        from === to
          ? { pause: from, at, for: long }
          : { partition: { from: [from], to: [to] }, at, for: long },
    ),
    fc.tuple(fc.constantFrom(...all), ms(20, 800), moment, span).map(([one, by, at, long]) => ({
      'slow-link': { from: cut(one, all)[1], to: [one], by },
      at,
      for: long,
    })),
  );
}

export function faultsOf(kind: FaultKind, cast: Cast): fc.Arbitrary<Tree> {
  const { moment, nth } = cast;
  switch (kind) {
    case 'messages':
      return fc.oneof(
        fc.record({ lose: fc.constantFrom(...MESSAGES), nth }),
        fc.record({ delay: fc.constantFrom(...MESSAGES), by: ms(10, 2500), nth }),
        fc.record({ reset: fc.constantFrom(...MESSAGES), nth }),
      );
    case 'resets':
      return fc.record({ reset: fc.constantFrom(...MESSAGES), nth });
    case 'brokers':
      return processFaults(cast.brokers, cast);
    case 'crashes': {
      const node = fc.constantFrom(...cast.brokers, ...cast.consumers);
      return fc.record({ crash: node, at: moment, restart: span });
    }
    case 'controller':
      return processFaults(['controller'], cast);
    case 'consumers':
      return processFaults(cast.consumers, cast);
    case 'producer':
      return processFaults(['checkout'], cast);
    case 'networks':
      return networkFaults(cast);
    case 'power':
      return fc
        .tuple(fc.subarray([...cast.brokers], { minLength: 1 }), moment, span)
        .map(([nodes, at, restart]) => ({ 'power-loss': nodes, at, restart }));
    case 'one power':
      return fc.record({
        'power-loss': fc.constantFrom(...cast.brokers),
        at: moment,
        restart: span,
      });
    case 'one disk':
      return fc.record({ erase: fc.constantFrom(...cast.brokers), at: moment, restart: span });
    case 'clocks':
      return clockFaults([...cast.brokers, 'controller', 'checkout', ...cast.consumers], cast);
    case 'disks':
      return fc.record({
        'slow-disk': fc.constantFrom(...cast.brokers),
        factor: fc.constantFrom(2, 100, 10_000),
        at: moment,
        for: span,
      });
  }
}

function clockFaults(nodes: readonly string[], { moment }: Cast): fc.Arbitrary<Tree> {
  const node = fc.constantFrom(...nodes);
  const by = fc.constantFrom('-3s', '-300ms', '300ms', '3s', '1h');
  const ppm = fc.constantFrom(-500_000, -1000, 1000, 500_000);
  return fc.oneof(
    fc.record({ 'clock-jump': node, by, at: moment }),
    fc.record({ 'clock-drift': node, ppm, at: moment, for: span }),
  );
}

/** Processes die, stop and stand still, networks part, messages go astray; disks are kept. */
export const STORMS = [
  'messages',
  'resets',
  'brokers',
  'controller',
  'consumers',
  'networks',
  'clocks',
  'disks',
] as const satisfies readonly FaultKind[];

const { moment } = timesOf(true);

/** What an operator does meanwhile. A rolling restart is a fault of his making. */
export const operations: fc.Arbitrary<readonly Tree[]> = fc.array(
  fc.oneof(
    range(4, 6).chain((to) =>
      fc.record({ 'add-partitions': fc.constant({ topic: 'orders', to }), at: moment }),
    ),
    // Refused where there are fewer brokers.
    fc.shuffledSubarray(['broker-1', 'broker-2', 'broker-3'], { minLength: 1 }).chain((replicas) =>
      fc.record({
        'reassign-partitions': fc.constant({ topic: 'orders', replicas }),
        at: moment,
      }),
    ),
    fc.record({ 'elect-leaders': fc.constant({ topic: 'orders' }), at: moment }),
    fc.record({
      'alter-config': fc.constantFrom<Tree>(
        { topic: 'orders', key: 'min.insync.replicas', value: 2 },
        { topic: 'orders', key: 'flush.messages', value: 1 },
      ),
      at: moment,
    }),
  ),
  { minLength: 1, maxLength: 2 },
);

export const ROLLING = fc.constant([
  { stop: 'brokers', at: '500ms', restart: '300ms', apart: '1500ms' },
]);
