import type { QueueIndex } from '../protocol.ts';
import type {
  BrokerIndex,
  ChannelEnd,
  Consumer,
  Publisher,
  QueueDelivery,
  QueueHost,
  QueueProcess,
  Unsettled,
} from '../queue.ts';
import type { ConsumerWords, FromHome, ToHome } from './messages.ts';

/** Channels and publishers of other nodes, as the home of a classic queue has them. */
export class Guests {
  readonly #host: QueueHost;
  readonly #home: QueueProcess;
  readonly #channels = new Map<string, GuestChannel>();
  readonly #life: number;
  #sent = 0;

  constructor(host: QueueHost, home: QueueProcess) {
    this.#host = host;
    this.#home = home;
    this.#life = host.layout.metadata.lives[home.index];
  }

  /** Unique over the lives of this node, for each node that it is sent to. */
  send(to: BrokerIndex, message: Omit<FromHome, 'life'>): void {
    const lived: FromHome = { ...message, life: this.#life };
    this.#host.send(to, lived, ++this.#sent, this.#host.boot);
  }

  #channel(node: BrokerIndex, id: number): GuestChannel {
    const key = `${node}/${id}`;
    let channel = this.#channels.get(key);
    if (channel === undefined) {
      channel = new GuestChannel(this, this.#home.index, node, id);
      this.#channels.set(key, channel);
    }
    return channel;
  }

  onMessage(from: BrokerIndex, message: ToHome): void {
    const { queue, channel: id, ref } = message;
    if (message.life !== this.#life) return;
    const home = this.#home;
    const reply = (type: FromHome['type'], more: Partial<FromHome>): void => {
      this.send(from, { type, queue, channel: id, ref, ...more });
    };
    switch (message.type) {
      case 'classic.publish': {
        const { content } = message;
        if (content === undefined) return;
        const publisher = id < 0 ? undefined : new GuestPublisher(this, from, ref);
        return home.publish(content, publisher, publisher === undefined ? 0 : ref);
      }
      case 'classic.consume': {
        const channel = this.#channel(from, id);
        const words = message.consumer;
        if (words === undefined) return;
        channel.globalPrefetch = words.channelPrefetch;
        home.consume(channel.consumer(words), (refusal) => {
          reply('classic.consume-ok', { refusal });
        });
        return;
      }
      case 'classic.cancel': {
        const consumer = this.#channel(from, id).consumers.get(message.handles?.[0] ?? -1);
        if (consumer !== undefined) home.cancel(consumer);
        return;
      }
      case 'classic.get':
        return home.get(this.#channel(from, id), message.noAck === true, (delivery, left) => {
          reply('classic.got', { delivery, left });
        });
      case 'classic.settle': {
        const channel = this.#channel(from, id);
        const list = channel.take(message.handles ?? []);
        home.settle(channel, message.how ?? 'ack', list);
        return;
      }
      case 'classic.down':
        return this.#end(`${from}/${id}`);
      case 'classic.room':
        return home.hasRoomAgain(this.#channel(from, id));
      case 'classic.purge':
        return home.purge((left) => reply('classic.purged', { left }));
      case 'classic.touch':
        return home.declared();
      case 'classic.remove':
        return home.remove(message.why ?? '');
    }
  }

  #end(key: string): void {
    const channel = this.#channels.get(key);
    this.#channels.delete(key);
    if (channel !== undefined) this.#home.channelDown(channel);
  }

  nodeDown(node: BrokerIndex): void {
    for (const [key, channel] of [...this.#channels]) if (channel.node === node) this.#end(key);
  }
}

class GuestPublisher implements Publisher {
  readonly id = -1;
  readonly node: BrokerIndex;
  readonly #guests: Guests;
  readonly #ref: number;

  constructor(guests: Guests, node: BrokerIndex, ref: number) {
    this.#guests = guests;
    this.node = node;
    this.#ref = ref;
  }

  confirmed(queue: QueueIndex): void {
    this.#guests.send(this.node, { type: 'classic.confirm', queue, channel: 0, ref: this.#ref });
  }

  rejected(queue: QueueIndex): void {
    this.#guests.send(this.node, { type: 'classic.reject', queue, channel: 0, ref: this.#ref });
  }

  /** Over the network there is credit for so much more that it is not counted. */
  block(): void {}
  unblock(): void {}
}

/** A channel of another node. It keeps the channel's own prefetch for this queue alone. */
class GuestChannel extends GuestPublisher implements ChannelEnd {
  readonly consumers = new Map<number, Consumer>();
  globalPrefetch = 0;
  readonly #home: Guests;
  readonly #queue: QueueIndex;
  readonly #channel: number;
  readonly #held = new Map<number, Consumer | undefined>();

  constructor(guests: Guests, queue: QueueIndex, node: BrokerIndex, channel: number) {
    super(guests, node, 0);
    this.#home = guests;
    this.#queue = queue;
    this.#channel = channel;
  }

  consumer({ tag, noAck, prefetch, exclusive, priority, args }: ConsumerWords): Consumer {
    const consumer = { tag, channel: this, noAck, prefetch, exclusive, priority, args };
    this.consumers.set(tag, consumer);
    return consumer;
  }

  get hasRoom(): boolean {
    return this.globalPrefetch === 0 || this.#held.size < this.globalPrefetch;
  }

  /** Deliveries by their handles: they are held no longer. */
  take(handles: readonly number[]): Unsettled[] {
    return handles.map((handle) => {
      const consumer = this.#held.get(handle);
      this.#held.delete(handle);
      return { queue: this.#queue, handle, consumer };
    });
  }

  deliver(consumer: Consumer, queue: QueueIndex, delivery: QueueDelivery): void {
    if (!consumer.noAck) this.#held.set(delivery.handle, consumer);
    const carries = [delivery.content.message];
    const type = 'classic.deliver' as const;
    const [channel, ref] = [this.#channel, consumer.tag];
    this.#home.send(this.node, { type, queue, channel, ref, delivery, carries });
  }

  cancelled(consumer: Consumer, why: string): void {
    const type = 'classic.cancelled' as const;
    const [queue, channel, ref] = [this.#queue, this.#channel, consumer.tag];
    this.#home.send(this.node, { type, queue, channel, ref, why });
  }
}
