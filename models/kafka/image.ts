import type { BrokerIndex } from './protocol.ts';

/** What the controller decides about one partition. Never changed; a decision makes a new one. */
export interface PartitionState {
  /** -1: nobody. */
  readonly leader: BrokerIndex;
  readonly leaderEpoch: number;
  /** Grows with every change, also of the ISR alone. */
  readonly partitionEpoch: number;
  readonly isr: readonly BrokerIndex[];
  /** In assignment order, the preferred leader first. */
  readonly replicas: readonly BrokerIndex[];
  /** Of these: whom a reassignment brings, and whom it takes away once those are in the ISR. */
  readonly adding: readonly BrokerIndex[];
  readonly removing: readonly BrokerIndex[];
  /** Left the ISR when it was too small, and may lead once it is empty (KIP-966). */
  readonly elr: readonly BrokerIndex[];
  /** Whoever led last; the same as `leader` while there is one. */
  readonly lastLeader: BrokerIndex;
}

export interface BrokerState {
  /** A new one for each registration; larger is newer. */
  readonly epoch: number;
  readonly incarnation: number;
  readonly fenced: boolean;
  /** In controlled shutdown: out of every ISR and no candidate. */
  readonly stopping: boolean;
}

/**
 * The cluster's metadata as of one version. Real brokers replay a log of records; here they are
 * handed whole images, which are small and shared.
 */
export interface Image {
  readonly version: number;
  readonly partitions: readonly PartitionState[];
  readonly brokers: readonly BrokerState[];
  /** What was changed at run time: topic -> key -> value. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly nextBrokerEpoch: number;
  readonly nextProducerId: number;
}

/** May this broker lead, or join an ISR? (KIP-841) */
export function isActive(image: Image, broker: BrokerIndex): boolean {
  const { fenced, stopping } = image.brokers[broker];
  return !fenced && !stopping;
}
