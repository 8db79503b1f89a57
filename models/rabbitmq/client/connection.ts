import { NO_HANDLE, type Handle } from '../../../sim/kernel/event-queue.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { NodeId } from '../../../sim/kernel/node.ts';
import type { Out } from '../../../sim/kernel/out.ts';
import { millis, seconds, type Micros } from '../../../sim/kernel/time.ts';
import type { Settings } from '../../parts/config.ts';
import type { BrokerFrame, ClientFrame, ConnectionOpen, ConnectionOpenOk } from '../protocol.ts';

/** The Java client's `ConnectionFactory`. */
export interface ClientPlan {
  readonly heartbeat: Micros;
  readonly automaticRecovery: boolean;
  readonly recoveryInterval: Micros;
  /** Brokers in the order in which they are tried. */
  readonly endpoints: readonly NodeId[];
}

export function planClient(
  config: Settings,
  brokers: readonly NodeId[],
  instance: number,
): ClientPlan {
  const endpoint = config.number('endpoint');
  const first = (endpoint === 0 ? instance : endpoint - 1) % brokers.length;
  return {
    heartbeat: seconds(config.number('requestedHeartbeat')),
    automaticRecovery: config.flag('automaticRecovery'),
    recoveryInterval: millis(config.number('networkRecoveryInterval')),
    endpoints: brokers.map((_, i) => brokers[(first + i) % brokers.length]),
  };
}

/** What the application behind a connection hears. */
export interface Listener {
  /** The connection is open: set up channels. */
  onOpen(): void;
  onFrame(frame: BrokerFrame): void;
  /** It is gone with everything on it. */
  onClosed(why: string): void;
}

/** `handshake_timeout` of the Java client: how long a connection may take to open. */
const HANDSHAKE: Micros = seconds(10);

type Body<F extends ClientFrame> = Omit<F, 'frame' | 'connection'>;

/**
 * A client's connection: opens, watches heartbeats, and opens again, on the next broker of the
 * list, a while after it was lost. One at a time; they are numbered over all lives of the process.
 */
export class ClientConnection {
  isOpen = false;
  /** Of the connection that is, or was last. */
  number: number;
  readonly #plan: ClientPlan;
  readonly #out: Out;
  readonly #listener: Listener;
  readonly #timerCode: number;
  readonly #control: NameId;
  #broker: NodeId = -1;
  #tries = 0;
  #sent = 0;
  #received = 0;
  #heartbeat: Micros = 0;
  #heard = true;
  #spoke = true;
  #missed = 0;
  #timer: Handle = NO_HANDLE;
  #isEnded = false;

  /** Timers of code `timerCode` belong to it. */
  constructor(plan: ClientPlan, out: Out, listener: Listener, timerCode: number) {
    this.#plan = plan;
    this.#out = out;
    this.#listener = listener;
    this.#timerCode = timerCode;
    this.#control = out.names.id('frame');
    this.number = out.disk.read<number>('connections') ?? 0;
  }

  open(): void {
    this.number++;
    this.#out.disk.write('connections', this.number);
    this.#out.disk.harden('connections', Infinity);
    const { endpoints, heartbeat } = this.#plan;
    this.#broker = endpoints[this.#tries++ % endpoints.length];
    this.#sent = 0;
    this.#received = 0;
    this.#heard = true;
    this.#missed = 0;
    this.#heartbeat = 0;
    this.#arm(HANDSHAKE);
    const body = { type: 'connection.open', channel: 0, heartbeat } as const;
    this.control<ConnectionOpen>(body);
  }

  /** A frame that is named after its number. */
  control<F extends ClientFrame>(body: Body<F>): void {
    this.send(body, this.#control, this.#sent + 1, this.number);
  }

  /** `about/nr #attempt` is its causal name. */
  send<F extends ClientFrame>(body: Body<F>, about: NameId, nr: number, attempt: number): void {
    this.#spoke = true;
    const frame = ++this.#sent;
    const message = { ...body, frame, connection: this.number } as unknown as ClientFrame;
    this.#out.send(this.#broker, message, about, nr, attempt);
  }

  onMessage(from: NodeId, frame: BrokerFrame): void {
    if (from !== this.#broker || frame.connection !== this.number) {
      return this.#out.ignored(frame.type, 'its connection is closed');
    }
    if (frame.frame !== ++this.#received) return this.lost('unexpected frame');
    this.#heard = true;
    switch (frame.type) {
      case 'connection.open-ok':
        this.isOpen = true;
        this.#tries--;
        this.#out.cancel(this.#timer);
        this.#timer = NO_HANDLE;
        this.#heartbeat = (frame as ConnectionOpenOk).heartbeat;
        this.#watch();
        return this.#listener.onOpen();
      case 'connection.close':
        return this.lost(frame.says);
      case 'heartbeat':
        return;
      default:
        return this.#listener.onFrame(frame);
    }
  }

  onDisconnect(peer: NodeId): void {
    if (peer === this.#broker) this.lost('connection reset');
  }

  /** The application, or what it hears, gives the connection up. */
  lost(why: string): void {
    if (this.#broker < 0) return;
    this.#out.disconnect(this.#broker);
    this.#broker = -1;
    this.isOpen = false;
    this.#tries++;
    this.#out.cancel(this.#timer);
    this.#timer = NO_HANDLE;
    this.#listener.onClosed(why);
    const { automaticRecovery, recoveryInterval } = this.#plan;
    if (!this.#isEnded && automaticRecovery) this.#arm(recoveryInterval);
  }

  /** For good. */
  end(): void {
    this.#isEnded = true;
    this.lost('closed by the application');
  }

  onTimer(): void {
    this.#timer = NO_HANDLE;
    if (this.#broker < 0) return this.open();
    if (!this.isOpen) return this.lost('handshake timeout');
    this.#missed = this.#heard ? 0 : this.#missed + 1;
    this.#heard = false;
    if (this.#missed >= 2) return this.lost('missed heartbeats from the server');
    if (!this.#spoke) this.control({ type: 'heartbeat', channel: 0 });
    this.#spoke = false;
    this.#watch();
  }

  #watch(): void {
    if (this.#heartbeat > 0) this.#arm(Math.ceil(this.#heartbeat / 2));
  }

  #arm(after: Micros): void {
    this.#timer = this.#out.timer(after, this.#timerCode);
  }
}
