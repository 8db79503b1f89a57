import type { ChannelPlan } from '../parts/system.ts';
import { readDefinitions } from './config/definitions.ts';
import type { QueueLimits, QueuePlan } from './layout.ts';
import { type Policy, withPolicies } from './policies.ts';
import { type Arguments, type ArgumentValue, NO_ARGUMENTS, type QueueIndex } from './protocol.ts';
import { Exchange } from './routing/exchange.ts';

/** What stands in `bindings:` of an exchange. */
interface WrittenBinding {
  readonly destination: string;
  readonly destination_type?: string;
  readonly routing_key?: string;
  readonly arguments?: Readonly<Record<string, ArgumentValue>>;
}

const NOWHERE: readonly QueueIndex[] = [];

/**
 * Queues, exchanges, bindings and policies: the schema of the cluster, which every node has. A
 * change holds on all nodes at once; the real cluster takes a few milliseconds.
 */
export class Metadata {
  readonly exchanges = new Map<string, Exchange>();
  /** By queue: does it exist now, and which connection owns it (exclusive), or ''. */
  readonly exists: boolean[];
  readonly owners: string[];
  /** How often it was declared: what was said to an earlier one of its name is void. */
  readonly lives: number[];
  readonly policies: Policy[];
  readonly #queues: QueuePlan[];
  readonly #indices: ReadonlyMap<string, QueueIndex>;
  /** One list for each queue, made once: most messages go to one queue. */
  readonly #alone: readonly (readonly QueueIndex[])[];

  constructor(
    queues: readonly QueuePlan[],
    exchanges: readonly ChannelPlan[],
    policies: readonly Policy[],
  ) {
    this.#indices = new Map(queues.map(({ name, index }) => [name, index]));
    this.#alone = queues.map(({ index }) => [index]);
    this.policies = [...policies];
    this.#queues = queues.map((plan) => this.#effective(plan));
    this.exists = queues.map(({ exclusive }) => !exclusive);
    this.owners = queues.map(() => '');
    this.lives = queues.map(() => 0);
    for (const [name, kind] of PREDECLARED) {
      this.exchanges.set(name, new Exchange(name, kind, true, false, NO_ARGUMENTS));
    }
    for (const { name, shape, config } of exchanges) {
      const [durable, internal] = [shape.flag('durable'), shape.flag('internal')];
      const exchange = new Exchange(
        name,
        shape.text('type'),
        durable,
        internal,
        config.givenValues(),
      );
      for (const binding of readDefinitions<WrittenBinding>(shape.text('bindings'))) {
        exchange.bind({
          toQueue: binding.destination_type !== 'exchange',
          destination: binding.destination,
          routingKey: binding.routing_key ?? '',
          args: new Map(Object.entries(binding.arguments ?? {})),
        });
      }
      this.exchanges.set(name, exchange);
    }
  }

  /** The queue with the policies in force. */
  plan(queue: QueueIndex): QueuePlan {
    return this.#queues[queue];
  }

  /** A policy was set: the queues that it changes. */
  setPolicy(policy: Policy): QueueIndex[] {
    const place = this.policies.findIndex(({ name }) => name === policy.name);
    if (place >= 0) this.policies[place] = policy;
    else this.policies.push(policy);
    const changed: QueueIndex[] = [];
    this.#queues.forEach((plan, index) => {
      const fresh = this.#effective(plan);
      if (sameLimits(fresh.limits, plan.limits)) return;
      this.#queues[index] = fresh;
      changed.push(index);
    });
    return changed;
  }

  #effective(plan: QueuePlan): QueuePlan {
    return { ...plan, limits: withPolicies(plan.name, plan.args, this.policies) };
  }

  /** The queue of that name, if the scenario knows one, whether it exists now or not. */
  indexOf(name: string): QueueIndex | undefined {
    return this.#indices.get(name);
  }

  /** A queue is gone: so are its bindings. */
  forget(queue: QueueIndex): void {
    this.exists[queue] = false;
    this.owners[queue] = '';
    for (const exchange of this.exchanges.values()) {
      exchange.forget(this.#queues[queue].name, true);
    }
  }

  deleteExchange(name: string): void {
    this.exchanges.delete(name);
    for (const exchange of this.exchanges.values()) exchange.forget(name, false);
  }

  /** The queues that a message goes to: each once, in the order in which they were found. */
  route(exchange: string, routingKey: string, headers: Arguments): readonly QueueIndex[] {
    const more = extraKeys(headers);
    if (exchange === '' && more.length === 0) return this.#byName(routingKey);
    const found = new Set<QueueIndex>();
    for (const key of [routingKey, ...more]) {
      if (exchange === '') for (const queue of this.#byName(key)) found.add(queue);
      else this.#follow(exchange, key, headers, found, new Set());
    }
    return found.size === 1 ? this.#alone[[...found][0]] : [...found];
  }

  #byName(name: string): readonly QueueIndex[] {
    const queue = this.#indices.get(name);
    return queue === undefined || !this.exists[queue] ? NOWHERE : this.#alone[queue];
  }

  #follow(
    name: string,
    routingKey: string,
    headers: Arguments,
    found: Set<QueueIndex>,
    visited: Set<string>,
  ): void {
    if (visited.has(name)) return;
    visited.add(name);
    const exchange = this.exchanges.get(name);
    if (exchange === undefined) return;
    const matching = exchange.match(routingKey, headers);
    if (matching.length === 0 && exchange.alternate !== undefined) {
      this.#follow(exchange.alternate, routingKey, headers, found, visited);
    }
    for (const { toQueue, destination } of matching) {
      if (!toQueue) this.#follow(destination, routingKey, headers, found, visited);
      else for (const queue of this.#byName(destination)) found.add(queue);
    }
  }
}

/** Exchanges that every virtual host has. */
const PREDECLARED = [
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.topic', 'topic'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
] as const;

/** The further routing keys in the headers CC and BCC, written as one text: "a, b". */
function extraKeys(headers: Arguments): readonly string[] {
  if (headers.size === 0) return NO_KEYS;
  return ['CC', 'BCC'].flatMap((name) => {
    const value = headers.get(name);
    return typeof value === 'string' ? value.split(',').map((key) => key.trim()) : [];
  });
}
const NO_KEYS: readonly string[] = [];

function sameLimits(a: QueueLimits, b: QueueLimits): boolean {
  if (a.args.size !== b.args.size) return false;
  for (const [key, value] of a.args) if (b.args.get(key) !== value) return false;
  return true;
}
