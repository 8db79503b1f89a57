import type { DiskLog } from '../../../sim/kernel/disk.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import { millis, type Micros } from '../../../sim/kernel/time.ts';
import type { Content } from '../protocol.ts';
import type { QueueHost } from '../queue.ts';
import { Place, type Entry } from './entry.ts';

/** One line of a queue's file. */
export type Line =
  | {
      readonly is: 'publish';
      readonly seqId: number;
      readonly content: Content;
      readonly expiry: Micros;
    }
  | { readonly is: 'ack'; readonly seqId: number };

/** What a clean shutdown writes beside the file: which messages had been handed out. */
export interface Clean {
  readonly redelivered: readonly number[];
}

/** `SYNC_INTERVAL` of rabbit_amqqueue_process: under constant load, a sync at least so often. */
const SYNC_INTERVAL: Micros = millis(200);
/** A queue whose mailbox has been empty for so long is idle and syncs (model choice). */
const IDLE: Micros = millis(1);
/** Lines beyond the living ones before the file is written anew. */
const SLACK = 10_000;

export function fileOf(queue: string): string {
  return `queues/${queue}`;
}

/**
 * The file of a durable classic queue: persistent messages and acknowledgements. Both wait in a
 * buffer in memory, which a crash loses; it is written and synced when the queue becomes idle, or
 * after `SYNC_INTERVAL`. The sync confirms the messages that it covers.
 */
export class Store {
  readonly #host: QueueHost;
  readonly #queue: number;
  readonly #file: string;
  readonly #log: DiskLog<Line>;
  /** Sequence ids of messages in the file that are not acknowledged there. */
  readonly #live = new Set<number>();
  /** Bytes of bodies of those. */
  bytes = 0;
  #buffer: Entry[] = [];
  #acks: number[] = [];
  #syncing = 0;
  #timer: Handle = NO_HANDLE;
  readonly #timerCode: number;
  /** When the oldest thing in the buffer came, and the youngest. */
  #since: Micros = 0;
  #latest: Micros = 0;

  constructor(host: QueueHost, queue: number, file: string, timerCode: number) {
    this.#host = host;
    this.#queue = queue;
    this.#file = file;
    this.#timerCode = timerCode;
    this.#log = host.out.disk.log<Line>(file);
  }

  /** The messages in the file, oldest first, after a start. */
  recover(): Extract<Line, { is: 'publish' }>[] {
    const lines = new Map<number, Extract<Line, { is: 'publish' }>>();
    const log = this.#log;
    for (let i = log.base; i < log.end; i++) {
      const line = log.get(i);
      if (line.is === 'publish') lines.set(line.seqId, line);
      else lines.delete(line.seqId);
    }
    for (const { seqId, content } of lines.values()) {
      this.#live.add(seqId);
      this.bytes += content.bytes;
    }
    return [...lines.values()];
  }

  /** Takes a persistent message into the buffer; its publisher is confirmed by the sync. */
  write(entry: Entry): void {
    entry.place = Place.buffer;
    this.#buffer.push(entry);
    this.#stir();
  }

  /** A message is done: if it never left the buffer it never will. */
  remove(entry: Entry): void {
    if (entry.place === Place.file) {
      this.bytes -= entry.content.bytes;
      this.#acks.push(entry.seqId);
      this.#stir();
    }
    entry.place = Place.gone;
  }

  /** Messages that no sync covers yet. */
  get unsynced(): number {
    return this.#buffer.length + this.#syncing;
  }

  #stir(): void {
    const { now } = this.#host.out;
    this.#latest = now;
    if (this.#timer !== NO_HANDLE || this.#syncing > 0) return;
    this.#since = now;
    this.#timer = this.#host.timer(this.#queue, IDLE, this.#timerCode);
  }

  /** The timer came up: idle by now, or busy for too long, or wait on. Returns what was written. */
  onTimer(): readonly Entry[] | undefined {
    this.#timer = NO_HANDLE;
    const { now } = this.#host.out;
    const due = Math.min(this.#latest + IDLE, this.#since + SYNC_INTERVAL);
    if (now >= due) return this.flush();
    this.#timer = this.#host.timer(this.#queue, due - now, this.#timerCode);
    return undefined;
  }

  /** Writes the buffer; what is returned waits for a sync. */
  flush(): readonly Entry[] {
    const { now } = this.#host.out;
    const written = this.#buffer.filter((entry) => entry.place === Place.buffer);
    for (const entry of written) {
      const { seqId, content, expiry } = entry;
      this.#log.append({ is: 'publish', seqId, content, expiry }, now);
      this.#live.add(seqId);
      this.bytes += content.bytes;
      entry.place = Place.file;
    }
    for (const seqId of this.#acks) {
      this.#log.append({ is: 'ack', seqId }, now);
      this.#live.delete(seqId);
    }
    this.#buffer = [];
    this.#acks = [];
    this.#trim();
    return written;
  }

  /** Cuts off what is done at the front of the file, and compacts it when little else is left. */
  #trim(): void {
    const log = this.#log;
    let base = log.base;
    while (base < log.end && !this.#isLive(log.get(base))) base++;
    log.trim(base);
    if (log.end - log.base <= 2 * this.#live.size + SLACK) return;
    const kept: Line[] = [];
    for (let i = log.base; i < log.end; i++) if (this.#isLive(log.get(i))) kept.push(log.get(i));
    log.rewrite(log.end, kept);
  }

  /** A line of an acknowledgement stands behind the message's own: once that is cut, it is idle. */
  #isLive(line: Line): boolean {
    return line.is === 'publish' && this.#live.has(line.seqId);
  }

  sync(code: number, written: readonly Entry[]): void {
    this.#syncing = written.length;
    this.#host.sync(this.#queue, this.#file, code, written);
  }

  /** One sync at a time: what came meanwhile is next. */
  synced(): void {
    this.#syncing = 0;
    if (this.#buffer.length + this.#acks.length > 0) this.#stir();
  }

  erase(): void {
    this.#host.out.cancel(this.#timer);
    this.#timer = NO_HANDLE;
    this.#log.trim(this.#log.end);
    this.#live.clear();
    this.bytes = 0;
    this.#buffer = [];
    this.#acks = [];
  }
}
