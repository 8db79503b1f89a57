import { Fact } from '../../sim/kernel/entry.ts';
import type { NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import { Task, type Program } from '../../sim/kernel/program.ts';
import { Application, type HandlingPlan } from '../parts/application.ts';
import { Calls, type Reply } from '../parts/calls.ts';
import { Correspondence, type PartyPlan, type Post, type Thread } from './correspondence.ts';
import { LETTERS, type Rule } from './rules.ts';

export interface ReceiverPlan extends PartyPlan {
  readonly subscription: number;
  readonly stream: number;
  readonly handling: HandlingPlan;
}

interface Receiver {
  readonly plan: ReceiverPlan;
  readonly out: Out;
  readonly letters: Correspondence;
  readonly application: Application;
  readonly calls: Calls;
}

const Timer = { task: 0, timeout: 1, silence: 2 } as const;

/** Who is told: answers letters, and hands messages to its application when a rule says so. */
export function receiver(plan: ReceiverPlan, sink: NodeId): Role<Receiver> {
  return {
    start(out) {
      const calls = new Calls(out, Timer.timeout, plan.handling.timeout);
      return {
        plan,
        out,
        letters: new Correspondence(plan, out, Timer.silence),
        application: new Application(plan.handling, plan.subscription, sink, calls, out),
        calls,
      };
    },

    onMessage(state, from, message) {
      if (!isPost(message)) return state.calls.onReply(message as Reply);
      const { letters } = state;
      const thread = letters.threads.get(message.message) ?? letters.open(from, message);
      follow(state, thread, message.letter);
    },

    onTimer(state, code, data) {
      if (code === Timer.task) Task.onTimer(data);
      else if (code === Timer.timeout) state.calls.onTimeout(data as number);
      else follow(state, data as Thread, 'silence');
    },
  };
}

function isPost(message: object): message is Post {
  return 'letter' in message;
}

function follow(state: Receiver, thread: Thread, when: Rule['when']): void {
  const { letters, out } = state;
  const rule = letters.next(thread, when);
  if (rule === undefined) {
    // Nothing is left that it could do about silence.
    if (when !== 'silence') out.ignored(LETTERS[Number(when)], 'no rule for it');
    else return;
  }
  letters.listen(thread);
  if (rule === undefined) return;
  const task = new Task(out, Timer.task);
  task.start(obey(state, thread, rule, task));
}

/** One thing after the other: a crash between two of them is a crash between two lines. */
function* obey(state: Receiver, thread: Thread, rule: Rule, task: Task): Program {
  for (const act of rule.acts) {
    if (act.is === 'send') state.letters.send(thread, act.letter);
    else if (act.is === 'apply' && !(yield* apply(state, thread, task))) return;
  }
}

/** False when the application did not manage it: what follows in the rule does not happen. */
function* apply(state: Receiver, thread: Thread, task: Task): Program<boolean> {
  const { plan, out, application, letters } = state;
  const { message, sequence, key, poison } = thread.post;
  const { stream, subscription } = plan;
  const position = taken(out);
  out.fact(Fact.stored, message, stream, position);
  const attempt = letters.round(thread);
  const delivery = { message, sequence, key, poison, stream, position, attempt };
  const outcome = yield* application.handle(delivery, task);
  if (outcome === 'failed') return false;
  out.fact(Fact.settled, message, subscription);
  return true;
}

/** A place of its own for each time that a message is taken up. */
function taken(out: Out): number {
  const position = out.disk.read<number>('taken') ?? 0;
  out.disk.write('taken', position + 1);
  out.disk.harden('taken', Infinity);
  return position;
}
