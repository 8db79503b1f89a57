import { type Deployment, type Ground, PENDING } from '../models/parts/system.ts';
import { database } from '../models/parts/database.ts';
import { ownService } from '../models/parts/own-service.ts';
import { paymentApi } from '../models/parts/payment-api.ts';
import { Ledger } from '../sim/history/ledger.ts';
import { Milestones } from '../sim/history/milestones.ts';
import type { Audit } from '../models/parts/audit.ts';
import type { ActionResult, FaultResult, OrderScope, RunRecord } from '../sim/history/record.ts';
import type { SubscriptionPlan } from '../sim/history/subscription.ts';
import { observedByAll, summarise, type Summary } from '../sim/history/summary.ts';
import { judge, overall } from '../sim/invariants/judge.ts';
import { assert } from '../sim/kernel/assert.ts';
import { Recorded, Replayed, Seeded, type Choices, type Overrides } from '../sim/kernel/choices.ts';
import type { Trace } from '../sim/kernel/entry.ts';
import type { Fault } from '../sim/kernel/fault.ts';
import type { Injector } from '../sim/kernel/injector.ts';
import { Names } from '../sim/kernel/names.ts';
import type { NodeId } from '../sim/kernel/node.ts';
import { seconds, type Micros } from '../sim/kernel/time.ts';
import { World, type WorldOptions } from '../sim/kernel/world.ts';
import { Run, type End, type Progress } from '../sim/run.ts';
import { bindFault } from './bind.ts';
import type { Scenario } from './scenario.ts';
import { ENGINE } from './version.ts';

export interface ExecuteOptions {
  readonly seed: string;
  /** Answers that take the place of what the seed would draw. */
  readonly overrides?: Overrides;
  /** Places in `scenario.faults` of faults to leave out. */
  readonly without?: readonly number[];
  readonly trace?: Trace;
  /** Faults that are offered to whoever searches, beside those of the plan. */
  readonly offers?: readonly Fault<string>[];
  /** Makes the world: one that is watched, for instance. */
  readonly world?: (options: WorldOptions) => World;
  /** Wraps the source of choices in an instrument. */
  readonly instrument?: (choices: Choices, names: Names) => Choices;
}

/** Silence that proves that nothing more will happen, when no system knows better. */
const PATIENCE: Micros = seconds(60);

/** One run of a scenario: a pure function of scenario, seed and overrides, taken in slices. */
export class Execution {
  readonly world: World;
  readonly ledger: Ledger;
  readonly names = new Names();
  readonly #scenario: Scenario;
  readonly #options: ExecuteOptions;
  readonly #replayed: Replayed;
  readonly #injector: Injector;
  readonly #run: Run;
  readonly #milestones = new Milestones();
  readonly #audits: Audit[] = [];
  readonly #deployed: Map<number, (visit: (message: number) => void) => void>;
  /** By system: what became of its actions. */
  readonly #acted: (() => readonly string[])[] = [];
  #end: End | undefined;

