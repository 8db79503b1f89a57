import { assert } from '../../sim/kernel/assert.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { ServerIndex, Stored, Why } from './protocol.ts';
import { Tenants } from './fair.ts';
import { SlotHeap } from './slot-heap.ts';
import { SlotIndex } from './slot-index.ts';

/** What a copy is at: visible, delayed, in flight, or set aside on its way to another queue. */
export const At = { visible: 0, delayed: 1, inFlight: 2, leaving: 3 } as const;

/** Visible copies of messages with the same homes, oldest first. */
interface Lane {
  readonly homes: readonly ServerIndex[];
  /** This server's place among the homes. */
  readonly rank: number;
  readonly visible: SlotHeap;
  /** Those of noisy tenants: handed out when nothing else is there. */
  readonly noisy: SlotHeap;
}

const NONE = -1;
const NOBODY: ReadonlySet<string> = new Set();

/**
 * The copies that one storage server keeps of one queue. A copy is a slot in integer arrays, about
 * 50 bytes; taking, hiding and deleting one costs O(log n) and a deleted copy leaves nothing
 * behind.
 */
export class Shelf {
  /** Messages in flight of which this server is the first home: each is counted on one server. */
  inFlight = 0;
  place = new Int32Array(8);
  /** Undefined as long as no message names a group. */
  tenants: Tenants | undefined;
  #noisy: ReadonlySet<string> = NOBODY;
  readonly #self: ServerIndex;
  readonly #index = new SlotIndex();
  readonly #lanes: Lane[] = [];
  /** Copies that become visible by themselves, by when they do. */
  readonly #hidden: SlotHeap;
  #stored: (Stored | undefined)[] = [];
  #visibleAt = new Float64Array(8);
  #receivedAt = new Float64Array(8);
  #receives = new Int32Array(8);
  #server = new Int8Array(8);
  #at = new Int8Array(8);
  #why = new Int8Array(8);
  #lane = new Int16Array(8);
  /** 1: in the heap of noisy tenants. */
  #apart = new Int8Array(8);
  // All copies in order of arrival, for the retention sweep.
  #older = new Int32Array(8);
  #newer = new Int32Array(8);
  #first = NONE;
  #last = NONE;
  #free: number[] = [];
  #used = 0;

  constructor(self: ServerIndex) {
    this.#self = self;
    this.#hidden = new SlotHeap(this, (a, b) => this.#sooner(a, b));
  }

  get size(): number {
    return this.#index.size;
  }

  find(position: number): number {
    return this.#index.get(position);
  }

  stored(slot: number): Stored {
    const stored = this.#stored[slot];
    assert(stored !== undefined, 'a slot is read while it holds a copy');
    return stored;
  }

  receives(slot: number): number {
    return this.#receives[slot];
  }
  receivedAt(slot: number): Micros {
    return this.#receivedAt[slot];
  }
  /** The server whose receive was the latest, as far as known here. */
  server(slot: number): ServerIndex {
    return this.#server[slot];
  }
  why(slot: number): Why {
    return this.#why[slot] as Why;
  }
  isInFlight(slot: number): boolean {
    return this.#at[slot] === At.inFlight;
  }

  /** Keeps a copy, visible from `visibleAt` on. */
  put(stored: Stored, visibleAt: Micros, now: Micros): number {
    const slot = this.#allot();
    this.#index.add(stored.position, slot);
    this.#stored[slot] = stored;
    this.#visibleAt[slot] = visibleAt;
    this.#receivedAt[slot] = 0;
    this.#receives[slot] = 0;
    this.#server[slot] = NONE;
    this.#why[slot] = 0;
    this.#lane[slot] = this.#laneOf(stored.homes);
    if (stored.group !== '') this.tenants ??= new Tenants();
    this.#link(slot);
    this.#enter(slot, visibleAt > now ? At.delayed : At.visible);
    return slot;
  }

