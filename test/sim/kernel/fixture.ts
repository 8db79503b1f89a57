import { QUIET, Seeded, type Choices } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import {
  EventKind,
  FACT_NAMES,
  type FactName,
  type Observer,
  type SentEntry,
  type Trace,
} from '../../../sim/kernel/entry.ts';
import type { Fault, Match, When } from '../../../sim/kernel/fault.ts';
import type { Injector } from '../../../sim/kernel/injector.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { Message, NodeId, Role, Transport } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { millis, type Micros } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';
import { Run, type End, type Progress, type RunLimits } from '../../../sim/run.ts';

export const MS = millis(1);

/** A message with a number, so that tests see which one arrived. */
export interface Numbered extends Message {
  readonly n: number;
  readonly bytes?: number;
}

/** Something that was stated, in words: who, what, and its numbers. */
export interface Stated {
  readonly time: Micros;
  readonly node: NodeId;
  readonly fact: FactName;
  readonly args: readonly number[];
}

/** Keeps every fact. */
export class Recorder implements Observer {
  readonly facts: Stated[] = [];

  fact(time: Micros, node: NodeId, fact: number, a: number, b: number, c: number, d: number): void {
    this.facts.push({ time, node, fact: FACT_NAMES[fact], args: [a, b, c, d] });
  }

  all(fact: FactName): Stated[] {
    return this.facts.filter((stated) => stated.fact === fact);
  }
}

/** Keeps the sends and the events of a run. */
export class Tape implements Trace {
  readonly sends: SentEntry[] = [];
  readonly events: { index: number; time: Micros; node: NodeId; kind: number; cause: number }[] =
    [];
  readonly stated: { index: number; fact: FactName }[] = [];

  sent(entry: SentEntry): void {
    this.sends.push(entry);
  }
  event(index: number, time: Micros, node: NodeId, kind: number, _code: number, cause: number) {
    this.events.push({ index, time, node, kind, cause });
  }
  fact(index: number, _time: Micros, _node: NodeId, fact: number): void {
    this.stated.push({ index, fact: FACT_NAMES[fact] });
  }
  tell(): void {}
}

/** What a scripted node heard, in order, over all its lives. */
export interface Heard {
  readonly at: Micros;
  readonly what: string;
}

/** Code of the timers that a script sets; their data is a function. */
const RUN = 0;

/**
 * A node that does what a test tells it: `at` schedules actions, everything it hears is written
 * down as "ping 3 from client", "closed server", "timer x". Answers each `ping` with a `pong` when
 * `echoes`.
 */
export class Scripted implements Role<object, Numbered> {
  readonly heard: Heard[] = [];
  starts = 0;
  out!: Out;
  echoes = false;
  onStart: (out: Out) => void = () => {};
  hears: (message: Numbered, from: NodeId, out: Out) => void = () => {};
  hearsEnd: (peer: NodeId, out: Out) => void = () => {};
  onStop?: (state: object, out: Out) => void;
  /** Echoes so far: the ping of two copies is answered by two pongs of their own names. */
  #echoes = 0;
  readonly #world: () => World;

  constructor(world: () => World) {
    this.#world = world;
  }

  get words(): string[] {
    return this.heard.map(({ what }) => what);
  }

