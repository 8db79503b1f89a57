import { Execution } from '../../../../scenarios/execute.ts';
import { loadScenario } from '../../../../scenarios/load.ts';
import type { Role } from '../../../../sim/kernel/node.ts';
import type { Out } from '../../../../sim/kernel/out.ts';
import { millis, type Micros } from '../../../../sim/kernel/time.ts';
import { World } from '../../../../sim/kernel/world.ts';
import type {
  Arguments,
  BasicAck,
  BasicDeliver,
  BasicNack,
  BrokerFrame,
  Content,
} from '../../../../models/rabbitmq/protocol.ts';
import { gotText, inOrder, type Script, type Seen, type Step, type Table } from './script.ts';

/** Rules of the model that are those of the broker in Debian. */
export const MODEL_VERSION = '3.10';

/** Between two steps: longer than anything that one sets off, but for what it says to wait for. */
const STEP: Micros = millis(200);
const BROKER = 0;

type Method = Exclude<Step, { do: 'wait' }>;

/** What the clients of a script share. */
interface Stage {
  readonly bodies: string[];
  readonly tags: string[];
  readonly quorums: ReadonlySet<string>;
  hear(client: string, line: string): void;
}

/** One client of a script on the model: speaks AMQP to `broker-1`, frame by frame. */
class Client {
  readonly #name: string;
  readonly #stage: Stage;
  readonly #out: Out;
  #connection = 0;
  #channel = 0;
  #isConnected = false;
  #isOpen = false;
  #sent = 0;
  /** Bodies by number of the publish on this channel. */
  #published: string[] = [];
  #confirmed = new Set<number>();
  readonly #has = new Map<string, number>();
  /** Queues that were asked for a message, in order. */
  readonly #gets: string[] = [];

  constructor(name: string, stage: Stage, out: Out) {
    this.#name = name;
    this.#stage = stage;
    this.#out = out;
  }

  #send(body: { readonly type: string; readonly [field: string]: unknown }): void {
    const frame = ++this.#sent;
    const message = { ...body, frame, connection: this.#connection, channel: this.#channel };
    this.#out.send(BROKER, message, this.#out.names.id('frame'), frame, this.#connection);
  }

