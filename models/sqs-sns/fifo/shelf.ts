import { assert } from '../../../sim/kernel/assert.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { Stored, Why } from '../protocol.ts';
import { SlotHeap } from '../slot-heap.ts';

/** A message in a FIFO queue. */
export interface Item {
  readonly stored: Stored;
  receives: number;
  receivedAt: Micros;
  /** End of its delay or of its visibility timeout. */
  visibleAt: Micros;
  /** Its visibility was released rather than timed out. */
  released: boolean;
  /** How it had become visible before its latest receive. */
  why: Why;
  // All messages of the queue in order, and those of its group.
  older: Item | undefined;
  newer: Item | undefined;
  before: Item | undefined;
  after: Item | undefined;
}

/** A message group: in order, and locked as a whole while one of its messages is in flight. */
interface Group {
  readonly name: string;
  /** Its place in the heaps. */
  readonly slot: number;
  first: Item | undefined;
  last: Item | undefined;
  /** The batch that is out; at most ten. */
  inFlight: Item[];
  /** When it can be looked at again, while it sleeps. */
  wakesAt: Micros;
  at: 'available' | 'asleep' | 'empty';
}

/** One message handed out, or to be set aside as received too often. */
export interface Taken {
  readonly handed: Item[];
  readonly exhausted: Item[];
  readonly expired: Item[];
}

/**
 * One partition of a FIFO queue. A receive takes the available group with the oldest message and as
 * much of it as fits, then the next group: O(log groups), whatever the number of messages.
 */
export class FifoShelf {
  place = new Int32Array(8);
  inFlight = 0;
  readonly #scan: number;
  readonly #items = new Map<number, Item>();
  readonly #groups = new Map<string, Group>();
  readonly #bySlot: (Group | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** Groups without a lock, by their oldest message. */
  readonly #available: SlotHeap;
  /** Groups that wait for a delay or for a batch that is out. */
  readonly #asleep: SlotHeap;
  #oldest: Item | undefined;
  #newest: Item | undefined;
  /** The last message that receives look at: the `scan`-th, or the newest. */
  #horizon: Item | undefined;

