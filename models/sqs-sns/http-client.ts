import type { NameId } from '../../sim/kernel/names.ts';
import type { NodeId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Program, Task } from '../../sim/kernel/program.ts';
import { millis, seconds, type Micros } from '../../sim/kernel/time.ts';
import { Calls } from '../parts/calls.ts';
import { backoff, type RetryPlan } from '../parts/retry.ts';
import { RETRYABLE, type ApiReply, type ApiRequest } from './protocol.ts';

/** The part of an AWS SDK that decides how long to wait and how often to try. */
export interface SdkPlan {
  readonly socketTimeout: Micros;
  readonly maxAttempts: number;
}

/** Standard retry mode: full jitter over 100 ms * 2^n, at most 20 s. */
const JITTER = { backoff: 'full-jitter', base: millis(100), cap: seconds(20) } as const;

/** What a call came to. `certain`: no try of it can have been executed unheard. */
export interface Called {
  readonly reply: ApiReply | undefined;
  readonly attempts: number;
  readonly certain: boolean;
}

/** A request as the application states it; the client adds who asks and which try it is. */
export type Call<Request extends ApiRequest> = Omit<
  Request,
  'correlation' | 'client' | 'nr' | 'attempt' | 'tries'
>;

/** Calls of one client to the service, tried again as an AWS SDK does. */
export class HttpClient {
  readonly calls: Calls;
  readonly #out: Out;
  readonly #endpoint: NodeId;
  readonly #client: NameId;
  readonly #retry: RetryPlan;
  readonly #abouts: readonly NameId[];

  constructor(
    out: Out,
    endpoint: NodeId,
    client: NameId,
    abouts: readonly NameId[],
    sdk: SdkPlan,
    timerCode: number,
  ) {
    this.#out = out;
    this.#endpoint = endpoint;
    this.#client = client;
    this.#abouts = abouts;
    this.#retry = { ...JITTER, attempts: sdk.maxAttempts };
    this.calls = new Calls(out, timerCode, sdk.socketTimeout);
  }

  /**
   * Calls until there is an answer that is no server error, or tries are used up. The request is
   * named nr #(first + try): `first` keeps calls with one number apart.
   */
  *call<Request extends ApiRequest>(
    task: Task,
    request: Call<Request> & Pick<ApiRequest, 'queue' | 'type'>,
    nr: number,
    first = 0,
    onRetry?: (attempt: number, reason: string) => void,
  ): Program<Called> {
    const { queue, type } = request;
    const about = this.#abouts[queue];
    let certain = true;
    for (let tries = 1; ; tries++) {
      const attempt = first + tries;
      // Filled in here and copied by `calls`, so that each try is a message of its own.
      const message = Object.assign(request, { client: this.#client, nr, attempt, tries });
      const answer = yield* this.calls.call(task, this.#endpoint, message, about, nr, attempt);
      const reply = answer as ApiReply | undefined;
      const error = reply === undefined ? 'RequestTimeout' : reply.error;
      if (error === undefined || (reply !== undefined && !RETRYABLE.has(error))) {
        return { reply, attempts: tries, certain };
      }
      certain = false;
      if (tries >= this.#retry.attempts) return { reply, attempts: tries, certain };
      onRetry?.(tries + 1, error);
      yield this.#pause(type, queue, nr, first, tries);
    }
  }

  #pause(type: string, queue: number, nr: number, first: number, tries: number): Micros {
    const out = this.#out;
    const about = out.names.id(`${out.names.text(this.#abouts[queue])}.${type}`);
    return backoff(this.#retry, tries, out, about, nr, first + tries);
  }
}