  #open(): void {
    if (!this.#isConnected) {
      this.#isConnected = true;
      this.#connection++;
      this.#sent = 0;
      this.#isOpen = false;
      this.#send({ type: 'connection.open', heartbeat: 0 });
    }
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#channel++;
    this.#published = [];
    this.#confirmed = new Set();
    this.#send({ type: 'channel.open' });
    this.#send({ type: 'confirm.select' });
  }

  #hear(line: string): void {
    this.#stage.hear(this.#name, line);
  }

  take(step: Method): void {
    if (step.do === 'drop') {
      this.#isConnected = false;
      return this.#out.disconnect(BROKER);
    }
    this.#open();
    switch (step.do) {
      case 'declare': {
        const { queue, exclusive = false, autoDelete = false } = step;
        const args = tableOf({ 'x-queue-type': step.type ?? 'classic', ...step.arguments });
        const flags = { passive: false, durable: !exclusive, exclusive, autoDelete };
        return this.#send({ type: 'queue.declare', queue, ...flags, args });
      }
      case 'declare-exchange': {
        const { exchange, type: kind } = step;
        const flags = { passive: false, durable: true, autoDelete: false };
        const args = tableOf(step.arguments);
        return this.#send({ type: 'exchange.declare', exchange, kind, ...flags, args });
      }
      case 'bind': {
        const { queue, exchange, key: routingKey } = step;
        const args = tableOf(step.arguments);
        return this.#send({ type: 'queue.bind', queue, exchange, routingKey, args });
      }
      case 'bind-exchange': {
        const { to: destination, exchange: source, key: routingKey } = step;
        const args = tableOf();
        return this.#send({ type: 'exchange.bind', destination, source, routingKey, args });
      }
      case 'publish':
        return this.#publish(step);
      case 'count': {
        const { queue } = step;
        const flags = { passive: true, durable: true, exclusive: false, autoDelete: false };
        return this.#send({ type: 'queue.declare', queue, ...flags, args: tableOf() });
      }
      case 'purge':
      case 'delete': {
        const { queue } = step;
        return this.#send({ type: `queue.${step.do}`, queue, ifUnused: false, ifEmpty: false });
      }
      default:
        return this.#read(step);
    }
  }

  #read(step: Method): void {
    switch (step.do) {
      case 'qos': {
        const { prefetch, global = false } = step;
        return this.#send({ type: 'basic.qos', prefetch, global });
      }
      case 'consume': {
        const { queue, tag = this.#name, noAck = false, exclusive = false } = step;
        const args = tableOf(step.arguments);
        const consumer = this.#stage.tags.push(tag) - 1;
        return this.#send({ type: 'basic.consume', queue, consumer, noAck, exclusive, args });
      }
      case 'cancel': {
        const consumer = this.#stage.tags.lastIndexOf(step.tag ?? this.#name);
        return this.#send({ type: 'basic.cancel', consumer });
      }
      case 'get': {
        const { queue, noAck = false } = step;
        this.#gets.push(queue);
        return this.#send({ type: 'basic.get', queue, noAck });
      }
      case 'ack':
      case 'nack':
      case 'reject': {
        const { of, multiple = false, requeue = false } = step;
        const tag = typeof of === 'number' ? of : this.#has.get(of);
        if (tag === undefined) throw new Error(`${this.#name} never got ${of}`);
        return this.#send({ type: `basic.${step.do}`, tag, multiple, requeue });
      }
      default:
        throw new Error(`no such step: ${step.do}`);
    }
  }

  #publish(step: Method & { do: 'publish' }): void {
    const { exchange = '', key, mandatory = false, expiration, priority = -1 } = step;
    for (const body of step.bodies) {
      this.#published.push(body);
      const message = this.#stage.bodies.push(body) - 1;
      const content: Content = {
        message,
        sequence: message,
        key: -1,
        poison: false,
        bytes: body.length,
        attempt: 1,
        exchange,
        routingKey: key,
        persistent: step.transient !== true,
        expiration: expiration === undefined ? -1 : millis(expiration),
        priority,
        headers: tableOf(step.headers),
        deaths: [],
      };
      this.#send({ type: 'basic.publish', content, mandatory });
    }
  }

  onFrame(frame: BrokerFrame): void {
    if (frame.connection !== this.#connection || !this.#isConnected) return;
    if (frame.channel !== this.#channel && frame.channel !== 0) return;
    const { tags, bodies } = this.#stage;
    switch (frame.type) {
      case 'basic.deliver': {
        const tag = tags[frame.consumer];
        const at = tag === this.#name ? '' : ` at ${tag}`;
        return this.#hear(`got ${this.#keep(frame)}${at}`);
      }
      case 'basic.get-ok':
        return this.#hear(
          `get ${this.#gets.shift()}: ${this.#keep(frame)}, ${frame.messages} left`,
        );
      case 'basic.get-empty':
        return this.#hear(`get ${this.#gets.shift()}: empty`);
      case 'basic.ack':
      case 'basic.nack':
        return this.#onConfirm(frame);
      case 'basic.return': {
        const { content, code, says } = frame;
        return this.#hear(`returned ${bodies[content.message]} ${code} ${says}`);
      }
      case 'basic.cancel':
        return this.#hear(`cancelled ${tags[frame.consumer]}`);
      case 'queue.declare-ok': {
        const { queue, messages, consumers } = frame;
        return this.#hear(`count ${queue}: ${messages} ready, ${consumers} consumers`);
      }
      case 'channel.close':
        this.#isOpen = false;
        return this.#hear(`channel closed ${frame.code} ${frame.says.split(' ')[0]}`);
      default: // An "-ok" that says nothing.
    }
  }

  #onConfirm({ type, tag, multiple }: BasicAck | BasicNack): void {
    for (let seq = multiple ? 1 : tag; seq <= tag; seq++) {
      if (this.#confirmed.has(seq)) continue;
      this.#confirmed.add(seq);
      const word = type === 'basic.ack' ? 'confirmed' : 'refused';
      this.#hear(`${word} ${this.#published[seq - 1]}`);
    }
  }

  #keep({ type, content, tag, redelivered, queue, count }: BasicDeliver): string {
    const body = this.#stage.bodies[content.message];
    this.#has.set(body, tag);
    const isQuorum = this.#stage.quorums.has(String(queue));
    // The first delivery of what is pushed bears no count, that of what is fetched a 0.
    const isCounted = isQuorum && (count > 1 || type === 'basic.get-ok');
    const deliveryCount = isCounted ? count - 1 : undefined;
    return gotText({ body, redelivered, deliveryCount, deaths: content.deaths });
  }
}

