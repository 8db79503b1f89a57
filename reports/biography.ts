import { formatTime, type Micros } from '../sim/kernel/time.ts';
import type { TraceEntry } from './trace.ts';

/** One line of a message's life. */
export interface Step {
  readonly at: Micros;
  /** "checkout -> broker-1", "broker-1 -x checkout", "broker-1". */
  readonly who: string;
  readonly says: string;
  /** What went wrong, for colour: lost and crashed are bad, a repeat is odd. */
  readonly tone: 'plain' | 'bad' | 'odd';
}

/** A life has many more entries than a reader has patience. */
const STEPS = 6;

/** What can happen to any message at any time and is worth a line when it happened meanwhile. */
const COMMON = new Set(['crashed', 'started', 'struck']);

/** Collects what concerns one message while a run goes by. Memory follows that message's life. */
export class Biography {
  readonly message: string;
  readonly #own: TraceEntry[] = [];
  /** Messages that a fault befell, of every life: an answer is told from them by its name. */
  readonly #befallen: TraceEntry[] = [];
  readonly #common: TraceEntry[] = [];

  constructor(message: string) {
    this.message = message;
  }

  take(entry: TraceEntry): void {
    if (entry.message === this.message) this.#own.push(entry);
    else if (COMMON.has(entry.kind)) this.#keep(this.#common, entry);
    else if (entry.kind === 'sent') {
      if ((entry.carries as readonly string[]).includes(this.message)) this.#own.push(entry);
      else if (entry.fate !== '') this.#keep(this.#befallen, entry);
    }
  }

  /** What each client believed of it at this time. */
  believed(at: Micros): readonly string[] {
    return beliefs(this.#own.filter((e) => e.t <= at));
  }

  #keep(list: TraceEntry[], entry: TraceEntry): void {
    if (list.length < 10_000) list.push(entry);
  }

