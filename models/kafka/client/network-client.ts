import { assert } from '../../../sim/kernel/assert.ts';
import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Micros } from '../../../sim/kernel/time.ts';
import type { ConnectionConfig } from '../config/settings.ts';
import { labelBase } from '../../parts/lives.ts';
import type { BrokerIndex, ClientRequest, ClientResponse, Correlated } from '../protocol.ts';
import { backoff } from './backoff.ts';
import { Kind, kindOf, KINDS } from './kinds.ts';

export { Kind } from './kinds.ts';

export interface InFlight {
  readonly kind: number;
  readonly correlation: number;
  readonly deadline: Micros;
  readonly data: unknown;
}

export type LossReason = 'NETWORK_EXCEPTION' | 'REQUEST_TIMED_OUT';

/** The client behind the connections: a producer or a consumer. */
export interface Owner {
  onResponse(broker: BrokerIndex, request: InFlight, response: ClientResponse): void;
  /** No answer will come; the request may or may not have been executed. */
  onLost(broker: BrokerIndex, request: InFlight, reason: LossReason): void;
  /** A connection broke, or could not be set up: who leads what may have changed. */
  onClosed(): void;
  /** A connection can be used, or can be tried again. */
  onConnection(broker: BrokerIndex): void;
}

type Phase = 'closed' | 'connecting' | 'ready';

/** A request may be sent only on a connection whose handshake was answered. */
export const CONNECTION_PHASES: Readonly<Record<Phase, readonly Phase[]>> = {
  closed: ['connecting'],
  connecting: ['ready', 'closed'],
  ready: ['closed'],
};

interface Connection {
  readonly broker: BrokerIndex;
  phase: Phase;
  inFlight: InFlight[];
  /** Last correlation of each kind. */
  readonly numbers: number[];
  failures: number;
  /** Not tried again before; while connecting: given up at. */
  until: Micros;
  timer: Handle;
  timerAt: Micros;
}

/**
 * Connections of one client to all brokers. A request that is not answered in time closes its whole
 * connection: everything in flight on it is lost to the client, and nothing tells the broker.
 * Source: `NetworkClient`, `ClusterConnectionStates`. Left out: a consumer's connection to its
 * coordinator is the one to that broker, not a second one.
 */
export class NetworkClient {
  readonly #out: Out;
  readonly #brokers: readonly NodeId[];
  readonly #config: ConnectionConfig;
  readonly #owner: Owner;
  readonly #timerCode: number;
  readonly #connections: Connection[];
  readonly #words: { handshake: NameId; reconnect: NameId; timeouts: NameId };
  /** Where the search for a broker to ask starts. */
  #turn: number;