function tableOf(table: Table = {}): Arguments {
  return new Map(Object.entries(table));
}

/** Plays a script to the model with the rules of `version` and says what the clients saw. */
export function playToModel(script: Script, version: string): Seen[] {
  const text = JSON.stringify(scenarioOf(script, version));
  const { scenario, problems } = loadScenario(text, `${script.name}.json`);
  if (scenario === undefined) throw new Error(problems.map(({ says }) => says).join('\n'));
  const { world } = new Execution(scenario, {
    seed: script.name,
    // Messages of a script are no scenario's: nobody counts them.
    world: (options) => new World({ ...options, observer: { fact() {} } }),
  });
  let heard: [string, string][] = [];
  const queues = [...queuesOf(script).keys()];
  const quorums = queues.flatMap((name, i) =>
    queuesOf(script).get(name)?.type === 'quorum' ? [String(i)] : [],
  );
  const stage: Stage = {
    bodies: [],
    tags: [],
    quorums: new Set(quorums),
    hear: (client, line) => heard.push([client, line]),
  };
  const times: Micros[] = [];
  let at = STEP;
  for (const step of script.steps) {
    times.push(at);
    at += step.do === 'wait' ? millis(step.ms) : STEP;
  }
  for (const name of new Set(script.steps.map(nameOf))) {
    const client = (out: Out) => new Client(name, stage, out);
    world.add(`client ${name}`, role(client, script, name, times));
  }
  return script.steps.map((step, i) => {
    heard = [];
    const end = times[i + 1] ?? at;
    while (world.queue.size > 0 && world.queue.peek() < end) world.step();
    // A declaration that went well says nothing that a real client would tell.
    const lines =
      step.do === 'declare' ? heard.filter(([, line]) => !line.startsWith('count')) : heard;
    return { step, lines: inOrder(lines) };
  });
}

function role(
  make: (out: Out) => Client,
  script: Script,
  name: string,
  times: readonly Micros[],
): Role<Client> {
  return {
    start(out) {
      script.steps.forEach((step, i) => {
        if (step.do !== 'wait' && nameOf(step) === name) out.timer(times[i], i);
      });
      return make(out);
    },
    onMessage: (client, _from, frame) => client.onFrame(frame as BrokerFrame),
    onTimer: (client, code) => client.take(script.steps[code] as Method),
  };
}

function nameOf(step: Step): string {
  return step.do === 'wait' ? 'p' : (step.on ?? 'p');
}

/** Each queue as it is declared first. */
function queuesOf(script: Script): Map<string, Step & { do: 'declare' }> {
  const queues = new Map<string, Step & { do: 'declare' }>();
  for (const step of script.steps) {
    if (step.do === 'declare' && !queues.has(step.queue)) queues.set(step.queue, step);
  }
  return queues;
}

function scenarioOf(script: Script, version: string) {
  const queues = [...queuesOf(script)].map(([name, step]) => {
    const { exclusive = false, autoDelete = false, type = 'classic' } = step;
    const shape = { durable: !exclusive, exclusive, auto_delete: autoDelete, declared: false };
    return [name, { ...shape, config: { 'x-queue-type': type, ...step.arguments } }] as const;
  });
  // A system without a queue is none; this one is never declared.
  const all = queues.length > 0 ? queues : ([['unused', { declared: false }]] as const);
  return {
    scenario: script.name,
    system: 'rabbitmq',
    version,
    cluster: { nodes: 1 },
    queues: Object.fromEntries(all),
  };
}
