import { Placed } from '../../../sim/explore/search/placed.ts';
import type { Outcome, Runner } from '../../../sim/explore/search/space.ts';
import type { Ground } from '../../../sim/explore/search/imagine.ts';
import { bindFault } from '../../../scenarios/bind.ts';
import { QUIET } from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { Names } from '../../../sim/kernel/names.ts';
import type { Message, NodeId, Role } from '../../../sim/kernel/node.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { World } from '../../../sim/kernel/world.ts';

/**
 * Where a broker keeps what it recognises repeats by. `nowhere`: one lost answer is a duplicate.
 * `memory`: it takes a lost answer and a crash before the repeat. `disk`: nothing does.
 */
export type Keeps = 'nowhere' | 'memory' | 'disk';

type Numbered = Message & { readonly message: number };

const SEND = 1;
const RETRY = 2;

function broker(keeps: Keeps): Role<Set<number>, Numbered> {
  return {
    start: (out) => new Set(keeps === 'disk' ? out.disk.read<number[]>('seen') : []),
    onMessage(seen, from, { message }, out) {
      // The answer is out before a crash can strike: no crash alone makes a repeat.
      out.send(from, { type: 'stored', message } as Message, out.names.id('orders'), message);
      if (!seen.has(message)) {
        if (keeps !== 'nowhere') seen.add(message);
        if (keeps === 'disk') out.disk.write('seen', [...seen]);
        out.fact(Fact.stored, message, 0, 0);
      }
    },
    onTimer() {},
  };
}

/** Sends each message again, 20 ms later, until it hears that it is stored. */
function client(to: NodeId, count: number): Role<Set<number>, Numbered> {
  const send = (message: number, attempt: number, out: Parameters<Role<object>['start']>[0]) => {
    const publish = { type: 'publish', message } as Message;
    out.send(to, publish, out.names.id('orders'), message, attempt);
    out.timer(millis(20), RETRY, { message, attempt: attempt + 1 });
  };
  return {
    start(out) {
      for (let i = 0; i < count; i++) out.timer(millis(1 + i * 3), SEND, i);
      return new Set<number>();
    },
    onMessage(heard, _from, { message }, out) {
      if (!heard.has(message)) out.fact(Fact.ok, message, 1);
      heard.add(message);
    },
    onTimer(heard, code, data, out) {
      if (code === SEND) {
        out.fact(Fact.invoked, data as number, 0, 0);
        return send(data as number, 1, out);
      }
      const { message, attempt } = data as { message: number; attempt: number };
      if (!heard.has(message)) send(message, attempt, out);
    },
  };
}

/** What may be done to it. */
export const GROUND: Ground = {
  kinds: ['crash', 'lose'],
  nodes: ['broker'],
  types: [],
  facts: [Fact.stored],
  spans: [millis(5)],
  delays: [],
  until: seconds(1),
};

/** A client, a broker with or without a flaw, and losses and crashes on offer. */
export function flawed(keeps: Keeps, count = 3): Runner {
  return ({ take, faults: plan = [], trace }): Outcome => {
    const names = new Names();
    const source = new Placed(names, QUIET, take ?? (() => false));
    const stored: number[] = [];
    const observer = {
      fact: (_t: number, _n: number, fact: number, a: number) => {
        if (fact === Fact.stored) stored.push(a);
      },
    };
    const latency = Distribution.constant(millis(1));
    const options = { names, choices: source, observer, latency };
    const hears = trace === undefined ? {} : { trace: trace(() => world) };
    const world: World = new World({ ...options, ...hears });
    const to = world.add('broker', broker(keeps), { transport: 'datagram' });
    world.add('client', client(to, count), { transport: 'datagram' });
    const until = seconds(1);
    const match = { type: '', from: [], to: [], about: '' };
    const offers: Fault[] = [
      {
        what: 'crash',
        nodes: [to],
        when: { is: 'offered', facts: [Fact.stored], until },
        for: millis(5),
      },
      { what: 'lose', match, when: { is: 'offered', facts: [], until }, for: -1 },
    ];
    const ids = new Map([...Array(world.size).keys()].map((id) => [world.nameOf(id), id]));
    const planned = plan.map((fault) => bindFault(fault, (name) => ids.get(name) ?? -1));
    const injector = world.inject([...planned, ...(take === undefined ? [] : offers)]);
    while (world.queue.size > 0 && world.queue.peek() < until) world.step();
    const repeats = stored.length - new Set(stored).size;
    return {
      placed: [
        ...source.placed,
        ...plan.filter((_, i) => injector.fired[i] > 0).map((fault) => JSON.stringify(fault)),
      ],
      offers: source.offers,
      violated: repeats > 0 ? ['duplicates.stored above'] : [],
      measured: new Map([['duplicates.stored', repeats]]),
      conclusive: true,
      events: world.events,
      time: world.now,
    };
  };
}
