import type { NameId } from '../../../sim/kernel/names.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { Kind, type NetworkClient } from '../client/network-client.ts';
import type { Sequences } from './sequences.ts';

/** How an idempotent producer without transactions comes to its id: any broker gives one. */
export class IdRequest {
  readonly #client: NetworkClient;
  readonly #sequences: Sequences;
  readonly #about: NameId;
  #open = false;

  constructor(out: Out, client: NetworkClient, sequences: Sequences) {
    this.#client = client;
    this.#sequences = sequences;
    this.#about = out.names.id('InitProducerId');
  }

  /** Not before there is something to send. */
  ask(idle: boolean): void {
    if (this.#open || idle) return;
    const broker = this.#client.leastLoaded();
    if (broker < 0) return;
    this.#open = true;
    const correlation = this.#client.next(broker, Kind.initProducerId);
    const request = { type: 'InitProducerIdRequest', correlation } as const;
    this.#client.send(broker, Kind.initProducerId, request, this.#about, undefined);
  }

  given(producerId: number, epoch: number): void {
    this.#open = false;
    this.#sequences.begin(producerId, epoch);
  }

  lost(): void {
    this.#open = false;
  }
}
