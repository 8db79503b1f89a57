import { Fact } from '../../sim/kernel/entry.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Message, MessageId, NodeId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import type { Calls, Reply } from './calls.ts';
import { type Ask, HandlerMistake, type OwnCode, type Steps, Unanswered } from './handler.ts';

/** Names the calls of one piece of work: of two with one name nobody could tell which was lost. */
export interface Work {
  readonly about: NameId;
  readonly nr: number;
  readonly round: number;
  /** Messages that it is about, for whoever tells their story. */
  readonly carries: readonly MessageId[];
}

/** What became of one call into own code. */
export type Turn = { readonly threw: unknown } | { readonly step: IteratorResult<Ask, unknown> };
export type Answer = { readonly value: unknown } | { readonly throws: unknown };

const NOTHING: Answer = { value: undefined };

/** Calls of one round: each has a name of its own. */
const CALLS_MAX = 1000;

/**
 * Runs own code step by step. What it asks for is done here, outside of its frames: a crash that
 * strikes at a fact passes through no `catch` and no `finally` of it, as no crash does.
 */
export class Runner {
  readonly #code: OwnCode;
  readonly #subscription: number;
  readonly #calls: Calls;
  readonly #out: Out;

  constructor(code: OwnCode, subscription: number, calls: Calls, out: Out) {
    this.#code = code;
    this.#subscription = subscription;
    this.#calls = calls;
    this.#out = out;
  }

  /** What own code returned, or what it threw. */
  *run(steps: Steps<unknown>, work: Work, task: Task): Program<Turn> {
    let turn = attempt(() => steps.next());
    for (let nth = 0; 'step' in turn && turn.step.done !== true; nth++) {
      const asked = turn.step.value;
      const answer = yield* this.#do(asked, nth, work, task);
      turn = attempt(() =>
        'throws' in answer ? steps.throw(answer.throws) : steps.next(answer.value),
      );
    }
    return turn;
  }

  *#do(ask: Ask, nth: number, work: Work, task: Task): Program<Answer> {
    switch (ask?.is) {
      case 'sleep':
        yield ask.span;
        return NOTHING;
      case 'apply':
        this.#out.fact(Fact.effect, ask.message, this.#subscription, -1);
        return NOTHING;
      case 'transaction': {
        const { producers, sinks } = this.#code;
        const request = { type: 'Transaction', body: ask.body, producers };
        return yield* this.#call(sinks.database, request, work, nth, task);
      }
      case 'call': {
        const { message, idempotencyKey } = ask;
        const request = { type: 'ChargeRequest', message, idempotencyKey };
        return yield* this.#call(this.#code.sinks.api, request, work, nth, task);
      }
      default: {
        const what = typeof ask === 'object' && ask !== null ? 'an object' : String(ask);
        throw new HandlerMistake(
          `own code yielded ${what}: write \`yield*\`, with the star, before what the tools return`,
        );
      }
    }
  }

  *#call(
    to: NodeId,
    request: Message,
    { about, nr, round, carries }: Work,
    nth: number,
    task: Task,
  ): Program<Answer> {
    const subscription = this.#subscription;
    const asked = { ...request, subscription, carries } as Message;
    const named = round * CALLS_MAX + (nth % CALLS_MAX);
    const reply = yield* this.#calls.call(task, to, asked, about, nr, named);
    if (reply !== undefined) return (reply as Reply & { answer?: Answer }).answer ?? NOTHING;
    const says = `no ${request.type}Response came in time: it may have happened, and it may not`;
    return { throws: new Unanswered(says.replace('RequestR', 'R')) };
  }
}

/** One call into own code. What we find wrong with it is ours to throw, and goes all the way up. */
export function attempt(call: () => IteratorResult<Ask, unknown>): Turn {
  try {
    return { step: call() };
  } catch (thrown) {
    if (thrown instanceof HandlerMistake) throw thrown;
    return { threw: thrown };
  }
}
