import { connect, type ChannelModel, type ConfirmChannel, type Message } from 'amqplib';
import { gotText, inOrder, type Script, type Seen, type Step } from './script.ts';

/** After a step, clients are listened to until nothing has come for so long. */
const QUIET_MS = 120;
/** A send whose answer does not come holds a step up for so long at most. */
const ANSWER_MS = 1000;

/** One client of a script on a real broker: what it hears goes to `hear`. */
class Client {
  readonly name: string;
  readonly #hear: (line: string) => void;
  readonly #connection: ChannelModel;
  #channel: ConfirmChannel | undefined;
  /** What it was handed, by body: the latest. */
  readonly #has = new Map<string, Message>();
  unanswered = 0;

  constructor(name: string, connection: ChannelModel, hear: (line: string) => void) {
    this.name = name;
    this.#connection = connection;
    this.#hear = hear;
    connection.on('error', (error: Error) => this.#closed('connection', error));
  }

  async #open(): Promise<ConfirmChannel> {
    if (this.#channel !== undefined) return this.#channel;
    const channel = await this.#connection.createConfirmChannel();
    channel.on('return', (message: Message) => {
      const { replyCode, replyText } = message.fields as unknown as ReturnFields;
      this.#hear(`returned ${message.content.toString()} ${replyCode} ${replyText}`);
    });
    channel.on('error', (error: Error) => {
      this.#closed('channel', error);
    });
    return (this.#channel = channel);
  }

  #closed(what: string, error: Error): void {
    const { code } = error as Error & { code?: number };
    const name = /\(([A-Z-]+)\)/.exec(error.message)?.[1] ?? '';
    if (code !== undefined) this.#hear(`${what} closed ${code} ${name.replaceAll('-', '_')}`);
    this.#channel = undefined;
    this.unanswered = 0;
  }

  /** Does one step; an answer of the broker that refuses it comes as a closed channel. */
  async take(step: Exclude<Step, { do: 'wait' }>): Promise<void> {
    if (step.do === 'drop') return this.#drop();
    const channel = await this.#open();
    try {
      await this.#request(channel, step);
    } catch (error) {
      // Word of the closed channel has been heard; anything else is a mistake of the script.
      if (this.#channel === channel) throw error;
    }
  }

  async #request(channel: ConfirmChannel, step: Exclude<Step, { do: 'wait' }>): Promise<void> {
    switch (step.do) {
      case 'declare':
        await channel.assertQueue(step.queue, {
          durable: step.exclusive !== true,
          exclusive: step.exclusive ?? false,
          autoDelete: step.autoDelete ?? false,
          arguments: { 'x-queue-type': step.type ?? 'classic', ...step.arguments },
        });
        return;
      case 'declare-exchange':
        await channel.assertExchange(step.exchange, step.type, { arguments: step.arguments });
        return;
      case 'bind':
        await channel.bindQueue(step.queue, step.exchange, step.key, step.arguments);
        return;
      case 'bind-exchange':
        await channel.bindExchange(step.to, step.exchange, step.key);
        return;
      case 'publish':
        return this.#publish(channel, step);
      case 'qos':
        await channel.prefetch(step.prefetch, step.global);
        return;
      case 'consume':
        return this.#consume(channel, step);
      case 'cancel':
        await channel.cancel(step.tag ?? this.name);
        return;
      case 'get':
        return this.#get(channel, step);
      case 'ack':
        return channel.ack(this.#message(step.of), step.multiple);
      case 'nack':
        return channel.nack(this.#message(step.of), step.multiple, step.requeue ?? false);
      case 'reject':
        return channel.reject(this.#message(step.of), step.requeue ?? false);
      case 'purge':
        await channel.purgeQueue(step.queue);
        return;
      case 'delete':
        await channel.deleteQueue(step.queue);
        return;
      case 'count': {
        const { messageCount, consumerCount } = await channel.checkQueue(step.queue);
        this.#hear(`count ${step.queue}: ${messageCount} ready, ${consumerCount} consumers`);
        return;
      }
      case 'drop':
    }
  }

  #publish(channel: ConfirmChannel, step: Step & { do: 'publish' }): void {
    const { exchange = '', key, bodies, mandatory, transient, expiration, priority } = step;
    for (const body of bodies) {
      this.unanswered++;
      const options = {
        mandatory,
        persistent: transient !== true,
        priority,
        headers: step.headers,
      };
      const expires = expiration === undefined ? options : { ...options, expiration };
      channel.publish(exchange, key, Buffer.from(body), expires, (error: unknown) => {
        if (this.#channel !== channel) return;
        this.unanswered--;
        this.#hear(`${error === null ? 'confirmed' : 'refused'} ${body}`);
      });
    }
  }

  async #consume(channel: ConfirmChannel, step: Step & { do: 'consume' }): Promise<void> {
    const tag = step.tag ?? this.name;
    const { noAck, exclusive, arguments: table } = step;
    const options = { consumerTag: tag, noAck, exclusive, arguments: table };
    const got = (message: Message | null) => {
      if (message === null) this.#hear(`cancelled ${tag}`);
      else this.#hear(`got ${this.#keep(message)}${tag === this.name ? '' : ` at ${tag}`}`);
    };
    await channel.consume(step.queue, got, options);
  }

  async #get(channel: ConfirmChannel, step: Step & { do: 'get' }): Promise<void> {
    const message = await channel.get(step.queue, { noAck: step.noAck });
    if (message === false) this.#hear(`get ${step.queue}: empty`);
    else {
      const { messageCount } = message.fields;
      this.#hear(`get ${step.queue}: ${this.#keep(message)}, ${messageCount} left`);
    }
  }

  #keep(message: Message): string {
    const body = message.content.toString();
    this.#has.set(body, message);
    const headers = (message.properties.headers ?? {}) as Record<string, unknown>;
    const deaths = (headers['x-death'] ?? []) as { queue: string; reason: string; count: number }[];
    const { redelivered } = message.fields;
    const deliveryCount = headers['x-delivery-count'] as number | undefined;
    return gotText({ body, redelivered, deliveryCount, deaths });
  }

  #message(of: string | number): Message {
    if (typeof of === 'number') return { fields: { deliveryTag: of } } as unknown as Message;
    const message = this.#has.get(of);
    if (message === undefined) throw new Error(`${this.name} never got ${of}`);
    return message;
  }

