import { seconds, type Micros } from '../../sim/kernel/time.ts';

/** "How Amazon SQS fair queues work": when a tenant (a MessageGroupId) is a noisy neighbour. */

/** So many messages in flight at least, and more than a tenth of all. */
const NOISY_IN_FLIGHT = 30;
const SHARE = 10;
/** What "recent" consumer time is; the vendor gives no number (model choice). */
const WINDOW: Micros = seconds(60);

/** What the tenants of a queue have of one server: messages in flight, and consumers' time. */
export class Tenants {
  readonly inFlight = new Map<string, number>();
  /** Time from receive to delete, in this window and the one before it. */
  #busy: [now: Map<string, Micros>, before: Map<string, Micros>] = [new Map(), new Map()];
  #since: Micros = 0;

  took(tenant: string, by: number): void {
    const count = (this.inFlight.get(tenant) ?? 0) + by;
    if (count === 0) this.inFlight.delete(tenant);
    else this.inFlight.set(tenant, count);
  }

  worked(tenant: string, time: Micros, now: Micros): void {
    this.#turn(now);
    const [current] = this.#busy;
    current.set(tenant, (current.get(tenant) ?? 0) + time);
  }

  busy(now: Micros): ReadonlyMap<string, Micros> {
    this.#turn(now);
    const sum = new Map(this.#busy[1]);
    for (const [tenant, time] of this.#busy[0]) sum.set(tenant, (sum.get(tenant) ?? 0) + time);
    return sum;
  }

  #turn(now: Micros): void {
    if (now - this.#since < WINDOW) return;
    const stale = now - this.#since >= 2 * WINDOW;
    this.#busy = [new Map(), stale ? new Map() : this.#busy[0]];
    this.#since = now;
  }
}

/** What one server said of its tenants last. */
export interface Load {
  readonly inFlight: ReadonlyMap<string, number>;
  readonly busy: ReadonlyMap<string, Micros>;
}

/** The noisy ones of all tenants, by the sum of what the servers said; '' is nobody. */
export function noisyOf(loads: readonly (Load | undefined)[]): ReadonlySet<string> {
  const [inFlight, busy] = [new Map<string, number>(), new Map<string, number>()];
  for (const load of loads) {
    if (load === undefined) continue;
    add(inFlight, load.inFlight);
    add(busy, load.busy);
  }
  const noisy = new Set<string>();
  const all = sum(inFlight);
  for (const [tenant, count] of inFlight) {
    if (count >= NOISY_IN_FLIGHT && count * SHARE > all) noisy.add(tenant);
  }
  const time = sum(busy);
  // A tenant alone has all of the time, and nobody to disturb.
  for (const [tenant, own] of busy) if (own * SHARE > time && own < time) noisy.add(tenant);
  noisy.delete('');
  return noisy;
}

function add(to: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [tenant, n] of from) to.set(tenant, (to.get(tenant) ?? 0) + n);
}

function sum(of: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const n of of.values()) total += n;
  return total;
}