  /** `scan`: how many messages from the oldest on are looked at for available groups. */
  constructor(scan: number) {
    this.#scan = scan;
    const group = (slot: number): Group => this.#bySlot[slot] as Group;
    const position = (slot: number) => group(slot).first?.stored.position ?? 0;
    this.#available = new SlotHeap(this, (a, b) => position(a) < position(b));
    this.#asleep = new SlotHeap(this, (a, b) => {
      const [x, y] = [group(a).wakesAt, group(b).wakesAt];
      return x < y || (x === y && position(a) < position(b));
    });
  }

  get size(): number {
    return this.#items.size;
  }

  get oldest(): Item | undefined {
    return this.#oldest;
  }

  find(position: number): Item | undefined {
    return this.#items.get(position);
  }

  /** Appends; positions only grow. */
  put(stored: Stored, visibleAt: Micros, now: Micros): Item {
    const { position } = stored;
    const newest = this.#newest;
    assert(newest === undefined || newest.stored.position < position, 'positions grow');
    const group = this.#groupOf(stored.group);
    const item: Item = {
      stored,
      receives: 0,
      receivedAt: 0,
      visibleAt,
      released: false,
      why: 0,
      older: newest,
      newer: undefined,
      before: group.last,
      after: undefined,
    };
    if (newest === undefined) this.#oldest = item;
    else newest.newer = item;
    this.#newest = item;
    this.#items.set(position, item);
    if (this.#items.size <= this.#scan) this.#horizon = item;
    if (group.last === undefined) group.first = item;
    else group.last.after = item;
    group.last = item;
    if (group.at === 'empty') this.#settle(group, now);
    return item;
  }

  /** Wakes the groups whose time has come. */
  surface(now: Micros): void {
    for (;;) {
      const group = this.#bySlot[this.#asleep.top];
      if (group === undefined || group.wakesAt > now) return;
      this.inFlight -= group.inFlight.length;
      group.inFlight = [];
      this.#settle(group, now);
    }
  }

  /** When the next group wakes, or -1. */
  get nextWake(): Micros {
    return this.#bySlot[this.#asleep.top]?.wakesAt ?? -1;
  }

  /** Is there something that a receive would find? */
  get ready(): boolean {
    return this.#next() !== undefined;
  }

  /**
   * Takes up to `max` messages. What has been received `most` times, or is `stale`, leaves the
   * shelf on the way.
   */
  take(
    max: number,
    visibility: Micros,
    now: Micros,
    most: number,
    stale: (item: Item) => boolean,
  ): Taken {
    const taken: Taken = { handed: [], exhausted: [], expired: [] };
    while (taken.handed.length < max) {
      const group = this.#next();
      if (group === undefined) break;
      const horizon = this.#horizon?.stored.position ?? -1;
      let item = group.first;
      while (item !== undefined && taken.handed.length < max) {
        if (item.visibleAt > now || item.stored.position > horizon) break;
        const { after }: Item = item;
        if (stale(item) || item.receives >= most) {
          (stale(item) ? taken.expired : taken.exhausted).push(item);
          this.remove(item, now);
        } else this.#hand(group, item, visibility, now, taken.handed);
        item = after;
      }
      if (group.inFlight.length > 0) this.#settle(group, now);
    }
    return taken;
  }

  #hand(group: Group, item: Item, visibility: Micros, now: Micros, handed: Item[]): void {
    item.receives++;
    item.receivedAt = now;
    item.why = item.released ? 1 : 0;
    item.released = false;
    item.visibleAt = now + visibility;
    group.inFlight.push(item);
    this.inFlight++;
    handed.push(item);
  }

  isInFlight(item: Item, now: Micros): boolean {
    return item.visibleAt > now && this.#groupOf(item.stored.group).inFlight.includes(item);
  }

  /** Another end of its time out of sight. */
  hide(item: Item, visibleAt: Micros, now: Micros): void {
    item.visibleAt = visibleAt;
    item.released = visibleAt <= now;
    this.#settle(this.#groupOf(item.stored.group), now);
    this.surface(now);
  }

  remove(item: Item, now: Micros): void {
    const { stored, older, newer, before, after } = item;
    const isSeen = stored.position <= (this.#horizon?.stored.position ?? -1);
    if (isSeen)
      this.#horizon = this.#horizon?.newer ?? (this.#horizon === item ? older : this.#horizon);
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    this.#items.delete(stored.position);
    const group = this.#groupOf(stored.group);
    this.#leave(group);
    if (before === undefined) group.first = after;
    else before.after = after;
    if (after === undefined) group.last = before;
    else after.before = before;
    const out = group.inFlight.indexOf(item);
    if (out >= 0) {
      group.inFlight.splice(out, 1);
      this.inFlight--;
    }
    this.#settle(group, now);
  }

  /** Every message, in order. */
  visit(see: (item: Item) => void): void {
    for (let item = this.#oldest; item !== undefined; item = item.newer) see(item);
  }

  /** The available group with the oldest message, if receives look that far. */
  #next(): Group | undefined {
    const group = this.#bySlot[this.#available.top];
    const position = group?.first?.stored.position ?? Infinity;
    return position <= (this.#horizon?.stored.position ?? -1) ? group : undefined;
  }

  /** Puts a group where it belongs: available, asleep until something, or gone. */
  #settle(group: Group, now: Micros): void {
    this.#leave(group);
    const { first, inFlight } = group;
    if (first === undefined) {
      this.#groups.delete(group.name);
      this.#bySlot[group.slot] = undefined;
      this.#freeSlots.push(group.slot);
      return;
    }
    // The batch that is out locks the group until the last of it is visible again.
    group.wakesAt = inFlight.reduce((at, item) => Math.max(at, item.visibleAt), first.visibleAt);
    if (inFlight.length === 0 && group.wakesAt <= now) {
      group.at = 'available';
      this.#available.push(group.slot);
    } else {
      group.at = 'asleep';
      this.#asleep.push(group.slot);
    }
  }

  #leave(group: Group): void {
    if (group.at === 'available') this.#available.remove(group.slot);
    if (group.at === 'asleep') this.#asleep.remove(group.slot);
    group.at = 'empty';
  }

  #groupOf(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      const slot = this.#freeSlots.pop() ?? this.#bySlot.length;
      group = {
        name,
        slot,
        first: undefined,
        last: undefined,
        inFlight: [],
        wakesAt: 0,
        at: 'empty',
      };
      this.#bySlot[slot] = group;
      this.#groups.set(name, group);
      if (slot >= this.place.length) {
        const wider = new Int32Array(this.place.length * 2);
        wider.set(this.place);
        this.place = wider;
      }
    }
    return group;
  }
}
