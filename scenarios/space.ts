import {
  LINK_KINDS,
  MESSAGE_KINDS,
  type Ground,
  type PlanKind,
} from '../sim/explore/search/imagine.ts';
import { Fact, type FactName } from '../sim/kernel/entry.ts';
import type { Fault } from '../sim/kernel/fault.ts';
import { millis, seconds, type Micros } from '../sim/kernel/time.ts';
import type { Scenario } from './scenario.ts';

/**
 * What a search may do to a run. The first that is taken wins, and `lose` is asked first of those
 * on messages: so it is asked about every message there is, which numbers them.
 */
export const OFFER_KINDS = [
  'power-loss',
  'crash',
  'stop',
  'pause',
  'lose',
  'reset',
  'duplicate',
  'delay',
] as const;
export type OfferKind = (typeof OFFER_KINDS)[number];

/** Links state no facts: what befalls them is planned for a time, never on offer. */
export const KINDS: readonly PlanKind[] = [...OFFER_KINDS, ...LINK_KINDS];

/** The moments at which a node may be struck: what it has just stated. */
export const MOMENTS: readonly FactName[] = [
  'appended',
  'stored',
  'ok',
  'delivered',
  'effect',
  'handled',
  'settled',
  'settledTo',
];

/** Which faults a search may place, and where. Each field is a bound of what it can prove. */
export interface SpaceOptions {
  readonly kinds: readonly PlanKind[];
  /** Facts at which nodes may be struck. */
  readonly moments: readonly FactName[];
  /** Types of messages; empty: all. */
  readonly messages: readonly string[];
  /** Nodes that may be struck, by name or as "broker" for all of them; empty: all. */
  readonly nodes: readonly string[];
  /** Nothing strikes from here on. */
  readonly until: Micros;
  readonly delay: Micros;
  /** How long a node that was struck stays down, or stands still. */
  readonly restart: Micros;
  /** The same where a search plans faults for itself: it has several to choose from. */
  readonly delays: readonly Micros[];
  readonly spans: readonly Micros[];
}

export const SPACE: SpaceOptions = {
  kinds: ['crash', 'lose'],
  moments: MOMENTS,
  messages: [],
  nodes: [],
  until: Number.MAX_SAFE_INTEGER,
  delay: seconds(2),
  restart: seconds(5),
  // Each about four times as long as the one before: timeouts are anything from that to that.
  delays: [20, 100, 500, 2_000, 8_000, 30_000].map(millis),
  spans: [100, 500, 2_000, 8_000, 30_000, 120_000, 480_000, 1_800_000, 7_200_000].map(millis),
};

/** The space as what may be planned. */
export function groundOf(scenario: Scenario, space: SpaceOptions): Ground {
  const { kinds, messages, moments, spans, delays, until } = space;
  const facts = moments.map((name) => Fact[name]);
  return { kinds, nodes: nodesOf(scenario, space), types: messages, facts, spans, delays, until };
}

function nodesOf({ systems }: Scenario, { nodes }: SpaceOptions): string[] {
  return systems
    .flatMap(({ system, deployment }) => system.nodes(deployment))
    .filter((node) => nodes.length === 0 || isNamed(node, nodes));
}

/** The space as faults on offer. */
export function offersOf(scenario: Scenario, space: SpaceOptions): Fault<string>[] {
  const { until, delay, restart } = space;
  const nodes = nodesOf(scenario, space);
  const facts = space.moments.map((name) => Fact[name]);
  const types = space.messages.length === 0 ? [''] : space.messages;
  const onMessages = { is: 'offered', facts: [], until } as const;
  const onNodes = { is: 'offered', facts, until } as const;
  return OFFER_KINDS.filter((kind) => space.kinds.includes(kind)).flatMap((what) => {
    switch (what) {
      case 'power-loss':
      case 'crash':
      case 'stop':
      case 'pause':
        return nodes.map((node) => ({ what, nodes: [node], when: onNodes, for: restart }));
      default:
        return types.map((type): Fault<string> => {
          const match = { type, from: [], to: [], about: '' };
          const fault = { match, when: onMessages, for: -1 };
          if (what === 'delay') return { ...fault, what, by: delay };
          if (what === 'duplicate') return { ...fault, what, after: millis(1) };
          return { ...fault, what };
        });
    }
  });
}

export function isNamed(node: string, names: readonly string[]): boolean {
  return names.includes(node) || names.includes(node.replace(/-\d+$/, ''));
}

export function isMessageKind(kind: string): boolean {
  return (MESSAGE_KINDS as readonly string[]).includes(kind);
}