  /** A receive took the copy: here (its server is this one) or, as reported, on another server. */
  take(slot: number, receives: number, server: ServerIndex, now: Micros, visibleAt: Micros): void {
    assert(receives >= this.#receives[slot], 'a receive count never falls');
    this.#leave(slot);
    this.#receives[slot] = receives;
    this.#server[slot] = server;
    this.#receivedAt[slot] = now;
    this.#visibleAt[slot] = visibleAt;
    this.#why[slot] = 0;
    this.#enter(slot, At.inFlight);
  }

  /** Moves the end of a copy's time out of sight; `now` or earlier: it is visible at once. */
  hide(slot: number, visibleAt: Micros, now: Micros, why: Why, at: number = At.inFlight): void {
    this.#leave(slot);
    this.#visibleAt[slot] = visibleAt;
    this.#why[slot] = why;
    this.#enter(slot, visibleAt > now ? at : At.visible);
  }

  remove(slot: number): void {
    this.#leave(slot);
    this.#index.remove(this.stored(slot).position);
    this.#unlink(slot);
    this.#stored[slot] = undefined;
    this.#free.push(slot);
  }

  /** When the next hidden copy becomes visible, or -1. */
  get nextVisible(): Micros {
    const slot = this.#hidden.top;
    return slot === NONE ? -1 : this.#visibleAt[slot];
  }

  /** Makes visible what is due, one copy a call; -1 when nothing is. */
  surface(now: Micros): number {
    const slot = this.#hidden.top;
    if (slot === NONE || this.#visibleAt[slot] > now) return NONE;
    this.#leave(slot);
    this.#enter(slot, At.visible);
    return slot;
  }

  /** From now on these tenants come last. */
  setAside(noisy: ReadonlySet<string>): void {
    if (noisy.size === 0 && this.#noisy.size === 0) return;
    const calmed = [...this.#noisy].some((tenant) => !noisy.has(tenant));
    this.#noisy = noisy;
    if (!calmed) return;
    for (const lane of this.#lanes) {
      for (let slot = lane.noisy.top; slot !== NONE; slot = lane.noisy.top) {
        lane.noisy.remove(slot);
        this.#apart[slot] = 0;
        lane.visible.push(slot);
      }
    }
  }

  /** A message was deleted in time: its tenant had a consumer for so long. */
  worked(slot: number, now: Micros): void {
    if (this.tenants === undefined || !this.isFirstHome(slot) || !this.isInFlight(slot)) return;
    this.tenants.worked(this.stored(slot).group, now - this.#receivedAt[slot], now);
  }

  /** The oldest visible copy that this server may hand out while the servers in `down` are away. */
  oldest(down: number): number {
    let best = NONE;
    let last = NONE;
    for (const lane of this.#lanes) {
      if (!leads(lane, down)) continue;
      if (this.#noisy.size > 0) this.#part(lane);
      const slot = lane.visible.top;
      if (slot !== NONE && (best === NONE || this.#olderThan(slot, best))) best = slot;
      const apart = lane.noisy.top;
      if (apart !== NONE && (last === NONE || this.#olderThan(apart, last))) last = apart;
    }
    return best === NONE ? last : best;
  }

  /** Moves noisy tenants' messages out of the way, as far as they stand in it. */
  #part({ visible, noisy }: Lane): void {
    for (let slot = visible.top; slot !== NONE; slot = visible.top) {
      if (!this.#noisy.has(this.stored(slot).group)) return;
      visible.remove(slot);
      this.#apart[slot] = 1;
      noisy.push(slot);
    }
  }

  /** May this server hand the copy out, once it is visible? */
  leads(slot: number, down: number): boolean {
    return leads(this.#lanes[this.#lane[slot]], down);
  }

  isFirstHome(slot: number): boolean {
    return this.#lanes[this.#lane[slot]].rank === 0;
  }

  /** The copy that has been here longest, or -1. */
  get earliest(): number {
    return this.#first;
  }

  /** Visits, in order of arrival, what this server may hand out or will be able to later. */
  visit(down: number, see: (stored: Stored) => void): void {
    for (let slot = this.#first; slot !== NONE; slot = this.#newer[slot]) {
      if (this.leads(slot, down)) see(this.stored(slot));
    }
  }

  #enter(slot: number, at: number): void {
    this.#at[slot] = at;
    if (at === At.inFlight && this.isFirstHome(slot)) this.#count(slot, 1);
    if (at === At.visible) this.#lanes[this.#lane[slot]].visible.push(slot);
    else this.#hidden.push(slot);
  }

  #leave(slot: number): void {
    if (this.#at[slot] === At.inFlight && this.isFirstHome(slot)) this.#count(slot, -1);
    if (this.#at[slot] !== At.visible) return this.#hidden.remove(slot);
    const lane = this.#lanes[this.#lane[slot]];
    (this.#apart[slot] === 1 ? lane.noisy : lane.visible).remove(slot);
    this.#apart[slot] = 0;
  }

  #count(slot: number, by: number): void {
    this.inFlight += by;
    this.tenants?.took(this.stored(slot).group, by);
  }

  #laneOf(homes: readonly ServerIndex[]): number {
    const known = this.#lanes.findIndex((lane) => lane.homes === homes);
    if (known >= 0) return known;
    const rank = homes.indexOf(this.#self);
    assert(rank >= 0, 'a server keeps only what has its home there');
    const visible = new SlotHeap(this, (a, b) => this.#olderThan(a, b));
    const noisy = new SlotHeap(this, (a, b) => this.#olderThan(a, b));
    return this.#lanes.push({ homes, rank, visible, noisy }) - 1;
  }

  #olderThan(a: number, b: number): boolean {
    return this.stored(a).position < this.stored(b).position;
  }

  #sooner(a: number, b: number): boolean {
    const [x, y] = [this.#visibleAt[a], this.#visibleAt[b]];
    return x < y || (x === y && this.#olderThan(a, b));
  }

  #link(slot: number): void {
    this.#older[slot] = this.#last;
    this.#newer[slot] = NONE;
    if (this.#last === NONE) this.#first = slot;
    else this.#newer[this.#last] = slot;
    this.#last = slot;
  }

  #unlink(slot: number): void {
    const [older, newer] = [this.#older[slot], this.#newer[slot]];
    if (older === NONE) this.#first = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#last = older;
    else this.#older[newer] = older;
  }

  #allot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === this.place.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const capacity = this.place.length * 2;
    this.place = widen(this.place, capacity);
    this.#visibleAt = widen(this.#visibleAt, capacity);
    this.#receivedAt = widen(this.#receivedAt, capacity);
    this.#receives = widen(this.#receives, capacity);
    this.#server = widen(this.#server, capacity);
    this.#at = widen(this.#at, capacity);
    this.#why = widen(this.#why, capacity);
    this.#lane = widen(this.#lane, capacity);
    this.#apart = widen(this.#apart, capacity);
    this.#older = widen(this.#older, capacity);
    this.#newer = widen(this.#newer, capacity);
  }
}

function leads({ homes, rank }: Lane, down: number): boolean {
  for (let i = 0; i < rank; i++) if ((down & (1 << homes[i])) === 0) return false;
  return true;
}

function widen<T extends Float64Array | Int32Array | Int16Array | Int8Array>(
  array: T,
  capacity: number,
): T {
  const wider = new (array.constructor as new (n: number) => T)(capacity);
  wider.set(array);
  return wider;
}