  constructor(scenario: Scenario, options: ExecuteOptions) {
    this.#scenario = scenario;
    this.#options = options;
    const seeded = new Seeded(this.names, options.seed);
    this.#replayed = new Replayed(this.names, options.overrides ?? new Map(), seeded);
    const choices = options.instrument?.(this.#replayed, this.names) ?? this.#replayed;
    this.ledger = newLedger(scenario, this.names);
    const make = options.world ?? ((given: WorldOptions) => new World(given));
    this.world = make({
      names: this.names,
      choices,
      observer: this.ledger,
      latency: scenario.network.latency,
      bandwidth: scenario.network.bandwidth,
      trace: options.trace,
    });
    const ground = new Site(this.world, this.ledger, scenario);
    let patience: Micros = 0;
    this.#deployed = new Map();
    const services = scenario.services ?? [];
    for (const { system, deployment: plan } of scenario.systems) {
      const deployment = withSinks(plan, ground);
      const deployed = system.deploy(deployment, ground);
      if (deployed.audit !== undefined) this.#audits.push(deployed.audit);
      patience = Math.max(patience, deployed.patience);
      this.#acted.push(() => deployed.actions?.() ?? []);
      for (const { subscription } of deployment.consumers) {
        this.#deployed.set(subscription, (visit) => deployed.remaining(subscription, visit));
      }
    }
    for (const service of services) {
      const sinks = { database: ground.database(), api: ground.api() };
      this.world.add(service.name, ownService({ ...service, sinks }));
    }
    const limits = scenario.limits;
    this.#injector = this.world.inject(this.#plannedFaults());
    this.#run = new Run(
      this.world,
      this.#injector,
      new Completion(this.ledger, this.#deployed, this.#acted, services.length > 0),
      {
        until: limits.until,
        maxEvents: limits.maxEvents,
        patience: limits.patience >= 0 ? limits.patience : Math.max(patience, PATIENCE),
      },
    );
  }

  /** Handles up to `budget` events; true when the run has ended. */
  advance(budget: number): boolean {
    const { world } = this;
    let left = budget;
    while (this.#end === undefined && left > 0) {
      const slice = Math.min(left, this.#milestones.next - world.events);
      this.#end = this.#run.advance(slice);
      left -= slice;
      if (world.events === this.#milestones.next) this.#milestones.reach(world.digest.lead());
    }
    return this.#end !== undefined;
  }

  /** From here on no planned fault strikes; what has struck runs its course. */
  calm(): void {
    this.#injector.calm();
  }

  /**
   * What the run came to; only once it has ended. `token` is the door's business and left empty.
   */
  record(): RunRecord {
    const { summary } = this;
    const scenario = this.#scenario;
    const expectations = scenario.expectations.map((e) => judge(e, summary));
    const faults = this.#faultResults();
    const actions = this.#actionResults();
    const { ledger, world } = this;
    return {
      format: 'lost-ack/run/1',
      engine: ENGINE,
      scenario: scenario.name,
      file: scenario.file,
      ...(scenario.variant === '' ? {} : { variant: scenario.variant }),
      seed: this.#options.seed,
      digest: world.digest.text(),
      token: '',
      path: this.#milestones.path,
      virtualTimeUs: world.now,
      events: world.events,
      ended: summary.end,
      verdict: overall(
        expectations,
        faults.every((f) => f.fired > 0) && actions.every((a) => a.done),
      ),
      guarantee: observedByAll(summary.subscriptions),
      producers: Object.fromEntries(
        ledger.plan.producers.map((name, i) => [name, { ...ledger.operations.measures(i) }]),
      ),
      subscriptions: Object.fromEntries(summary.subscriptions.map((s) => [s.name, s.measures])),
      expectations,
      faults,
      ...(actions.length === 0 ? {} : { actions }),
      counters: Object.fromEntries(
        [...ledger.counters]
          .map(([name, count]) => [this.names.text(name), count] as const)
          .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
      ),
      warnings: scenario.warnings.map((w) => w.says),
      ...(summary.model.length === 0 ? {} : { model: summary.model }),
    };
  }

  #summary: Summary | undefined;

  /** The closed books, for whoever wants more than the record. */
  get summary(): Summary {
    assert(this.#end !== undefined, 'a run is summarised once it has ended');
    this.#summary ??= summarise(
      this.ledger,
      this.#end,
      this.world.now,
      scopesOf(this.#scenario),
      (subscription, visit) => this.#deployed.get(subscription)?.(visit),
      this.#audits.flatMap((audit) => audit.findings()),
    );
    return this.#summary;
  }

  /** Overrides that no question of the run bore. */
  get unasked(): string[] {
    return this.#replayed.unasked();
  }

  #plannedFaults() {
    const ids = new Map<string, NodeId>();
    for (let id = 0; id < this.world.size; id++) ids.set(this.world.nameOf(id), id);
    const idOf = (name: string): NodeId => {
      const id = ids.get(name);
      assert(id !== undefined, `the loader lets no fault on a missing node through: ${name}`);
      return id;
    };
    const { without = [], offers = [] } = this.#options;
    const planned = this.#scenario.faults.filter((_, index) => !without.includes(index));
    // Offers come last: the places of planned faults are those of the plan.
    return [...planned.map(({ fault }) => fault), ...offers].map((f) => bindFault(f, idOf));
  }

  #actionResults(): ActionResult[] {
    return this.#scenario.actions.map(({ text, line, system, index }) => {
      const why = this.#acted[system]()[index] ?? 'nobody carries it out';
      return { action: text, done: why === '', ...(why === '' ? {} : { why }), line };
    });
  }

