import type { MessageId } from '../../../sim/kernel/node.ts';
import type { QueuePlan } from '../layout.ts';
import type { Content, QueueIndex, QueueMessage } from '../protocol.ts';
import type {
  BrokerIndex,
  ChannelEnd,
  Consumer,
  Publisher,
  QueueDelivery,
  QueueHost,
  QueueProcess,
  Refusal,
  Settlement,
  Unsettled,
} from '../queue.ts';
import type { FromHome, ToHome } from './messages.ts';

/** What the home says, or what is said in its place. */
type Answer = Pick<FromHome, 'refusal' | 'delivery' | 'left'>;

const HOME_DOWN: Refusal = {
  code: 404,
  name: 'NOT_FOUND',
  says: 'home node of the queue is down or inaccessible',
};

/** A classic queue seen from a node that is not its home: everything is asked of the home. */
export class AwayQueue implements QueueProcess {
  readonly index: QueueIndex;
  readonly #host: QueueHost;
  readonly #home: BrokerIndex;
  readonly ready = 0;
  readonly memory = 0;
  readonly disk = 0;
  readonly #channels = new Map<number, ChannelEnd>();
  /** By channel: its consumers here. */
  readonly #consumers = new Map<number, Map<number, Consumer>>();
  /** What was asked and is not answered, by number. */
  readonly #publishes = new Map<number, { publisher: Publisher; seq: number }>();
  readonly #asked = new Map<number, (answer: Answer) => void>();
  /** Unique over the lives of this node, and of the queue. */
  #refs: number;
  readonly #life: number;

  constructor(host: QueueHost, plan: QueuePlan) {
    this.#host = host;
    this.index = plan.index;
    this.#home = plan.node;
    this.#life = host.layout.metadata.lives[plan.index];
    this.#refs = (host.boot * 1000 + this.#life) * 1_000_000;
  }

  get isAvailable(): boolean {
    return this.#host.isUp(this.#home);
  }

  get consumers(): number {
    let count = 0;
    for (const consumers of this.#consumers.values()) count += consumers.size;
    return count;
  }

  #send(type: ToHome['type'], channel: number, more: Partial<ToHome> = {}): number {
    const ref = ++this.#refs;
    const message: ToHome = { type, queue: this.index, life: this.#life, channel, ref, ...more };
    this.#host.send(this.#home, message, ref);
    return ref;
  }

  publish(content: Content, publisher: Publisher | undefined, seq: number): void {
    const carries = [content.message];
    const ref = this.#send('classic.publish', seq > 0 ? 0 : -1, { content, carries });
    if (seq > 0 && publisher !== undefined) this.#publishes.set(ref, { publisher, seq });
  }

  consume(consumer: Consumer, answer: (refusal: Refusal | undefined) => void): void {
    const { channel, tag, noAck, prefetch, exclusive, priority, args } = consumer;
    this.#channels.set(channel.id, channel);
    const words = { tag, noAck, prefetch, exclusive, priority, args };
    const ref = this.#send('classic.consume', channel.id, {
      consumer: { ...words, channelPrefetch: channel.globalPrefetch },
    });
    this.#asked.set(ref, ({ refusal }) => {
      if (refusal === undefined) this.#consumersOf(channel.id).set(tag, consumer);
      answer(refusal);
    });
  }

  #consumersOf(channel: number): Map<number, Consumer> {
    let consumers = this.#consumers.get(channel);
    if (consumers === undefined) this.#consumers.set(channel, (consumers = new Map()));
    return consumers;
  }

  cancel({ channel, tag }: Consumer): void {
    this.#consumers.get(channel.id)?.delete(tag);
    this.#send('classic.cancel', channel.id, { handles: [tag] });
  }

  get(
    channel: ChannelEnd,
    noAck: boolean,
    answer: (got: QueueDelivery | undefined, left: number) => void,
  ): void {
    this.#channels.set(channel.id, channel);
    const ref = this.#send('classic.get', channel.id, { noAck });
    this.#asked.set(ref, ({ delivery, left = 0 }) => answer(delivery, left));
  }

  settle(channel: ChannelEnd, how: Settlement, deliveries: readonly Unsettled[]): void {
    const handles = deliveries.map((delivery) => delivery.handle);
    this.#send('classic.settle', channel.id, { how, handles });
  }

  channelDown(channel: ChannelEnd): void {
    this.#channels.delete(channel.id);
    this.#consumers.delete(channel.id);
    this.#send('classic.down', channel.id);
  }

  hasRoomAgain(channel: ChannelEnd): void {
    this.#send('classic.room', channel.id);
  }

  declared(): void {
    this.#send('classic.touch', -1);
  }

  purge(answer: (count: number) => void): void {
    this.#asked.set(this.#send('classic.purge', -1), ({ left = 0 }) => answer(left));
  }

  remove(why: string): void {
    this.#send('classic.remove', -1, { why });
  }

  configured(): void {}

  onMessage(_from: BrokerIndex, message: QueueMessage): void {
    const { type, life, channel, ref, delivery, why = '' } = message as FromHome;
    if (life !== this.#life) return;
    switch (type) {
      case 'classic.confirm':
      case 'classic.reject': {
        const publish = this.#publishes.get(ref);
        this.#publishes.delete(ref);
        if (type === 'classic.confirm') publish?.publisher.confirmed(this.index, publish.seq);
        else publish?.publisher.rejected(this.index, publish.seq);
        return;
      }
      case 'classic.deliver': {
        // `ref` is the consumer's tag.
        const consumer = this.#consumers.get(channel)?.get(ref);
        if (delivery === undefined) return;
        if (consumer === undefined) return this.#giveBack(channel, delivery);
        return consumer.channel.deliver(consumer, this.index, delivery);
      }
      case 'classic.cancelled': {
        const consumer = this.#consumers.get(channel)?.get(ref);
        this.#consumers.get(channel)?.delete(ref);
        return consumer?.channel.cancelled(consumer, why);
      }
      default: {
        const asked = this.#asked.get(ref);
        this.#asked.delete(ref);
        asked?.(message as FromHome);
      }
    }
  }

  /** It was under way when its consumer was cancelled; the channel would have kept it. */
  #giveBack(channel: number, { handle }: QueueDelivery): void {
    const how: Settlement = 'requeue';
    this.#send('classic.settle', channel, { how, handles: [handle] });
  }

  onTimer(): void {}

  /** The home is gone: publishes are refused, consumers cancelled, questions answered by nobody. */
  nodeDown(node: BrokerIndex): void {
    if (node === this.#home) this.#fail(HOME_DOWN);
  }

  gone(): void {
    this.#fail({ code: 404, name: 'NOT_FOUND', says: 'the queue is gone' });
  }

  #fail(refusal: Refusal): void {
    const [publishes, asked] = [[...this.#publishes.values()], [...this.#asked.values()]];
    const consumers = [...this.#consumers.values()].flatMap((own) => [...own.values()]);
    this.#publishes.clear();
    this.#asked.clear();
    this.#consumers.clear();
    for (const { publisher, seq } of publishes) publisher.rejected(this.index, seq);
    for (const answer of asked) answer({ refusal });
    for (const consumer of consumers) consumer.channel.cancelled(consumer, refusal.says);
  }

  nodeUp(): void {}
  stop(): void {}
  visit(_see: (message: MessageId) => void): void {}
}
