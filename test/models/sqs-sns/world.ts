import { database } from '../../../models/parts/database.ts';
import { paymentApi } from '../../../models/parts/payment-api.ts';
import type { HandlingPlan } from '../../../models/parts/application.ts';
import { Settings, type KeyTable, type KeyValue } from '../../../models/parts/config.ts';
import { NO_RETRY } from '../../../models/parts/retry.ts';
import type { Deployed, Deployment, Ground } from '../../../models/parts/system.ts';
import { sqs } from '../../../models/sqs-sns/index.ts';
import type { Shelf } from '../../../models/sqs-sns/shelf.ts';
import { QUIET, SelfCheck, type Choices } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { FACT_NAMES, type FactName } from '../../../sim/kernel/entry.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';

type Config = Readonly<Record<string, KeyValue>>;

export interface Parts {
  readonly cluster?: Config;
  readonly queues?: Readonly<Record<string, Config>>;
  readonly producers?: Readonly<Record<string, ProducerParts>>;
  readonly consumers?: Readonly<Record<string, ConsumerParts>>;
}

export interface ProducerParts {
  readonly to?: string;
  readonly count?: number;
  readonly every?: Micros;
  readonly start?: Micros;
  readonly burst?: number;
  readonly bytes?: number;
  readonly keys?: number;
  readonly poisonEvery?: number;
  readonly config?: Config;
}

export interface ConsumerParts {
  readonly from?: string;
  readonly instances?: number;
  readonly startsAt?: readonly Micros[];
  readonly config?: Config;
  readonly process?: Partial<HandlingPlan>;
}

export interface Entry {
  readonly time: Micros;
  readonly node: string;
  readonly fact: FactName;
  readonly args: readonly [number, number, number, number];
}

const HANDLING: HandlingPlan = {
  takes: Distribution.constant(millis(2)),
  acknowledge: 'after',
  workers: 1,
  effect: 'local',
  idempotency: { by: 'none', window: 0, check: 'inside' },
  idempotencyKeys: false,
  retry: NO_RETRY,
  fails: 0,
  exhausted: 'leave',
  timeout: seconds(1),
};

export function settings(table: KeyTable, given: Config = {}): Settings {
  for (const name of Object.keys(given)) {
    if (!table.some((key) => key.name === name)) throw new RangeError(`no key "${name}"`);
  }
  const values = table.map((key) => [key.name, given[key.name] ?? key.default] as const);
  return new Settings(new Map(values), new Set(Object.keys(given)));
}

/** Resolves what a scenario would say; a queue that is named and not declared has no attributes. */
export function deployment(parts: Parts): Deployment {
  const producers = Object.entries(parts.producers ?? {});
  const consumers = Object.entries(parts.consumers ?? {});
  const queues = { ...(parts.queues ?? { orders: {} }) };
  const names = Object.keys(queues);
  return {
    version: '2012-11-05',
    cluster: { shape: settings(sqs.clusterShape, parts.cluster), config: settings([]) },
    channels: names.map((name, channel) => ({
      name,
      channel,
      shape: settings([]),
      config: settings(sqs.keys.channel, queues[name]),
    })),
    producers: producers.map(([name, p], producer) => ({
      name,
      to: p.to ?? 'orders',
      config: settings(sqs.keys.producer, p.config),
      workload: {
        producer,
        producers: producers.length,
        name,
        channel: names.indexOf(p.to ?? 'orders'),
        count: p.count ?? 1,
        start: p.start ?? 0,
        gap: Distribution.constant(p.every ?? millis(10)),
        burst: p.burst ?? 1,
        keys: p.keys === undefined ? undefined : Distribution.uniform(0, p.keys),
        bytes: Distribution.constant(p.bytes ?? 1000),
        poisonEvery: p.poisonEvery ?? 0,
      },
    })),
    consumers: consumers.map(([name, c], subscription) => ({
      name,
      from: c.from ?? 'orders',
      subscription,
      instances: c.instances ?? 1,
      startsAt: c.startsAt ?? Array.from({ length: c.instances ?? 1 }, () => 0),
      config: settings(sqs.keys.consumer, c.config),
      handling: { ...HANDLING, ...c.process },
    })),
  };
}