  /** The five to nine steps that tell the story, in order of time. */
  steps(): readonly Step[] {
    const sent = new Set(this.#own.filter((e) => e.kind === 'sent').map(subject));
    const born = this.#own[0]?.t ?? 0;
    const answers = this.#befallen.filter((e) => e.t >= born && sent.has(subject(e)));
    const entries = [...this.#own, ...answers].sort((a, b) => a.i - b.i);
    if (entries.length === 0) return [];
    const last = entries[entries.length - 1].t;
    const about = this.#common.filter((e) => e.t >= entries[0].t && e.t <= last && !isStart(e));
    const all = [...entries, ...about].sort((a, b) => a.i - b.i);
    return choose(told(all));
  }
}

/**
 * What each client believed of the message at a time: "checkout: acknowledged, on attempt 2". Only
 * what it stated itself: nobody knows more than it was told.
 */
function beliefs(entries: readonly TraceEntry[]): readonly string[] {
  const sender = new Map<string, string>();
  const handled = new Map<string, number>();
  for (const e of entries) {
    const says = sendersBelief(e);
    if (says !== undefined) sender.set(e.node, says);
    if (e.kind === 'delivered') handled.set(e.node, handled.get(e.node) ?? 0);
    if (e.kind === 'handled' && e.outcome === 'done') {
      handled.set(e.node, (handled.get(e.node) ?? 0) + 1);
    }
  }
  const times = (n: number) => (n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`);
  return [
    ...[...sender].map(([node, says]) => `${node}: ${says}`),
    ...[...handled].map(([node, n]) =>
      n === 0 ? `${node}: not handled yet` : `${node}: handled ${times(n)}`,
    ),
  ];
}

function sendersBelief(e: TraceEntry): string | undefined {
  switch (e.kind) {
    case 'invoked':
      return 'sent, no answer yet';
    case 'retried':
      return `no answer yet, on attempt ${e.attempt}`;
    case 'ok': {
      const attempts = e.attempts as number;
      return attempts > 1 ? `acknowledged, on attempt ${attempts}` : 'acknowledged';
    }
    case 'failed':
      return `not stored: ${e.reason}`;
    case 'unknown':
      return 'cannot know whether it was stored';
    default:
      return undefined;
  }
}

/** What a request and its answer have in common: the two nodes, and what they talk about. */
const subject = (e: TraceEntry) =>
  `${[String(e.node), String(e.to)].sort((a, b) => (a < b ? -1 : 1)).join()} ${e.about}/${e.nr}`;
const isStart = (e: TraceEntry) => e.kind === 'started' && e.t === 0;

interface Candidate {
  readonly step: Step;
  readonly weight: number;
}

/** Heaviest first, the earlier of equals; then back into the order of time. */
function choose(all: readonly Candidate[]): readonly Step[] {
  return all
    .map((candidate, place) => ({ ...candidate, place }))
    .sort((a, b) => b.weight - a.weight || a.place - b.place)
    .slice(0, STEPS)
    .sort((a, b) => a.place - b.place)
    .map(({ step }) => step);
}

function told(entries: readonly TraceEntry[]): Candidate[] {
  const seen = new Map<string, number>();
  /** How often this has happened before: a second storing is another story than the first. */
  const times = (what: string) => {
    const n = seen.get(what) ?? 0;
    seen.set(what, n + 1);
    return n;
  };
  const origin = entries.find((entry) => entry.kind !== 'struck')?.node ?? '';
  return entries.flatMap((entry) => candidate(entry, origin, times) ?? []);
}

function candidate(
  e: TraceEntry,
  origin: string,
  times: (what: string) => number,
): Candidate | undefined {
  const line = (says: string, weight: number, tone: Step['tone'] = 'plain', who = e.node) => ({
    step: { at: e.t, who, says, tone },
    weight,
  });
  const repeated = (what: string, says: string, weight: number, again: number) => {
    const before = times(what);
    if (before === 0) return line(says, weight);
    // The second time is the story; the tenth is more of the same.
    return line(`${says}: AGAIN`, before === 1 ? again : again - 5, 'odd');
  };
  switch (e.kind) {
    case 'sent': {
      // What befell it comes first: it is what must not be cut off.
      const fate = e.fate === '' ? '' : `${e.fate}: `;
      const again = (e.attempt as number) > 1 ? ` attempt ${e.attempt}` : '';
      const says = `${fate}${e.type} ${e.about}/${e.nr}${again}`;
      const lost = e.arrives === null;
      const who = `${e.node} ${lost ? '-x' : '->'} ${e.to}`;
      // A dead connection is a consequence; what a fault did to this very message is a cause.
      const grave = e.fate === 'NO CONNECTION' ? 6 : 10;
      if (lost || fate !== '') return line(says, grave, 'bad', who);
      const first = times(`sent ${e.node} ${e.type}`) === 0;
      // What the producer does, and how often, is the thread of the story.
      const weight = e.node === origin ? (first || again !== '' ? 8 : 5) : first ? 4 : 3;
      return line(says, weight, 'plain', who);
    }
    case 'retried':
      return line(`tries again, attempt ${e.attempt}: ${e.reason}`, 6, 'odd');
    case 'ok':
      return line('hears the acknowledgement', 4);
    case 'failed':
      return line(`gives up: ${e.reason}`, 9, 'bad');
    case 'unknown':
      return line(`cannot know whether it was stored: ${e.reason}`, 9, 'bad');
    case 'stored':
      return repeated(`stored ${e.stream}`, `stored at ${e.stream}/${e.position}`, 8, 9);
    case 'dropped':
      return line(`its copy in ${e.stream} is gone: ${e.reason}`, 9, 'bad');
    case 'returned':
      return line(`comes again: ${e.reason}`, 8, 'odd');
    case 'deadLettered':
      return line(`dead-lettered by ${e.subscription}: ${e.reason}`, 9, 'bad');
    case 'settled':
      return line(`settled for ${e.subscription}`, 3);
    case 'delivered':
      return repeated(`delivered ${e.subscription}`, `handed to ${e.subscription}`, 6, 7);
    case 'handled':
      return e.outcome === 'done' ? undefined : line(`handling ${e.outcome}`, 7, 'odd');
    case 'effect':
      return repeated(`effect ${e.subscription}`, `effect for ${e.subscription}`, 5, 8);
    case 'crashed':
      return line('goes down', 8, 'bad');
    case 'started':
      return line('starts again', 4);
    default:
      return undefined;
  }
}

/** "30 ms" as the reader of a step sees it. */
export const stepTime = (step: Step): string => formatTime(step.at);