  #faultResults(): FaultResult[] {
    const { without = [] } = this.#options;
    return this.#scenario.faults
      .filter((_, index) => !without.includes(index))
      .map(({ text, line }, i) => ({ fault: text, fired: this.#injector.fired[i], line }));
  }
}

/**
 * When a run may end: the ledger waits for nothing, and the systems store nothing that they could
 * still hand out (a copy on a server that cannot be reached is known to the system alone).
 */
class Completion implements Progress {
  readonly #ledger: Ledger;
  readonly #remaining: ReadonlyMap<number, (visit: (message: number) => void) => void>;
  readonly #acted: readonly (() => readonly string[])[];
  /** Do services bring about effects of messages that are settled already? */
  readonly #deferred: boolean;

  constructor(
    ledger: Ledger,
    remaining: ReadonlyMap<number, (visit: (message: number) => void) => void>,
    acted: readonly (() => readonly string[])[],
    deferred: boolean,
  ) {
    this.#ledger = ledger;
    this.#remaining = remaining;
    this.#acted = acted;
    this.#deferred = deferred;
  }

  #left = 0;
  readonly #count = (): void => void this.#left++;

  get produced(): boolean {
    return this.#ledger.produced;
  }

  get lastProgress(): Micros {
    return this.#ledger.lastProgress;
  }

  get drained(): boolean {
    if (!this.#ledger.drained || (this.#deferred && this.#owesEffects)) return false;
    for (const outcomes of this.#acted) if (outcomes().includes(PENDING)) return false;
    this.#left = 0;
    for (const each of this.#remaining.values()) each(this.#count);
    return this.#left === 0;
  }

  get #owesEffects(): boolean {
    return this.#ledger.subscriptions.some((s) => s.effects.count < s.delivered.count);
  }
}

/** Runs a scenario to its end. */
export function execute(scenario: Scenario, options: ExecuteOptions): RunRecord {
  const execution = new Execution(scenario, options);
  while (!execution.advance(Infinity));
  return execution.record();
}

/** What a run of this seed drew that was not benign, as overrides. */
export function recordChoices(scenario: Scenario, options: ExecuteOptions): Overrides {
  let recorded: Recorded | undefined;
  const execution = new Execution(scenario, {
    ...options,
    instrument: (choices, names) => (recorded = new Recorded(names, choices)),
  });
  while (!execution.advance(Infinity));
  assert(recorded !== undefined, 'the instrument was installed');
  return recorded.overrides;
}

/** The ground that systems are built on: streams in the ledger, sinks made when first asked for. */
class Site implements Ground {
  readonly world: World;
  readonly fsync;
  readonly #ledger: Ledger;
  #database: NodeId = -1;
  #api: NodeId = -1;

  constructor(world: World, ledger: Ledger, scenario: Scenario) {
    this.world = world;
    this.fsync = scenario.fsync;
    this.#ledger = ledger;
  }

  stream(name: string, channel: number): number {
    return this.#ledger.addStream(name, channel);
  }

  database(): NodeId {
    if (this.#database < 0) this.#database = this.world.add('database', database);
    return this.#database;
  }

  api(): NodeId {
    if (this.#api < 0) {
      this.#api = this.world.add('payment-api', paymentApi, { transport: 'datagram' });
    }
    return this.#api;
  }
}

/** Own code is told where its sinks are; they are there before whatever uses them. */
function withSinks(deployment: Deployment, ground: Ground): Deployment {
  if (deployment.consumers.every(({ handling }) => handling.own === undefined)) return deployment;
  const sinks = { database: ground.database(), api: ground.api() };
  const consumers = deployment.consumers.map((consumer) => {
    const { own } = consumer.handling;
    if (own === undefined) return consumer;
    return { ...consumer, handling: { ...consumer.handling, own: { ...own, sinks } } };
  });
  return { ...deployment, consumers };
}

function newLedger(scenario: Scenario, names: Names): Ledger {
  const producers: string[] = [];
  const channels: number[] = [];
  const subscriptions: SubscriptionPlan[] = [];
  for (const { system, deployment } of scenario.systems) {
    const channelOf = new Map(deployment.channels.map((c) => [c.name, c.channel]));
    for (const p of deployment.producers) {
      producers[p.workload.producer] = p.name;
      channels[p.workload.producer] = p.workload.channel;
    }
    for (const c of deployment.consumers) {
      const channel = channelOf.get(c.from);
      assert(channel !== undefined, 'the loader lets no consumer of a missing channel through');
      const committedOnly = system.readsCommittedOnly?.(c.config) === true;
      subscriptions[c.subscription] = { name: c.name, channel, committedOnly };
    }
  }
  const channelCount = scenario.systems.reduce((n, s) => n + s.deployment.channels.length, 0);
  const alarms = scenario.alerts;
  return new Ledger({ names, producers, channels, channelCount, subscriptions, alarms });
}

function scopesOf(scenario: Scenario): OrderScope[] {
  const scopes: OrderScope[] = [];
  for (const { system, deployment } of scenario.systems) {
    const channelOf = new Map(deployment.channels.map((plan) => [plan.name, plan]));
    for (const { subscription, from } of deployment.consumers) {
      const channel = channelOf.get(from);
      assert(channel !== undefined, 'the loader lets no consumer of a missing channel through');
      const order = system.order(channel);
      scopes[subscription] = order === 'none' ? 'queue' : order;
    }
  }
  return scopes;
}
