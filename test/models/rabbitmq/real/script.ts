/**
 * A conversation with a RabbitMQ broker, as data: played to a real one and to the model, and what
 * the clients saw is compared. A client (`on`) is a connection with one channel in confirm mode,
 * opened when it is first named; `p` when nobody is.
 */
export interface Script {
  /** Also the name of the file with what was observed. */
  readonly name: string;
  readonly says: string;
  readonly steps: readonly Step[];
}

/** Arguments and headers, as AMQP carries them. */
export type Table = Readonly<Record<string, string | number | boolean | null>>;

interface By {
  readonly on?: string;
}

export type Step =
  | (By & {
      readonly do: 'declare';
      readonly queue: string;
      /** `x-queue-type`; classic without a word. */
      readonly type?: 'classic' | 'quorum' | 'stream';
      readonly arguments?: Table;
      readonly exclusive?: boolean;
      readonly autoDelete?: boolean;
    })
  | (By & {
      readonly do: 'declare-exchange';
      readonly exchange: string;
      readonly type: 'direct' | 'fanout' | 'topic' | 'headers';
      readonly arguments?: Table;
    })
  | (By & {
      readonly do: 'bind';
      readonly queue: string;
      readonly exchange: string;
      readonly key: string;
      readonly arguments?: Table;
    })
  | (By & {
      readonly do: 'bind-exchange';
      readonly to: string;
      readonly exchange: string;
      readonly key: string;
    })
  | (By & {
      readonly do: 'publish';
      /** The default exchange without a word; `key` is then the queue. */
      readonly exchange?: string;
      readonly key: string;
      /** One message each, by their bodies. */
      readonly bodies: readonly string[];
      readonly mandatory?: boolean;
      /** Persistent without a word. */
      readonly transient?: boolean;
      /** Milliseconds. */
      readonly expiration?: number;
      readonly priority?: number;
      readonly headers?: Table;
    })
  | (By & { readonly do: 'qos'; readonly prefetch: number; readonly global?: boolean })
  | (By & {
      readonly do: 'consume';
      readonly queue: string;
      /** The consumer's tag: the client's name without a word. */
      readonly tag?: string;
      readonly noAck?: boolean;
      readonly exclusive?: boolean;
      readonly arguments?: Table;
    })
  | (By & { readonly do: 'cancel'; readonly tag?: string })
  | (By & { readonly do: 'get'; readonly queue: string; readonly noAck?: boolean })
  | (By & {
      readonly do: 'ack' | 'nack' | 'reject';
      /** Body of a message that the client has; or a delivery tag of nobody's. */
      readonly of: string | number;
      readonly multiple?: boolean;
      /** Of `nack` and `reject`: false without a word. */
      readonly requeue?: boolean;
    })
  /** The client's connection ends without a word. */
  | (By & { readonly do: 'drop' })
  | (By & { readonly do: 'purge' | 'delete' | 'count'; readonly queue: string })
  | { readonly do: 'wait'; readonly ms: number };

/** What was seen during one step: lines of one client in their order, clients by name. */
export interface Seen {
  readonly step: Step;
  readonly lines: readonly string[];
}

/**
 * Puts lines in an order that does not depend on what the broker leaves open: between clients,
 * between consumers of one channel, and between the confirms of different messages.
 */
export function inOrder(lines: readonly (readonly [client: string, line: string])[]): string[] {
  const clients = [...new Set(lines.map(([client]) => client))].sort(compare);
  return clients.flatMap((client) => {
    const own = lines.filter(([by]) => by === client).map(([, line]) => line);
    return sortRuns(own).map((line) => `${client}: ${line}`);
  });
}

/** What may change places with a neighbour of its kind, and by what they are then put in order. */
function place(line: string): { kind: string; by: string } {
  const [kind] = line.split(' ', 1);
  if (kind === 'confirmed' || kind === 'refused') return { kind: 'answer', by: line };
  if (kind === 'got') return { kind, by: line.split(' at ')[1] ?? '' };
  return { kind: 'other', by: '' };
}

function sortRuns(lines: readonly string[]): string[] {
  const sorted: string[] = [];
  for (let from = 0, to = 0; from < lines.length; from = to) {
    const { kind } = place(lines[from]);
    while (to < lines.length && place(lines[to]).kind === kind) to++;
    sorted.push(...lines.slice(from, to).sort((a, b) => compare(place(a).by, place(b).by)));
  }
  return sorted;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The step in a line: what it does, then its words in the order in which they stand. */
export function stepText(step: Step): string {
  const { do: what, ...words } = step;
  return [what, ...Object.entries(words).map(([key, value]) => wordText(key, value))].join(' ');
}

function wordText(key: string, value: unknown): string {
  if (Array.isArray(value)) return `${key}=${value.join(',')}`;
  if (typeof value !== 'object' || value === null) return `${key}=${String(value)}`;
  const entries = Object.entries(value).map(([name, one]) => `${name}=${String(one)}`);
  return `${key}={${entries.join(' ')}}`;
}

/** What was seen of a script, as it is kept: the server, then each step and what followed. */
export function transcript(server: string, seen: readonly Seen[]): string {
  const body = seen.flatMap(({ step, lines }) => [
    `> ${stepText(step)}`,
    ...lines.map((line) => `  ${line}`),
  ]);
  return [`# ${server}`, ...body, ''].join('\n');
}

/** Where the model saw something else, in lines; none when it saw the same. */
export function difference(real: readonly Seen[], model: readonly Seen[]): string[] {
  return real.flatMap(({ step, lines }, i) => {
    const other = model[i]?.lines ?? [];
    if (lines.join('\n') === other.join('\n')) return [];
    const [said, modelled] = [lines, other].map((list) => list.join('; ') || 'nothing');
    return [`> ${stepText(step)}`, `  real:  ${said}`, `  model: ${modelled}`];
  });
}

/** A delivery as both tell it. */
export interface Got {
  readonly body: string;
  readonly redelivered: boolean;
  /** `x-delivery-count`, where the queue keeps one. */
  readonly deliveryCount?: number;
  /** Newest first. */
  readonly deaths: readonly { queue: string; reason: string; count: number }[];
}

export function gotText({ body, redelivered, deliveryCount, deaths }: Got): string {
  const words = [body];
  if (redelivered) words.push('redelivered');
  if (deliveryCount !== undefined) words.push(`x-delivery-count=${deliveryCount}`);
  if (deaths.length > 0) {
    const each = deaths.map(({ queue, reason, count }) => `${queue} ${reason} x${count}`);
    words.push(`x-death=[${each.join(', ')}]`);
  }
  return words.join(' ');
}
