import { Fact } from '../../sim/kernel/entry.ts';
import type { Message, MessageId, Role } from '../../sim/kernel/node.ts';
import { seconds, type Micros } from '../../sim/kernel/time.ts';

/** A call that has an effect in the outside world, which no transaction of ours reaches. */
export type ChargeRequest = Message & {
  readonly correlation: number;
  readonly message: MessageId;
  readonly subscription: number;
  /** Empty: it carries none, and each call is another one. */
  readonly idempotencyKey: string;
};

/** Saved answers by idempotency key, with the time of the first call. */
type Saved = Map<string, Micros>;

export const API_MESSAGES = ['ChargeRequest', 'ChargeResponse'];

/**
 * How long a key is remembered; 24 h at Stripe, Checkout.com and others ("Idempotent requests").
 */
const KEY_LIFETIME: Micros = seconds(86_400);

/**
 * An external API, for instance of a payment provider. Without a key each request charges anew;
 * with one the saved answer is given again while the key lives. Its memory is durable.
 */
export const paymentApi: Role<Saved, ChargeRequest> = {
  start(out) {
    const saved = out.disk.read<Saved>('saved') ?? (new Map() as Saved);
    out.disk.write('saved', saved);
    out.disk.harden('saved', Infinity);
    return saved;
  },

  onMessage(saved, from, request, out) {
    const { message, subscription, correlation, carries, idempotencyKey: key } = request;
    const since = key === '' ? undefined : saved.get(key);
    const replayed = since !== undefined && out.clock - since < KEY_LIFETIME;
    if (!replayed) {
      if (key !== '') saved.set(key, out.clock);
      out.fact(Fact.effect, message, subscription, out.self);
    }
    const reply = { type: 'ChargeResponse', ok: true, correlation, carries } as Message;
    out.send(from, reply, out.names.id('correlation'), correlation);
  },

  onTimer() {},
};
