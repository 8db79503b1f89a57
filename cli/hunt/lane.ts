import { Biography, type Step } from '../../reports/biography.ts';
import type { Seen } from '../../reports/pair.ts';
import { TraceWriter, type Legend, type TraceEntry } from '../../reports/trace.ts';
import type { Trace } from '../../sim/kernel/entry.ts';
import type { Micros } from '../../sim/kernel/time.ts';

/** A message's life up to a time, split into what one node saw and what happened elsewhere. */
export class Lane {
  readonly trace: Trace;
  readonly #client: string;
  readonly #biography: Biography;
  readonly #seen: Seen[] = [];
  /** What was sent to the client, by index, for when it arrives. */
  readonly #letters = new Map<number, TraceEntry>();
  /** What its letters about the message were about. */
  readonly #subjects = new Set<string>();

  constructor(client: string, message: string, until: Micros, legend: Legend) {
    this.#client = client;
    this.#biography = new Biography(message);
    this.trace = new TraceWriter(legend, (entry) => {
      if (entry.t > until) return;
      this.#biography.take(entry);
      this.#take(entry, message);
    });
  }

  #take(entry: TraceEntry, message: string): void {
    const { kind, t: at } = entry;
    if (kind === 'sent' && entry.to === this.#client) this.#letters.set(entry.i, entry);
    if (entry.node !== this.#client) return;
    if (kind === 'sent' && (entry.carries as readonly string[]).includes(message)) {
      this.#subjects.add(subject(entry));
      this.#seen.push({ at, says: `-> ${String(entry.to)}  ${letter(entry)}` });
    } else if (kind === 'arrived') {
      const sent = this.#letters.get(Number(entry.cause));
      if (sent === undefined || !this.#about(sent, message)) return;
      this.#seen.push({ at, says: `<- ${sent.node}  ${letter(sent)}` });
    } else if (entry.message === message) {
      const says = SAYS[kind]?.(entry);
      if (says !== undefined) this.#seen.push({ at, says });
    }
  }

  #about(sent: TraceEntry, message: string): boolean {
    if ((sent.carries as readonly string[]).includes(message)) return true;
    return this.#subjects.has(subject(sent));
  }

  /** The last few things that it saw: those before led to them. */
  get seen(): readonly Seen[] {
    return this.#seen.slice(-8);
  }

  /** What it could not see: nothing that it did itself, but what became of its letters. */
  get hidden(): readonly Step[] {
    return this.#biography.steps().filter(({ who, says }) => who !== this.#client && says !== '');
  }
}

const subject = (entry: TraceEntry) => `${String(entry.about)}/${String(entry.nr)}`;

function letter(entry: TraceEntry): string {
  const again = Number(entry.attempt) > 1 ? ` #${String(entry.attempt)}` : '';
  return `${String(entry.type)} ${subject(entry)}${again}`;
}

/** What a client states about a message, as it would say it. */
const SAYS: Readonly<Record<string, (entry: TraceEntry) => string>> = {
  retried: (entry) => `tries again: ${String(entry.reason)}`,
  ok: () => 'counts it as done',
  failed: (entry) => `counts it as failed: ${String(entry.reason)}`,
  unknown: (entry) => `cannot say what became of it: ${String(entry.reason)}`,
  delivered: () => 'is handed it',
  effect: () => 'applies it',
};
