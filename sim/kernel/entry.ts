import type { NodeId } from './node.ts';
import type { Micros } from './time.ts';

/**
 * What a node may state as having happened. Each fact has up to four numbers, named here; a message
 * is a MessageId, a stream a partition or queue, names and reasons are NameIds, `-` is unused (0).
 * Facts are the only thing the read side learns of a run.
 */
export const FACTS = {
  // The producer's side. Exactly one of ok, failed, unknown follows each invoked.
  invoked: 'message, channel, key, -',
  retried: 'message, attempt, reason, -',
  ok: 'message, attempts, -, -', // The client heard the acknowledgement.
  failed: 'message, reason, -, -', // It certainly did not happen.
  unknown: 'message, reason, -, -', // It may have happened.
  finished: 'producer, -, -, -', // No further invocation comes from this producer.
  // The broker's side.
  appended: 'message, stream, position, -', // Written where it may still be lost.
  stored: 'message, stream, position, open', // A reader can get it; `open`: if it reads all.
  hole: 'stream, position, -, -', // A position that never holds a message.
  dropped: 'message, stream, reason, open', // A copy is gone; `open`: it was not committed.
  returned: 'message, subscription, reason, -', // Will be handed out again, and why.
  settled: 'message, subscription, -, -', // The broker will not hand it out again.
  settledTo: 'subscription, stream, position, -', // The same for all before a position.
  deadLettered: 'message, subscription, reason, -',
  // The consumer's side.
  assigned: 'subscription, stream, position, reason', // Reading (re)starts at a position.
  delivered: 'message, subscription, stream, position', // Handed to the application.
  handled: 'message, subscription, outcome, -', // The application is done with it.
  effect: 'message, subscription, sink, -', // Applied where it counts.
  // Kept by the kernel.
  crashed: 'node, -, -, -',
  started: 'node, -, -, -',
  struck: 'fault, -, -, -', // A planned fault bit.
  // Everything else worth a number or a line.
  counted: 'counter, by, -, -',
  became: 'about, from, to, reason', // A state machine moved.
  ignored: 'what, reason, -, -', // A message was refused or of no use.
  // What became of a message that was stored `open`, in a transaction that had not ended.
  committed: 'message, stream, position, -', // From now on every reader can get it.
  aborted: 'message, stream, position, -', // Readers of committed data never get it.
  // Between channels.
  routed: 'message, stream, -, -', // What passes messages on owes it to this stream.
  moved: 'message, stream, target, position', // Taken out of one stream, put into another.
} as const;

export type FactName = keyof typeof FACTS;
export const FACT_NAMES = Object.keys(FACTS) as FactName[];

/** A fact's number: its place in the list above. */
export const Fact = Object.fromEntries(FACT_NAMES.map((name, i) => [name, i])) as Record<
  FactName,
  number
>;

/**
 * Which of its numbers says what a fact is about, in a way that holds from run to run: a message, a
 * position, a producer. -1 where it has none.
 */
export const FACT_SUBJECT: readonly number[] = FACT_NAMES.map((name) => {
  const words: readonly string[] = FACTS[name].split(', ');
  const places = ['message', 'position', 'producer'].map((word) => words.indexOf(word));
  return places.find((place) => place >= 0) ?? -1;
});

/** What an event in the queue is, as a number: traces carry it. */
export const EventKind = {
  start: 0,
  message: 1,
  /** A message that a fault delayed or copied. */
  disturbed: 2,
  timer: 3,
  synced: 4,
  disconnect: 5,
  fault: 6,
  resume: 7,
  stop: 8,
} as const;

/** Hears every fact as it happens and keeps what it needs of it. */
export interface Observer {
  fact(time: Micros, node: NodeId, fact: number, a: number, b: number, c: number, d: number): void;
}

/**
 * The full record of a run, written only when somebody asked for it. Indices count every entry,
 * also while no trace is kept, so that a trace made by a second run carries the same ones.
 */
export interface Trace {
  sent(entry: SentEntry): void;
  event(index: number, time: Micros, node: NodeId, kind: number, code: number, cause: number): void;
  fact(index: number, time: Micros, node: NodeId, fact: number, args: readonly number[]): void;
  tell(index: number, time: Micros, node: NodeId, words: string): void;
}

export interface SentEntry {
  index: number;
  time: Micros;
  from: NodeId;
  to: NodeId;
  type: string;
  about: string;
  nr: number;
  attempt: number;
  /** Application messages that it carries. */
  carries: readonly number[];
  /** When it arrives, or -1. */
  arrives: Micros;
  /** Empty when it simply arrives; otherwise what befell it. */
  fate: string;
  cause: number;
}
