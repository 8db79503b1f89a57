import { Execution } from '../../../scenarios/execute.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { RunRecord } from '../../../sim/history/record.ts';
import { SelfCheck } from '../../../sim/kernel/choices.ts';
import {
  FACT_NAMES,
  type FactName,
  type SentEntry,
  type Trace,
} from '../../../sim/kernel/entry.ts';
import type { Micros } from '../../../sim/kernel/time.ts';

type Tree = Readonly<Record<string, unknown>>;

/** What differs from the cluster of every test: three brokers, orders-0 on all, 1 ms a hop. */
export interface Parts {
  readonly version?: string;
  readonly brokers?: number;
  readonly cluster?: Tree;
  readonly partitions?: number;
  readonly replicas?: number;
  readonly topic?: Tree;
  readonly send?: Tree;
  readonly producer?: Tree;
  readonly instances?: number;
  readonly starts?: string | readonly string[];
  readonly offsets?: 'committed' | 'none';
  readonly consumer?: Tree;
  readonly process?: Tree;
  /** There is a second topic, orders-made. */
  readonly made?: boolean;
  readonly faults?: readonly Tree[];
  readonly latency?: string | Tree;
  readonly until?: string;
  readonly seed?: string;
}

export interface Stated {
  readonly time: Micros;
  readonly node: string;
  readonly fact: FactName;
  readonly args: readonly number[];
}

/** A run, with everything that was stated and sent in it. */
export class Ran {
  readonly record: RunRecord;
  readonly facts: Stated[] = [];
  readonly sent: (SentEntry & { readonly link: string })[] = [];
  readonly repeated: readonly string[];
  readonly #execution: Execution;

  constructor(parts: Parts) {
    const { scenario, problems } = loadScenario(scenarioOf(parts), 'test.yaml');
    if (scenario === undefined) throw new Error(problems.map((p) => `${p.says}`).join('\n'));
    let check: SelfCheck | undefined;
    this.#execution = new Execution(scenario, {
      seed: parts.seed ?? '1',
      trace: this.#trace(),
      instrument: (choices, names) => (check = new SelfCheck(names, choices)),
    });
    while (!this.#execution.advance(Infinity));
    this.record = this.#execution.record();
    this.repeated = check?.repeated ?? [];
  }

  #trace(): Trace {
    const nameOf = (node: number) => this.#execution.world.nameOf(node);
    return {
      sent: (entry) =>
        this.sent.push({ ...entry, link: `${nameOf(entry.from)}>${nameOf(entry.to)}` }),
      event: () => {},
      tell: () => {},
      fact: (_index, time, node, fact, args) =>
        this.facts.push({ time, node: nameOf(node), fact: FACT_NAMES[fact], args: [...args] }),
    };
  }

  of(fact: FactName): Stated[] {
    return this.facts.filter((f) => f.fact === fact);
  }

  /** The words of a fact whose numbers are names: became, ignored, counted. */
  words(fact: 'became' | 'ignored' | 'counted'): string[][] {
    const used = { became: 4, ignored: 2, counted: 1 }[fact];
    const { names } = this.#execution;
    return this.of(fact).map((f) => f.args.slice(0, used).map((id) => names.text(id)));
  }

  /** First argument of each statement of a fact: usually the message. */
  messages(fact: FactName): number[] {
    return this.of(fact).map((f) => f.args[0]);
  }

  reasons(fact: 'failed' | 'unknown' | 'dropped' | 'retried'): string[] {
    const place = fact === 'dropped' || fact === 'retried' ? 2 : 1;
    return this.of(fact).map((f) => this.#execution.names.text(f.args[place]));
  }

  count(type: string, link = ''): number {
    return this.sent.filter((s) => s.type === type && s.link.startsWith(link)).length;
  }

  get producer() {
    return this.record.producers.checkout;
  }
  get group() {
    return this.record.subscriptions.fulfilment;
  }
  counter(name: string): number {
    return this.record.counters[name] ?? 0;
  }
}

export function run(parts: Parts): Ran {
  return new Ran(parts);
}

function scenarioOf(parts: Parts): string {
  const { brokers = 3, replicas = brokers, partitions = 1, latency = '1ms' } = parts;
  return JSON.stringify({
    scenario: 'test',
    system: 'kafka',
    version: parts.version ?? '3.9',
    cluster: { brokers, config: parts.cluster ?? {} },
    topics: {
      orders: { partitions, 'replication.factor': replicas, config: parts.topic ?? {} },
      ...(parts.made === true ? { 'orders-made': { partitions } } : {}),
    },
    producers: {
      checkout: {
        to: 'orders',
        send: { count: 10, every: '10ms', ...parts.send },
        config: parts.producer ?? {},
      },
    },
    consumers: {
      fulfilment: {
        from: 'orders',
        instances: parts.instances ?? 1,
        ...(parts.starts === undefined ? {} : { starts: parts.starts }),
        ...(parts.offsets === undefined ? {} : { offsets: parts.offsets }),
        config: parts.consumer ?? {},
        process: { takes: '1ms', acknowledge: 'after', ...parts.process },
      },
    },
    network: { latency },
    faults: parts.faults ?? [],
    limits: { until: parts.until ?? '1h' },
  });
}
