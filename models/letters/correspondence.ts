import type { Handle } from '../../sim/kernel/event-queue.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Message, MessageId, NodeId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import { LETTERS, type Letter, type Rule } from './rules.ts';

/** A letter about one message of the application. */
export interface Post extends Message {
  readonly letter: Letter;
  readonly message: MessageId;
  readonly sequence: number;
  readonly key: number;
  readonly poison: boolean;
}

export interface PartyPlan {
  /** The name of the link. */
  readonly about: NameId;
  readonly rules: readonly Rule[];
  readonly silence: Micros;
}

/** What a party remembers of one message; a crash takes it. */
export interface Thread {
  readonly peer: NodeId;
  readonly post: Post;
  /** How often each rule has applied. */
  readonly uses: number[];
  /** How often each letter was sent. */
  readonly sent: number[];
  closed: boolean;
  timer: Handle | undefined;
}

/** The books of one party: which rule applies now, and what is sent under which name. */
export class Correspondence {
  readonly plan: PartyPlan;
  readonly threads = new Map<MessageId, Thread>();
  readonly #out: Out;
  readonly #timerCode: number;
  readonly #life: number;

  /** Timers of code `timerCode` are handed to `silent`, with the thread that they carry. */
  constructor(plan: PartyPlan, out: Out, timerCode: number) {
    this.plan = plan;
    this.#out = out;
    this.#timerCode = timerCode;
    // Letters of another life bear other names: two questions of one run never share a label.
    this.#life = out.disk.read<number>('life') ?? 0;
    out.disk.write('life', this.#life + 1);
    out.disk.harden('life', Infinity);
  }

  open(peer: NodeId, post: Post): Thread {
    const uses = this.plan.rules.map(() => 0);
    const sent = LETTERS.map(() => 0);
    const thread: Thread = { peer, post, uses, sent, closed: false, timer: undefined };
    this.threads.set(post.message, thread);
    return thread;
  }

  /** The first rule on this that has not applied as often as it may; it counts as applied. */
  next(thread: Thread, when: Rule['when']): Rule | undefined {
    const { rules } = this.plan;
    for (let i = 0; i < rules.length; i++) {
      if (rules[i].when !== when || thread.uses[i] >= rules[i].times) continue;
      thread.uses[i]++;
      return rules[i];
    }
    return undefined;
  }

  send(thread: Thread, letter: Letter): void {
    const { post, sent } = thread;
    const type = LETTERS[letter];
    const attempt = this.#life * 1000 + ++sent[letter];
    this.#out.send(
      thread.peer,
      { ...post, type, letter } as Post,
      this.plan.about,
      post.message,
      attempt,
    );
  }

  /** How often a message was taken up, told apart by lives. */
  round(thread: Thread): number {
    return this.#life * 1000 + thread.uses.reduce((sum, n) => sum + n, 0);
  }

  /** Something was heard, or done: silence begins anew. */
  listen(thread: Thread): void {
    this.#hush(thread);
    if (!thread.closed) thread.timer = this.#out.timer(this.plan.silence, this.#timerCode, thread);
  }

  /** Nothing more is waited for; letters that come are still answered. */
  close(thread: Thread): void {
    thread.closed = true;
    this.#hush(thread);
  }

  #hush(thread: Thread): void {
    if (thread.timer !== undefined) this.#out.cancel(thread.timer);
    thread.timer = undefined;
  }
}