  constructor(
    out: Out,
    brokers: readonly NodeId[],
    config: ConnectionConfig,
    owner: Owner,
    timerCode: number,
    life: number,
    turn: number,
  ) {
    this.#out = out;
    this.#brokers = brokers;
    this.#config = config;
    this.#owner = owner;
    this.#timerCode = timerCode;
    this.#turn = turn % brokers.length;
    const { names } = out;
    this.#words = {
      handshake: names.id('handshake'),
      reconnect: names.id('reconnect'),
      timeouts: names.id('request.timeouts'),
    };
    this.#connections = brokers.map((_, broker) => ({
      broker,
      phase: 'closed' as Phase,
      inFlight: [],
      numbers: new Array<number>(KINDS).fill(labelBase(life)),
      failures: 0,
      until: -Infinity,
      timer: NO_HANDLE,
      timerAt: Infinity,
    }));
  }

  /** Is there a usable connection? If not, one is set up as soon as the backoff allows. */
  ready(broker: BrokerIndex): boolean {
    const connection = this.#connections[broker];
    if (connection.phase === 'ready') return true;
    if (connection.phase === 'closed') this.#connect(connection);
    return false;
  }

  /** Is there no connection, nor one being set up? */
  closed(broker: BrokerIndex): boolean {
    return this.#connections[broker].phase === 'closed';
  }

  /** Requests of a producer that are not answered. */
  inFlight(broker: BrokerIndex): number {
    let count = 0;
    for (const { kind } of this.#connections[broker].inFlight) {
      if (kind <= Kind.produce || kind >= Kind.addPartitions) count++;
    }
    return count;
  }

  /**
   * A broker that takes another request and has little to do, or -1 and one is being connected to.
   */
  leastLoaded(): BrokerIndex {
    const count = this.#connections.length;
    let best = -1;
    for (let i = 0; i < count; i++) {
      const c = this.#connections[(this.#turn + i) % count];
      if (c.phase !== 'ready' || c.inFlight.length >= this.#config.maxInFlight) continue;
      if (best < 0 || c.inFlight.length < this.#connections[best].inFlight.length) best = c.broker;
    }
    if (best >= 0) return best;
    if (this.#connections.some((c) => c.phase === 'connecting')) return -1;
    for (let i = 0; i < count; i++) {
      const c = this.#connections[(this.#turn + i) % count];
      if (c.phase !== 'closed' || c.until > this.#out.clock) continue;
      this.#turn = (c.broker + 1) % count;
      this.#connect(c);
      return -1;
    }
    return -1;
  }

  /** The number that the next request of this kind to this broker bears. */
  next(broker: BrokerIndex, kind: number): number {
    return ++this.#connections[broker].numbers[kind];
  }

  /**
   * Sends a request on a usable connection; `timeout` is the request timeout unless it is longer.
   */
  send(
    broker: BrokerIndex,
    kind: number,
    request: ClientRequest,
    about: NameId,
    data: unknown,
    timeout: Micros = this.#config.requestTimeout,
  ): void {
    this.sendAs(broker, kind, request, about, request.correlation, 1, data, timeout);
  }

  /** The same under a causal name of its own. */
  sendAs(
    broker: BrokerIndex,
    kind: number,
    request: ClientRequest,
    about: NameId,
    nr: number,
    attempt: number,
    data: unknown,
    timeout: Micros = this.#config.requestTimeout,
  ): void {
    const connection = this.#connections[broker];
    assert(connection.phase === 'ready', 'a request is sent on a usable connection only');
    const deadline = this.#out.clock + timeout;
    const { correlation } = request;
    connection.inFlight.push({ kind, correlation, deadline, data });
    this.#arm(connection, deadline);
    this.#out.send(this.#brokers[broker], request, about, nr, attempt);
  }

  /** Sends what is not answered: a produce request with acks=0. */
  sendOneWay(
    broker: BrokerIndex,
    request: ClientRequest,
    about: NameId,
    nr: number,
    attempt: number,
  ): void {
    this.#out.send(this.#brokers[broker], request, about, nr, attempt);
  }

  /** Is this the answer to a request of this client? A node may have several. */
  awaits(from: NodeId, { type, correlation }: Correlated): boolean {
    const connection = this.#connections[this.#brokers.indexOf(from)];
    if (type === 'ApiVersionsResponse') return correlation === connection.numbers[Kind.apiVersions];
    const kind = kindOf(type);
    return placeOf(connection.inFlight, correlation, kind) >= 0;
  }

  onMessage(from: NodeId, response: Correlated): void {
    const connection = this.#connections[this.#brokers.indexOf(from)];
    if (response.type === 'ApiVersionsResponse') return this.#onHandshake(connection, response);
    const kind = kindOf(response.type);
    const place = placeOf(connection.inFlight, response.correlation, kind);
    if (place < 0) {
      this.#out.ignored(response.type, 'its connection was given up');
      return;
    }
    const request = connection.inFlight[place];
    connection.inFlight.splice(place, 1);
    const skipped = kind === Kind.produce && isAnyOf(connection.inFlight, kind, place);
    this.#owner.onResponse(connection.broker, request, response as ClientResponse);
    if (skipped) this.#misses(connection);
  }

  /**
   * Produce requests of a connection are answered in their order, so an answer that comes before an
   * older one's says that the other is lost: the connection is of no use any more. (The real client
   * meets it as a correlation id that does not match.)
   */
  #misses(connection: Connection): void {
    if (connection.phase !== 'ready') return;
    this.#out.disconnect(this.#brokers[connection.broker]);
    this.#close(connection, 'NETWORK_EXCEPTION');
  }

  onDisconnect(peer: NodeId): void {
    const broker = this.#brokers.indexOf(peer);
    if (broker >= 0) this.#close(this.#connections[broker], 'NETWORK_EXCEPTION');
  }

  /** A timer of `timerCode` with this connection as data came up. */
  onTimer(data: unknown): void {
    const connection = data as Connection;
    connection.timer = NO_HANDLE;
    connection.timerAt = Infinity;
    const now = this.#out.clock;
    switch (connection.phase) {
      case 'closed':
        if (connection.until <= now) this.#owner.onConnection(connection.broker);
        else this.#arm(connection, connection.until);
        return;
      case 'connecting':
        if (connection.until > now) return this.#arm(connection, connection.until);
        this.#out.disconnect(this.#brokers[connection.broker]);
        return this.#close(connection, 'REQUEST_TIMED_OUT');
      case 'ready': {
        let earliest = Infinity;
        for (const request of connection.inFlight) earliest = Math.min(earliest, request.deadline);
        if (earliest > now) {
          if (earliest < Infinity) this.#arm(connection, earliest);
          return;
        }
        this.#out.count(this.#words.timeouts);
        this.#out.disconnect(this.#brokers[connection.broker]);
        this.#close(connection, 'REQUEST_TIMED_OUT');
      }
    }
  }

  #become(connection: Connection, next: Phase): void {
    const from = connection.phase;
    assert(CONNECTION_PHASES[from].includes(next), `connection: ${from} -> ${next} is legal`);
    connection.phase = next;
  }

  #connect(connection: Connection): void {
    const now = this.#out.clock;
    if (connection.until > now) return this.#arm(connection, connection.until);
    this.#become(connection, 'connecting');
    connection.until = now + this.#config.setupTimeout;
    this.#arm(connection, connection.until);
    const correlation = this.next(connection.broker, Kind.apiVersions);
    const request: ClientRequest = { type: 'ApiVersionsRequest', correlation };
    const to = this.#brokers[connection.broker];
    this.#out.send(to, request, this.#words.handshake, correlation);
  }

  #onHandshake(connection: Connection, response: Correlated): void {
    const current = response.correlation === connection.numbers[Kind.apiVersions];
    if (!current || connection.phase !== 'connecting') {
      this.#out.ignored(response.type, 'its connection was given up');
      return;
    }
    this.#become(connection, 'ready');
    connection.failures = 0;
    this.#owner.onConnection(connection.broker);
  }

  #close(connection: Connection, reason: LossReason): void {
    if (connection.phase === 'closed') return;
    this.#become(connection, 'closed');
    const now = this.#out.clock;
    const { reconnect } = this.#config;
    connection.failures++;
    const nr = connection.numbers[Kind.apiVersions];
    const about = this.#out.names.id(`broker-${connection.broker + 1}`);
    const wait = backoff(
      reconnect,
      connection.failures,
      this.#out,
      this.#words.reconnect,
      about,
      nr,
    );
    connection.until = now + wait;
    this.#arm(connection, connection.until);
    const lost = connection.inFlight;
    connection.inFlight = [];
    this.#owner.onClosed();
    for (const request of lost) this.#owner.onLost(connection.broker, request, reason);
    this.#owner.onConnection(connection.broker);
  }

  /** One timer per connection, at the earliest of what it waits for or before. */
  #arm(connection: Connection, at: Micros): void {
    if (connection.timerAt <= at) return;
    this.#out.cancel(connection.timer);
    connection.timerAt = at;
    connection.timer = this.#out.timer(
      Math.max(0, at - this.#out.clock),
      this.#timerCode,
      connection,
    );
  }
}

/** Place of the request that bears this number, -1 without. */
function placeOf(requests: readonly InFlight[], correlation: number, kind: number): number {
  for (let i = 0; i < requests.length; i++) {
    if (requests[i].correlation === correlation && requests[i].kind === kind) return i;
  }
  return -1;
}

/** Is one of the first `end` requests of this kind? */
function isAnyOf(requests: readonly InFlight[], kind: number, end: number): boolean {
  for (let i = 0; i < end; i++) if (requests[i].kind === kind) return true;
  return false;
}
