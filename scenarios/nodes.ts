import type { Deployed } from './deployment.ts';
import { didYouMean, listed } from './nearest.ts';
import type { Complaints, Span } from './place.ts';
import { isMeasure } from './expect.ts';
import { find, keysOf, keySpan, type Tree } from './tree.ts';

/** Sinks that the application layer brings along; see `Ground`. */
export const DATABASE = 'database';
const API = 'payment-api';
const BROKERS = 'brokers';

/** The nodes of a scenario by every name that a fault may use for them. */
export class Nodes {
  readonly #nodes: ReadonlySet<string>;
  readonly #groups: ReadonlyMap<string, readonly string[]>;
  /** Components with mistakes: whatever carries their name is not judged. */
  readonly #doubtful: ReadonlySet<string>;

  constructor(deployed: Deployed, added: readonly string[] = []) {
    const own = deployed.systems.flatMap((s) => s.system.nodes(s.deployment));
    const nodes = [...own, ...added];
    const consumers = deployed.systems.flatMap((s) => s.deployment.consumers);
    if (consumers.some((c) => c.handling.effect === 'database')) nodes.push(DATABASE);
    if (consumers.some((c) => c.handling.effect === 'api')) nodes.push(API);
    this.#nodes = new Set(nodes);
    // Instances by what they are instances of: `fulfilment` of fulfilment-1 and -2, `broker`, ...
    const groups = new Map<string, string[]>();
    for (const node of nodes) {
      const base = baseOf(node);
      if (base === node) continue;
      const group = groups.get(base);
      if (group === undefined) groups.set(base, [node]);
      else group.push(node);
    }
    groups.set(BROKERS, groups.get('broker') ?? []);
    this.#groups = groups;
    const sound = new Set(
      deployed.systems.flatMap((s) => [
        ...s.deployment.consumers.map((c) => c.name),
        ...s.deployment.producers.map((p) => p.name),
      ]),
    );
    this.#doubtful = new Set(
      [...deployed.consumers, ...deployed.producers].filter((n) => !sound.has(n)),
    );
  }

  has(node: string): boolean {
    return this.#nodes.has(node);
  }

  /** The nodes that a name stands for; undefined, and a complaint, when there are none. */
  resolve(name: string, span: Span, complaints: Complaints): readonly string[] | undefined {
    if (this.#nodes.has(name)) return [name];
    const group = this.#groups.get(name) ?? [];
    if (group.length > 0) return group;
    if (this.#doubtful.has(name) || this.#doubtful.has(baseOf(name))) return undefined;
    if (this.#nodes.size === 0) return undefined;
    if (name === DATABASE || name === API) {
      const effect = name === API ? 'api' : name;
      const hint = `no consumer has \`effect: ${effect}\``;
      complaints.add('SCN040', span, `there is no node "${name}"`, hint);
      return undefined;
    }
    const groups = [...this.#groups].filter(([, nodes]) => nodes.length > 1).map(([n]) => n);
    const known = [...this.#nodes, ...groups];
    const hint = didYouMean(name, known, `nodes: ${listed(known)}`);
    complaints.add('SCN040', span, `there is no node "${name}"`, hint);
    return undefined;
  }
}

function baseOf(node: string): string {
  return node.replace(/-\d+$/, '');
}

/** Names must tell things apart: producers, groups and nodes share one space. */
export function checkNames(deployed: Deployed, root: Tree, complaints: Complaints): void {
  const clash = (path: string[], says: string) =>
    complaints.add('SCN018', keySpan(root, path), says, 'choose another name');
  const producers = new Set(keysOf(find(root, ['producers'])));
  for (const name of deployed.consumers) {
    if (producers.has(name)) clash(['consumers', name], `"${name}" is a producer's name already`);
    if (isMeasure(name)) clash(['consumers', name], `"${name}" is the name of a measure`);
  }
  const seen = new Set<string>([DATABASE, API]);
  for (const { system, deployment } of deployed.systems) {
    for (const node of system.nodes(deployment)) {
      if (seen.has(node)) {
        const path = ownerOf(node, deployed);
        // A clash of a group's own name with a producer's was told above.
        if (!(path[0] === 'consumers' && producers.has(path[1]))) {
          clash(path, `two nodes would be called "${node}"`);
        }
      }
      seen.add(node);
    }
  }
  for (const [kind, names] of [
    ['consumers', deployed.consumers],
    ['producers', deployed.producers],
  ] as const) {
    if (names.includes(BROKERS)) {
      clash([kind, BROKERS], `"${BROKERS}" stands for all brokers`);
    }
  }
}

/** Which part of the file made a node. */
function ownerOf(node: string, deployed: Deployed): string[] {
  for (const name of [node, baseOf(node)]) {
    if (deployed.consumers.includes(name)) return ['consumers', name];
    if (deployed.producers.includes(name)) return ['producers', name];
  }
  return ['systems'];
}
