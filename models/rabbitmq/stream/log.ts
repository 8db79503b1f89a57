import type { Micros } from '../../../sim/kernel/time.ts';
import type { Content } from '../protocol.ts';

/** A message in a stream. Each is a chunk of its own here; a real one holds what came together. */
export interface Stored {
  readonly offset: number;
  readonly content: Content;
  /** By the leader's clock. */
  readonly time: Micros;
}

/** -1 where there is no limit. */
export interface Retention {
  readonly maxBytes: number;
  readonly maxAge: Micros;
  readonly segmentBytes: number;
}

interface Segment {
  readonly first: number;
  bytes: number;
  /** Of its last message. */
  until: Micros;
}

/**
 * What a stream holds: messages by offset. It only ever grows at its end, and is cut at its
 * beginning by whole segments, never the last one.
 */
export class StreamLog {
  readonly #retention: Retention;
  #messages: Stored[] = [];
  #base = 0;
  #segments: Segment[] = [];
  #bytes = 0;

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  /** Offset of the first message that is kept, and of the next one to come. */
  get base(): number {
    return this.#base;
  }

  get end(): number {
    return this.#base + this.#messages.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  at(offset: number): Stored {
    return this.#messages[offset - this.#base];
  }

  /** Appends, and gives back what retention has removed. */
  append(content: Content, time: Micros): { stored: Stored; removed: readonly Stored[] } {
    const stored = { offset: this.end, content, time };
    this.#messages.push(stored);
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.bytes >= this.#retention.segmentBytes) {
      segment = { first: stored.offset, bytes: 0, until: time };
      this.#segments.push(segment);
    }
    segment.bytes += content.bytes;
    segment.until = time;
    this.#bytes += content.bytes;
    return { stored, removed: this.#retain(time) };
  }

  #retain(now: Micros): readonly Stored[] {
    const { maxBytes, maxAge } = this.#retention;
    let removed: readonly Stored[] = NONE;
    while (this.#segments.length > 1) {
      const [oldest, next] = this.#segments;
      const isOld = maxAge >= 0 && now - oldest.until > maxAge;
      if (!isOld && (maxBytes < 0 || this.#bytes <= maxBytes)) break;
      this.#segments.shift();
      this.#bytes -= oldest.bytes;
      removed = [...removed, ...this.#messages.splice(0, next.first - this.#base)];
      this.#base = next.first;
    }
    return removed;
  }

  /** Where a consumer begins that asks for this; undefined when it is no offset. */
  find(spec: unknown, now: Micros): number | undefined {
    if (spec === undefined || spec === null || spec === 'next') return this.end;
    if (typeof spec === 'number') return Math.max(this.#base, Math.min(spec, this.end));
    if (spec === 'first') return this.#base;
    if (spec === 'last') return Math.max(this.#base, this.end - 1);
    const age = typeof spec === 'string' ? spanOf(spec) : undefined;
    if (age === undefined) return undefined;
    const found = this.#messages.findIndex(({ time }) => time >= now - age);
    return found < 0 ? this.end : this.#base + found;
  }

  copy(): StreamLog {
    const copy = new StreamLog(this.#retention);
    copy.#messages = [...this.#messages];
    copy.#base = this.#base;
    copy.#segments = this.#segments.map((segment) => ({ ...segment }));
    copy.#bytes = this.#bytes;
    return copy;
  }
}

const NONE: readonly Stored[] = [];

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, D: 86_400 };

/** "7D", "12h", "30m", "10s"; undefined when it is nothing of the kind. */
export function spanOf(text: string): Micros | undefined {
  const [, count, unit] = /^(\d{1,6})([smhD])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * SECONDS[unit] * 1_000_000;
}
