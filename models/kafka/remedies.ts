import type { Remedy } from '../parts/system.ts';

/** Settings that keep a failure away, each for a price. */
export const REMEDIES: readonly Remedy[] = [
  { place: 'producer', key: 'enable.idempotence', value: 'true' },
  { place: 'producer', key: 'acks', value: 'all' },
  { place: 'producer', key: 'max.in.flight.requests.per.connection', value: '1' },
  { place: 'producer', key: 'retries', value: '2147483647' },
  { place: 'producer', key: 'delivery.timeout.ms', value: '600000' },
  { place: 'channel', key: 'min.insync.replicas', value: '2' },
  { place: 'channel', key: 'unclean.leader.election.enable', value: 'false' },
  { place: 'consumer', key: 'enable.auto.commit', value: 'false' },
  { place: 'consumer', key: 'auto.offset.reset', value: 'earliest' },
  { place: 'consumer', key: 'max.poll.records', value: '1' },
];
