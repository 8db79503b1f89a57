import type { BrokerIndex } from '../queue.ts';

/** A node that runs, as the others know it while partitions end. */
export interface Standing {
  readonly node: BrokerIndex;
  readonly connections: number;
  /** The nodes that it sees, itself among them. */
  readonly sees: ReadonlySet<BrokerIndex>;
}

/**
 * `autoheal`: who has to restart once a partition ends. The side with most client connections wins,
 * then the one with most nodes, then any (here: that of the lowest node). `sees` of the node that
 * decides, the first of the list, is its side; the rest are told apart by what they see.
 */
export function losers(standings: readonly Standing[]): BrokerIndex[] {
  const [first] = standings;
  const sides = new Map<string, Standing[]>();
  for (const standing of standings) {
    const others = [...standing.sees].filter((node) => !first.sees.has(node));
    const side = first.sees.has(standing.node) ? '' : others.sort((a, b) => a - b).join();
    const members = sides.get(side);
    if (members === undefined) sides.set(side, [standing]);
    else members.push(standing);
  }
  let winner: readonly Standing[] = [];
  for (const side of sides.values()) if (isGreater(side, winner)) winner = side;
  return standings.filter((standing) => !winner.includes(standing)).map(({ node }) => node);
}

function isGreater(a: readonly Standing[], b: readonly Standing[]): boolean {
  const connections = (side: readonly Standing[]) => {
    return side.reduce((sum, { connections }) => sum + connections, 0);
  };
  const more = connections(a) - connections(b);
  return more !== 0 ? more > 0 : a.length > b.length;
}

/** `pause_minority`: may a node that sees so many, itself among them, go on? */
export function isMajority(seen: number, nodes: number): boolean {
  return seen * 2 > nodes;
}
