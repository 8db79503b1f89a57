import type { NodeId } from './node.ts';
import type { Micros, Ppm } from './time.ts';

/** When a fault strikes: one of these, never two. */
export type When<N = NodeId> =
  | { readonly is: 'at'; readonly at: Micros }
  /** The n-th matching messages (counting from 1), or the n-th time of a fact. */
  | { readonly is: 'nth'; readonly nth: readonly number[] }
  /** At the moment a fact is stated for the nth time; the rest of the handler no longer happens. */
  | {
      readonly is: 'event';
      readonly fact: number;
      readonly nth: number;
      readonly node: N | undefined;
    }
  /** Messages: for each matching one. Nodes: at each multiple of `every`. */
  | { readonly is: 'chance'; readonly ppm: Ppm; readonly every: Micros }
  /**
   * No fault yet, but an offer of one to whoever searches, up to a time. Messages: each matching
   * one. Nodes: each time that one of them states one of these facts. Nobody who draws takes it.
   */
  | { readonly is: 'offered'; readonly facts: readonly number[]; readonly until: Micros };

/** Which messages a fault concerns; an empty text or list matches all. */
export interface Match<N = NodeId> {
  readonly type: string;
  readonly from: readonly N[];
  readonly to: readonly N[];
  /** Text of what it is about, for instance a partition; empty matches all. */
  readonly about: string;
}

export type MessageFault<N = NodeId> =
  /** It never arrives. On a stream the messages behind it still do, as through a faulty proxy. */
  | { readonly what: 'lose'; readonly match: Match<N> }
  /** It arrives later by `by`; on a stream so does everything behind it. */
  | { readonly what: 'delay'; readonly match: Match<N>; readonly by: Micros }
  /** A second copy arrives `after` the first. Datagrams only. */
  | { readonly what: 'duplicate'; readonly match: Match<N>; readonly after: Micros }
  /** It is overtaken by the next message on its link. Datagrams only. */
  | { readonly what: 'reorder'; readonly match: Match<N> }
  /** The connection it would travel on is reset before it leaves. */
  | { readonly what: 'reset'; readonly match: Match<N> };

export type LinkFault<N = NodeId> =
  /** Nothing passes from `from` to `to`. Both ways when `oneWay` is false. */
  | {
      readonly what: 'partition';
      readonly from: readonly N[];
      readonly to: readonly N[];
      readonly oneWay: boolean;
    }
  /** Every message between them takes longer by `by`. */
  | {
      readonly what: 'slow-link';
      readonly from: readonly N[];
      readonly to: readonly N[];
      readonly by: Micros;
    };

export type NodeFault<N = NodeId> =
  /** The process dies; what it wrote stays. */
  | { readonly what: 'crash'; readonly nodes: readonly N[] }
  /** The machines stop at one instant; only what was synced stays. Nobody is told. */
  | { readonly what: 'power-loss'; readonly nodes: readonly N[] }
  /** The machines stop like that, and come back with an empty disk. */
  | { readonly what: 'erase'; readonly nodes: readonly N[] }
  /** Asked to shut down in good order. */
  | { readonly what: 'stop'; readonly nodes: readonly N[] }
  /** The process stands still (garbage collection, a stopped virtual machine); nobody is told. */
  | { readonly what: 'pause'; readonly nodes: readonly N[] }
  | { readonly what: 'clock-jump'; readonly nodes: readonly N[]; readonly by: Micros }
  | { readonly what: 'clock-drift'; readonly nodes: readonly N[]; readonly ppm: number }
  /** Every disk operation takes `factor` thousandths of its normal time. */
  | { readonly what: 'slow-disk'; readonly nodes: readonly N[]; readonly factor: number };

/**
 * A planned fault. Nodes are named by `N`: by name in a scenario, by number in a world. The union
 * is closed: a new kind is a new line here and a test that it bites.
 */
export type Fault<N = NodeId> = (MessageFault<N> | LinkFault<N> | NodeFault<N>) & {
  readonly when: When<N>;
  /** How long it lasts, or how long until the node is started again; -1: to the end of `unsafe`. */
  readonly for: Micros;
};

export type FaultKind = Fault['what'];

const MESSAGE_FAULTS: readonly FaultKind[] = ['lose', 'delay', 'duplicate', 'reorder', 'reset'];
const LINK_FAULTS: readonly FaultKind[] = ['partition', 'slow-link'];

export function isMessageFault<N>(fault: Fault<N>): fault is Fault<N> & MessageFault<N> {
  return MESSAGE_FAULTS.includes(fault.what);
}

export function isLinkFault<N>(fault: Fault<N>): fault is Fault<N> & LinkFault<N> {
  return LINK_FAULTS.includes(fault.what);
}
