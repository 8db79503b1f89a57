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
  'pause',
  'lose',
  'reset',
  'duplicate',
  'delay',
] as const;
export type OfferKind = (typeof OFFER_KINDS)[number];

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
  readonly kinds: readonly OfferKind[];
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
}

export const SPACE: SpaceOptions = {
  kinds: ['crash', 'lose'],
  moments: MOMENTS,
  messages: [],
  nodes: [],
  until: Number.MAX_SAFE_INTEGER,
  delay: seconds(2),
  restart: seconds(5),
};

/** The space as faults on offer. */
export function offersOf(scenario: Scenario, space: SpaceOptions): Fault<string>[] {
  const { until, delay, restart } = space;
  const nodes = scenario.systems
    .flatMap(({ system, deployment }) => system.nodes(deployment))
    .filter((node) => space.nodes.length === 0 || isNamed(node, space.nodes));
  const facts = space.moments.map((name) => Fact[name]);
  const types = space.messages.length === 0 ? [''] : space.messages;
  const onMessages = { is: 'offered', facts: [], until } as const;
  const onNodes = { is: 'offered', facts, until } as const;
  return OFFER_KINDS.filter((kind) => space.kinds.includes(kind)).flatMap((what) => {
    switch (what) {
      case 'power-loss':
      case 'crash':
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

const ON_NODES: readonly string[] = ['power-loss', 'crash', 'pause'];

export function isMessageKind(kind: string): boolean {
  return !ON_NODES.includes(kind);
}