  note(what: string): void {
    this.heard.push({ at: this.#world().now, what });
  }

  start(out: Out): object {
    this.out = out;
    this.starts++;
    this.note('start');
    this.onStart(out);
    return {};
  }

  onMessage(_state: object, from: NodeId, message: Numbered, out: Out): void {
    this.note(`${message.type} ${message.n}`);
    if (this.echoes && message.type === 'ping') {
      const pong: Numbered = { type: 'pong', n: message.n };
      out.send(from, pong, out.names.id('echo'), message.n, ++this.#echoes);
    }
    this.hears(message, from, out);
  }

  onTimer(_state: object, code: number, data: unknown, out: Out): void {
    if (code === RUN) (data as (out: Out) => void)(out);
    else this.note(`timer ${code}`);
  }

  onDisconnect(_state: object, peer: NodeId, out: Out): void {
    this.note(`closed ${this.#world().nameOf(peer)}`);
    this.hearsEnd(peer, out);
  }
}

export interface BenchOptions {
  readonly transport?: Transport;
  readonly latency?: Distribution;
  readonly bandwidth?: number;
  readonly fsync?: Distribution;
  readonly choices?: (names: Names) => Choices;
  readonly faults?: readonly Fault[];
  readonly trace?: Trace;
}

/** Two scripted nodes, client 0 and server 1, and a bystander 2, one millisecond apart. */
export class Bench {
  readonly names = new Names();
  readonly recorder = new Recorder();
  readonly world: World;
  readonly client: Scripted;
  readonly server: Scripted;
  readonly third: Scripted;
  readonly injector: Injector;

  constructor(options: BenchOptions = {}) {
    const { transport = 'stream', latency = Distribution.constant(MS), fsync } = options;
    this.world = new World({
      names: this.names,
      choices: options.choices?.(this.names) ?? QUIET,
      observer: this.recorder,
      latency,
      bandwidth: options.bandwidth,
      trace: options.trace,
    });
    const scripted = () => new Scripted(() => this.world);
    [this.client, this.server, this.third] = [scripted(), scripted(), scripted()];
    this.world.add('client', this.client, { transport, fsync });
    this.world.add('server', this.server, { transport, fsync });
    this.world.add('third', this.third, { transport, fsync });
    this.injector = this.world.inject(options.faults ?? []);
  }

  /** Has `node` act at a time, in its first life. */
  at(time: Micros, node: Scripted, act: (out: Out) => void): this {
    const before = node.onStart;
    let first = true;
    node.onStart = (out) => {
      before(out);
      if (first) out.timer(time - this.world.now, RUN, act);
      first = false;
    };
    return this;
  }

  /** Has the client send ping n to the server at a time. */
  ping(time: Micros, n: number): this {
    return this.at(time, this.client, (out) => send(out, SERVER, n));
  }

  /** Handles events up to and including `until`. */
  run(until: Micros): this {
    while (this.world.queue.size > 0 && this.world.queue.peek() <= until) this.world.step();
    return this;
  }

  /** The product's own run loop. */
  runAll(progress: Progress, limits: Partial<RunLimits> = {}): End {
    const all = { until: 1000 * MS, maxEvents: 100_000, patience: 50 * MS, ...limits };
    const end = new Run(this.world, this.injector, progress, all).advance(Infinity);
    if (end === undefined) throw new Error('a run without budget ends');
    return end;
  }
}

export const CLIENT: NodeId = 0;
export const SERVER: NodeId = 1;
export const THIRD: NodeId = 2;

export function send(out: Out, to: NodeId, n: number, type = 'ping', bytes?: number): void {
  out.send(to, { type, n, bytes } as Numbered, out.names.id('test'), n);
}

export const DONE: Progress = { produced: true, drained: true, lastProgress: 0 };
export const OWING: Progress = { produced: true, drained: false, lastProgress: 0 };

export const ALL: Match = { type: '', from: [], to: [], about: '' };
export const at = (time: Micros): When => ({ is: 'at', at: time });
export const nth = (...n: number[]): When => ({ is: 'nth', nth: n });
export const chance = (ppm: number, every = 0): When => ({ is: 'chance', ppm, every });

export { EventKind };

/** Five pings, 10 ms apart from 10 ms on, over a link of 1 ms. */
export function fivePings(
  faults: readonly Fault[],
  options: { readonly transport?: Transport } = {},
): Bench {
  const bench = new Bench({ faults, choices: (names) => new Seeded(names, 'faults'), ...options });
  for (let n = 1; n <= 5; n++) bench.ping(n * 10 * MS, n);
  return bench;
}

/** What the server heard of them. */
export const heard = (bench: Bench): string[] => bench.server.words.filter((w) => w !== 'start');
export const FIVE = ['ping 1', 'ping 2', 'ping 3', 'ping 4', 'ping 5'];