  #drop(): void {
    this.#channel = undefined;
    const { connection } = this.#connection as unknown as { connection: Socketed };
    connection.stream.destroy();
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => undefined);
  }
}

interface ReturnFields {
  readonly replyCode: number;
  readonly replyText: string;
}

/** The one thing that the library does not offer: to leave without a word. */
interface Socketed {
  readonly stream: { destroy(): void };
}

/** Plays a script to the broker at `port` and says what the clients saw. */
export async function play(script: Script, port: number): Promise<Seen[]> {
  const clients = new Map<string, Client>();
  let heard: [string, string][] = [];
  let latest: number;
  const connected = async (name: string): Promise<Client> => {
    const known = clients.get(name);
    if (known !== undefined) return known;
    const connection = await connect({ hostname: '127.0.0.1', port });
    const client = new Client(name, connection, (line) => {
      heard.push([name, line]);
      latest = Date.now();
    });
    clients.set(name, client);
    return client;
  };
  const seen: Seen[] = [];
  try {
    for (const step of script.steps) {
      heard = [];
      latest = Date.now();
      if (step.do === 'wait') await sleep(step.ms);
      else {
        const client = await connected(step.on ?? 'p');
        await client.take(step);
        if (step.do === 'drop') clients.delete(client.name);
      }
      const answersBy = Date.now() + ANSWER_MS;
      const waits = () => [...clients.values()].some(({ unanswered }) => unanswered > 0);
      while (Date.now() - latest < QUIET_MS || (waits() && Date.now() < answersBy)) await sleep(10);
      seen.push({ step, lines: inOrder(heard) });
    }
  } finally {
    await tidy(script, clients, port);
  }
  return seen;
}

/** Removes the script's queues and exchanges, whatever state its clients are in. */
async function tidy(
  script: Script,
  clients: ReadonlyMap<string, Client>,
  port: number,
): Promise<void> {
  for (const client of clients.values()) await client.close();
  const connection = await connect({ hostname: '127.0.0.1', port });
  const channel = await connection.createChannel();
  for (const step of script.steps) {
    if (step.do === 'declare') await channel.deleteQueue(step.queue);
    if (step.do === 'declare-exchange') await channel.deleteExchange(step.exchange);
  }
  await connection.close();
}

/** Version of the broker at `port`. */
export async function versionAt(port: number): Promise<string> {
  const connection = await connect({ hostname: '127.0.0.1', port });
  const { product, version } = connection.connection.serverProperties;
  await connection.close();
  return `${product} ${version}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
