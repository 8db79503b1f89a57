import { Fact } from '../../sim/kernel/entry.ts';
import type { MessageId, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { Task, type Program } from '../../sim/kernel/program.ts';
import { Workload, type WorkloadPlan } from '../parts/workload.ts';
import { Correspondence, type PartyPlan, type Post, type Thread } from './correspondence.ts';
import { LETTERS, type Rule } from './rules.ts';

export interface SenderPlan extends PartyPlan {
  readonly workload: WorkloadPlan;
}

/** On disk: how far it is, and what it has not concluded. */
interface Book {
  sent: number;
  finished: boolean;
  readonly open: Set<MessageId>;
}

interface Sender {
  readonly plan: SenderPlan;
  readonly out: Out;
  readonly peer: NodeId;
  readonly letters: Correspondence;
  readonly workload: Workload;
  readonly book: Book;
}

const Timer = { task: 0, silence: 1 } as const;

/** Who has something to tell: starts one exchange of letters for each message. */
export function sender(plan: SenderPlan, peer: NodeId): Role<Sender, Post> {
  return {
    start(out) {
      const book = recall(out);
      const letters = new Correspondence(plan, out, Timer.silence);
      const workload = new Workload(plan.workload, out, book.sent);
      const state: Sender = { plan, out, peer, letters, workload, book };
      new Task(out, Timer.task).start(produce(state));
      return state;
    },

    onMessage(state, _from, post) {
      const thread = state.letters.threads.get(post.message);
      if (thread === undefined) return state.out.ignored(post.type, 'of an earlier life');
      follow(state, thread, post.letter);
    },

    onTimer(state, code, data) {
      if (code === Timer.task) return Task.onTimer(data);
      follow(state, data as Thread, 'silence');
    },
  };
}

/** A restarted process goes on after its last message; what became of the open ones it forgot. */
function recall(out: Out): Book {
  const book = out.disk.read<Book>('book') ?? { sent: 0, finished: false, open: new Set() };
  out.disk.write('book', book);
  out.disk.harden('book', Infinity);
  const reason = out.names.id('the sender crashed');
  for (const message of [...book.open]) {
    book.open.delete(message);
    out.fact(Fact.unknown, message, reason);
  }
  return book;
}

function* produce(state: Sender): Program {
  const { workload, book, plan, out, peer, letters } = state;
  const { producer, producers } = plan.workload;
  while (!workload.done) {
    yield workload.wait();
    book.open.add(workload.sent * producers + producer);
    book.sent = workload.sent + 1;
    const { message, sequence, key, poison } = workload.next();
    const post = { type: 'Order', letter: 0, message, sequence, key, poison, carries: [message] };
    follow(state, letters.open(peer, post), 'start');
  }
  if (book.finished) return;
  book.finished = true;
  out.fact(Fact.finished, plan.workload.producer);
}

/** Does what the rules say. A silence of which they say nothing ends the waiting. */
function follow(state: Sender, thread: Thread, when: Rule['when']): void {
  const { out, letters } = state;
  const rule = letters.next(thread, when);
  if (rule === undefined) {
    if (when === 'silence') return conclude(state, thread, 'unknown', 'silence');
    if (typeof when === 'number') out.ignored(LETTERS[when], 'no rule for it');
  }
  for (const act of rule?.acts ?? []) {
    if (act.is === 'send') resend(state, thread, act.letter, when);
    else if (act.is !== 'apply') conclude(state, thread, act.is, 'the rules say so');
  }
  letters.listen(thread);
}

function resend(
  { out, letters }: Sender,
  thread: Thread,
  letter: number,
  when: Rule['when'],
): void {
  if (letter === 0 && thread.sent[0] > 0) {
    const why = out.names.id(typeof when === 'number' ? LETTERS[when] : when);
    out.fact(Fact.retried, thread.post.message, thread.sent[0] + 1, why);
  }
  letters.send(thread, letter);
}

function conclude(
  { out, letters, book }: Sender,
  thread: Thread,
  outcome: 'ok' | 'failed' | 'unknown',
  reason: string,
): void {
  if (thread.closed) return;
  const { message } = thread.post;
  letters.close(thread);
  book.open.delete(message);
  if (outcome === 'ok') out.fact(Fact.ok, message, thread.sent[0]);
  else out.fact(Fact[outcome], message, out.names.id(reason));
}
