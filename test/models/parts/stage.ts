import {
  Application,
  type Delivery,
  type HandlingPlan,
} from '../../../models/parts/application.ts';
import { Calls, type Reply } from '../../../models/parts/calls.ts';
import { database } from '../../../models/parts/database.ts';
import { paymentApi } from '../../../models/parts/payment-api.ts';
import { NO_RETRY } from '../../../models/parts/retry.ts';
import { OUTCOMES } from '../../../models/parts/application.ts';
import { QUIET, SelfCheck, type Choices } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { FACT_NAMES, type FactName } from '../../../sim/kernel/entry.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { NodeId, Role } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { Task } from '../../../sim/kernel/program.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';

export const PLAN: HandlingPlan = {
  takes: Distribution.constant(millis(10)),
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

/** A message handed to worker `by` at a moment; its number is also its sequence unless given. */
export interface Handing extends Partial<Delivery> {
  readonly at: Micros;
  readonly by?: number;
}

export interface Heard {
  readonly time: Micros;
  readonly node: NodeId;
  readonly fact: FactName;
  readonly args: readonly number[];
}

interface Worker {
  readonly application: Application;
  readonly calls: Calls;
}

const Timer = { task: 0, timeout: 1, hand: 2 } as const;

/** Workers that are handed messages by a list, in front of one database and one payment service. */
export class Stage {
  readonly heard: Heard[] = [];
  readonly names = new Names();
  readonly world: World;
  readonly selfCheck: SelfCheck;
  readonly database: NodeId;
  readonly api: NodeId;
  readonly workers: readonly NodeId[];

  constructor(plan: Partial<HandlingPlan>, handings: readonly Handing[], choices: Choices = QUIET) {
    this.selfCheck = new SelfCheck(this.names, choices);
    this.world = new World({
      names: this.names,
      choices: this.selfCheck,
      observer: {
        fact: (time, node, fact, ...args) =>
          this.heard.push({ time, node, fact: FACT_NAMES[fact], args }),
      },
      latency: Distribution.constant(millis(1)),
    });
    this.database = this.world.add('database', database);
    this.api = this.world.add('payment-api', paymentApi, { transport: 'datagram' });
    const whole = { ...PLAN, ...plan };
    const sink = { local: -1, database: this.database, api: this.api, output: -1 }[whole.effect];
    const workers = Math.max(...handings.map((h) => h.by ?? 0)) + 1;
    this.workers = Array.from({ length: workers }, (_, i) => {
      const own = handings.filter((h) => (h.by ?? 0) === i);
      return this.world.add(`worker-${i}`, worker(whole, sink, own));
    });
  }

  faults(...faults: Fault[]): this {
    this.world.inject(faults);
    return this;
  }

  run(until: Micros): this {
    while (this.world.queue.size > 0 && this.world.queue.peek() <= until) this.world.step();
    return this;
  }

  all(fact: FactName): Heard[] {
    return this.heard.filter((h) => h.fact === fact);
  }

  /** Messages with an effect, in order. */
  get effects(): number[] {
    return this.all('effect').map((h) => h.args[0]);
  }

  get outcomes(): string[] {
    return this.all('handled').map((h) => OUTCOMES[h.args[2]]);
  }
}

/** Hands over what is due from now on; what was due before a crash is not repeated. */
function worker(plan: HandlingPlan, sink: NodeId, handings: readonly Handing[]): Role<Worker> {
  const hand = (state: Worker, handing: Handing, out: Out): void => {
    const message = handing.message ?? 0;
    const delivery: Delivery = {
      message,
      key: 0,
      sequence: message,
      poison: false,
      stream: 0,
      position: message,
      attempt: 1,
      ...handing,
    };
    const task = new Task(out, Timer.task);
    task.start(state.application.handle(delivery, task));
  };
  return {
    start(out) {
      const calls = new Calls(out, Timer.timeout, plan.timeout);
      for (const handing of handings) {
        if (handing.at >= out.now) out.timer(handing.at - out.now, Timer.hand, handing);
      }
      return { application: new Application(plan, 0, sink, calls, out), calls };
    },
    onMessage(state, _from, reply) {
      state.calls.onReply(reply as Reply);
    },
    onTimer(state, code, data, out) {
      if (code === Timer.task) Task.onTimer(data);
      else if (code === Timer.timeout) state.calls.onTimeout(data as number);
      else hand(state, data as Handing, out);
    },
  };
}

export function lose(type: string, ...nth: number[]): Fault {
  const match = { type, from: [], to: [], about: '' };
  return { what: 'lose', match, when: { is: 'nth', nth }, for: -1 };
}

export function crash(node: NodeId, at: Micros): Fault {
  return { what: 'crash', nodes: [node], when: { is: 'at', at }, for: millis(1) };
}