/** A deployment in a world, with everything that was stated in it. Links take 1 ms each way. */
export class Scene {
  readonly names = new Names();
  readonly entries: Entry[] = [];
  readonly world: World;
  readonly deployed: Deployed;
  readonly selfCheck: SelfCheck;
  readonly #ids = new Map<string, NodeId>();

  constructor(parts: Parts, choices?: (names: Names) => Choices, fsync: Micros = 0) {
    this.selfCheck = new SelfCheck(this.names, choices?.(this.names) ?? QUIET);
    this.world = new World({
      names: this.names,
      choices: this.selfCheck,
      observer: {
        fact: (time, node, fact, a, b, c, d) => {
          const at = node < 0 ? '-' : this.world.nameOf(node);
          this.entries.push({ time, node: at, fact: FACT_NAMES[fact], args: [a, b, c, d] });
        },
      },
      latency: Distribution.constant(millis(1)),
    });
    let streams = 0;
    const sinks = new Map<string, NodeId>();
    const sink = (name: string, add: () => NodeId): NodeId => {
      if (!sinks.has(name)) sinks.set(name, add());
      return sinks.get(name) as NodeId;
    };
    const ground: Ground = {
      world: this.world,
      stream: () => streams++,
      database: () => sink('database', () => this.world.add('database', database)),
      api: () => sink('api', () => this.world.add('payment-api', paymentApi)),
      fsync: Distribution.constant(fsync),
    };
    this.deployed = sqs.deploy(deployment(parts), ground);
    for (let id = 0; id < this.world.size; id++) this.#ids.set(this.world.nameOf(id), id);
  }

  id(name: string): NodeId {
    const id = this.#ids.get(name);
    if (id === undefined) throw new RangeError(`no node "${name}"`);
    return id;
  }

  faults(...faults: Fault<string>[]): this {
    const ids = (list: readonly string[]) => list.map((name) => this.id(name));
    this.world.inject(
      faults.map((fault) => {
        const f: Record<string, unknown> = { ...fault };
        if ('nodes' in fault) f.nodes = ids(fault.nodes);
        if ('from' in fault) f.from = ids(fault.from);
        if ('to' in fault) f.to = ids(fault.to);
        if ('match' in fault) {
          f.match = { ...fault.match, from: ids(fault.match.from), to: ids(fault.match.to) };
        }
        return f as unknown as Fault;
      }),
    );
    return this;
  }

  /** Runs all that happens up to and including a moment. */
  run(until: Micros): this {
    while (this.world.queue.size > 0 && this.world.queue.peek() <= until) this.world.step();
    return this;
  }

  all(fact: FactName): Entry[] {
    return this.entries.filter((entry) => entry.fact === fact);
  }

  /** When a fact about a message was stated, in order. */
  times(fact: FactName, message = 0): Micros[] {
    return this.all(fact)
      .filter((entry) => entry.args[0] === message)
      .map((entry) => entry.time);
  }

  /** The messages that a fact was about, in order. */
  messages(fact: FactName): number[] {
    return this.all(fact).map((entry) => entry.args[0]);
  }

  reasons(fact: FactName, place: 1 | 2): string[] {
    return this.all(fact).map((entry) => this.names.text(entry.args[place]));
  }

  counted(counter: string): number {
    const name = this.names.id(counter);
    return this.all('counted')
      .filter((entry) => entry.args[0] === name)
      .reduce((sum, entry) => sum + entry.args[1], 0);
  }

  /** Copies of the first queue on a server, also those that can no longer be handed out. */
  copiesOn(store: string): number {
    return this.world.diskOf(this.id(store)).read<Shelf[]>('shelves')?.[0].size ?? 0;
  }

  remaining(subscription = 0): number[] {
    const found: number[] = [];
    this.deployed.remaining(subscription, (message) => found.push(message));
    return found.sort((a, b) => a - b);
  }
}

export const ANY = { type: '', from: [], to: [], about: '' } as const;
