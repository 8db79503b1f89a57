import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Calls } from '../../parts/calls.ts';
import type { Deduplication } from '../fifo/deduplication.ts';
import type { ServicePlan } from '../service.ts';
import type { Filter, SnsPlan } from './plan.ts';
import type { PublishEntry } from './protocol.ts';

/** One message on its way to one subscription; durable until it has arrived or is given up. */
export interface Job {
  readonly nr: number;
  readonly subscription: number;
  readonly entry: PublishEntry;
  /** Which try of Publish it came with. */
  readonly published: number;
  tries: number;
}

/** A filter policy, and from when on each of the hosts applies it. */
export interface Version {
  readonly filter: Filter;
  readonly from: readonly Micros[];
}

export interface SnsBook {
  readonly jobs: Map<number, Job>;
  readonly counts: { jobs: number };
  /** By topic. */
  readonly deduplication: readonly Deduplication[];
  /** By subscription, the latest last. */
  readonly filters: Version[][];
}

export interface Sns {
  readonly plan: SnsPlan;
  readonly service: ServicePlan;
  readonly out: Out;
  readonly book: SnsBook;
  readonly sqs: NodeId;
  readonly toSqs: Calls;
  readonly toHttp: Calls;
  /** FIFO topics, by subscription and group: one job after the other. */
  readonly lanes: Map<string, Job[]>;
  /** By subscription: when the next delivery may start. */
  readonly paced: Micros[];
}

export const Timer = { task: 0, sqs: 1, http: 2, synced: 3 } as const;
