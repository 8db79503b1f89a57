import { Fact } from '../../../sim/kernel/entry.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { PARK, type Program, type Task } from '../../../sim/kernel/program.ts';
import type { Outgoing, Workload } from '../../parts/workload.ts';
import type { Outbox } from './outbox.ts';
import type { Ending, SessionOwner, TransactionSession } from './transaction-session.ts';

/** What the loop needs of the producing application around it. */
export interface Surroundings {
  readonly out: Out;
  readonly life: number;
  readonly workload: Workload;
  readonly outbox: Outbox;
  session(owner: SessionOwner): TransactionSession;
  stopping(): boolean;
  /** KafkaProducer.send(). */
  send(outgoing: Outgoing): Program;
  settle(message: number, outcome: Ending, reason: string): void;
  /** The sender must have a look at the end of this event. */
  touch(): void;
}

/** A producing application that sends its workload in transactions. */
export class TransactionalApplication {
  readonly around: Surroundings;
  readonly session: TransactionSession;
  /** The application waits for a change of its transaction, and there was one. */
  #waits = false;
  #changed = false;

  constructor(around: Surroundings) {
    this.around = around;
    this.session = around.session({
      wait: () => this.#wait(),
      changed: () => {
        this.#changed = true;
        around.touch();
      },
    });
  }

  *#wait(): Program {
    this.#waits = true;
    yield PARK;
  }

  /** At the end of an event: goes on, if what it waits for may have happened. */
  wake(task: Task): void {
    if (!this.#waits || !this.#changed) return;
    this.#waits = this.#changed = false;
    task.resume(undefined);
  }
}

/**
 * Begin, send so many messages, commit; every n-th transaction is aborted instead. What was aborted
 * is repeated in a new transaction or given up; what nobody knows of is given up.
 */
export function* sendInTransactions({ around: app, session }: TransactionalApplication): Program {
  const { workload, outbox, out } = app;
  const plan = workload.plan.transaction ?? { messages: 1, aborts: 0, repeats: true };
  const words = {
    restart: out.names.id('producer restart'),
    aborted: out.names.id('transaction aborted'),
  };
  // After a restart: what nobody has confirmed.
  let again = [...outbox.open.values()];
  let reason = words.restart;
  for (let round = 1; again.length > 0 || !workload.done; round++) {
    if (!(yield* session.ready())) return giveUp(app, again);
    session.transactions.begin();
    const repeated = again;
    const sent = yield* fill(app, session, repeated, reason, plan.messages);
    if (app.stopping()) return;
    const aborts = plan.aborts > 0 && round % plan.aborts === 0 && repeated.length === 0;
    const ending = yield* aborts ? session.abort() : session.commit();
    reason = words.aborted;
    again = [];
    if (ending === 'aborted' && plan.repeats) again = sent;
    else for (const { message } of sent) app.settle(message, ending, 'transaction aborted');
  }
}

/** Sends what comes again, and new messages up to the size of a transaction. */
function* fill(
  app: Surroundings,
  session: TransactionSession,
  again: readonly Outgoing[],
  reason: NameId,
  size: number,
): Program<Outgoing[]> {
  const { workload, outbox, out } = app;
  const sent: Outgoing[] = [];
  for (const outgoing of again) {
    sent.push(outgoing);
    out.fact(Fact.retried, outgoing.message, app.life, reason);
    if (session.open) yield* app.send(outgoing);
  }
  while (sent.length < size && !workload.done && session.open) {
    const wait = workload.wait();
    if (wait > 0) yield wait;
    // While it waited the transaction may have failed.
    if (app.stopping() || !session.open) break;
    outbox.begun = workload.sent + 1;
    const outgoing = workload.next();
    outbox.open.set(outgoing.message, outgoing);
    outbox.written = workload.sent;
    sent.push(outgoing);
    yield* app.send(outgoing);
  }
  return sent;
}

/** There can be no producer: the application ends. */
function giveUp(app: Surroundings, left: readonly Outgoing[]): void {
  for (const { message } of left) app.settle(message, 'aborted', 'the producer cannot begin');
  while (!app.workload.done) {
    const { message } = app.workload.next();
    app.settle(message, 'aborted', 'the producer cannot begin');
  }
}
