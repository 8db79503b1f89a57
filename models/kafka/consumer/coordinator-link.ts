import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import { backoff } from '../client/backoff.ts';
import { Kind, type NetworkClient } from '../client/network-client.ts';
import type { RetryTimes } from '../config/settings.ts';
import type { BrokerIndex, ClientRequest, ClientResponse } from '../protocol.ts';
import type { Thread } from './thread.ts';

/** Where the coordinator of the group is, as far as this consumer knows. */
export class CoordinatorLink {
  /** -1: not known. */
  known: BrokerIndex = -1;
  readonly group: string;
  readonly groupName: NameId;
  readonly #out: Out;
  readonly #client: NetworkClient;
  readonly #thread: Thread;
  readonly #retry: RetryTimes;
  readonly #stopping: () => boolean;
  readonly #rejoin: NameId;
  #finding = false;
  #pauses: number;

  constructor(
    out: Out,
    client: NetworkClient,
    thread: Thread,
    group: string,
    retry: RetryTimes,
    stopping: () => boolean,
    first: number,
  ) {
    this.#out = out;
    this.#client = client;
    this.#thread = thread;
    this.group = group;
    this.groupName = out.names.id(group);
    this.#retry = retry;
    this.#stopping = stopping;
    this.#rejoin = out.names.id('rejoin');
    this.#pauses = first;
  }

  /** The coordinator over a usable connection, or -1 after a pause. */
  *reach(thread: Thread = this.#thread): Program<BrokerIndex> {
    if (this.known < 0) {
      const asked = yield* thread.anyBroker(this.#stopping);
      if (asked < 0) {
        // Whoever stops still tries to commit: never without time going by.
        yield* this.pause(1);
        return -1;
      }
      const request = this.#request(asked);
      const kind = Kind.findCoordinator;
      this.onFound(yield* thread.call(kind, asked, request, this.groupName));
    }
    const coordinator = this.known;
    if (coordinator >= 0 && (yield* thread.connected(coordinator))) return coordinator;
    this.known = -1;
    yield* this.pause(1);
    return -1;
  }

  #request(broker: BrokerIndex): ClientRequest {
    const correlation = this.#client.next(broker, Kind.findCoordinator);
    return { type: 'FindCoordinatorRequest', correlation, group: this.group };
  }

  /** The coordinator if it can be spoken to now; otherwise it is looked for without waiting. */
  now(): BrokerIndex {
    if (this.known >= 0) return this.#client.ready(this.known) ? this.known : -1;
    if (this.#finding) return -1;
    const broker = this.#client.leastLoaded();
    if (broker < 0) return -1;
    this.#finding = true;
    const request = this.#request(broker);
    this.#client.send(broker, Kind.findCoordinator, request, this.groupName, undefined);
    return -1;
  }

  onFound(response: ClientResponse | undefined): void {
    this.#finding = false;
    if (response?.type !== 'FindCoordinatorResponse') return;
    if (response.error === 'NONE') this.known = response.coordinator;
  }

  forget(): void {
    this.known = -1;
  }

  /** retry.backoff.ms, with its jitter. */
  *pause(failures: number): Program {
    const nr = this.#pauses++;
    yield backoff(this.#retry, failures, this.#out, this.#rejoin, this.groupName, nr);
  }
}
