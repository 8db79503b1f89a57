import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** As shells have it. */
const INTERRUPTED = 130;
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 20_000;

/** Where packages put the broker's own scripts: the ones in /usr/sbin want a user of their own. */
const HOMES = ['/usr/lib/rabbitmq/lib', '/opt/rabbitmq', '/usr/local/lib/rabbitmq'];

/** Path of `rabbitmq-server`, or undefined when none is installed. */
export function findServer(): string | undefined {
  const named = process.env.RABBITMQ_SERVER;
  if (named !== undefined) return existsSync(named) ? named : undefined;
  for (const home of HOMES.filter(existsSync)) {
    const inside = [path.join(home, 'sbin/rabbitmq-server')];
    for (const entry of readdirSync(home)) {
      inside.push(path.join(home, entry, 'sbin/rabbitmq-server'));
    }
    const found = inside.find(existsSync);
    if (found !== undefined) return found;
  }
  const { stdout, status } = spawnSync('which', ['rabbitmq-server'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * A broker on loopback with its own data, name and ports, and a port mapper of its own, so that it
 * meets no other one on this machine. `stop` ends both and removes what they wrote.
 */
export class Server {
  readonly port: number;
  readonly #folder: string;
  readonly #children: ChildProcess[];

  private constructor(port: number, folder: string, children: ChildProcess[]) {
    this.port = port;
    this.#folder = folder;
    this.#children = children;
  }

  static async start(binary: string): Promise<Server> {
    const folder = mkdtempSync(path.join(tmpdir(), 'lost-ack-rabbitmq-'));
    const [port, distribution, mapper] = await freePorts(3);
    const home = path.join(folder, 'home');
    mkdirSync(home);
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      ERL_EPMD_PORT: String(mapper),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `lost-ack-${process.pid}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: path.join(folder, 'data'),
      RABBITMQ_LOG_BASE: path.join(folder, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: path.join(folder, 'plugins'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
    };
    // Started first and by us, or the broker would leave one behind that serves for ever.
    const epmd = spawn('epmd', ['-port', String(mapper), '-address', '127.0.0.1'], {
      env,
      stdio: 'ignore',
    });
    const broker = spawn(binary, [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new Server(port, folder, [broker, epmd]);
    server.#endWithUs();
    try {
      await started(broker);
    } catch (reason) {
      await server.stop();
      throw reason;
    }
    return server;
  }

  /** Whatever ends this process ends the broker: nobody else would. */
  #endWithUs(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => void this.stop().finally(() => process.exit(INTERRUPTED)));
    }
    process.once('exit', () => {
      for (const child of this.#children) child.kill('SIGKILL');
    });
  }

  async stop(): Promise<void> {
    for (const child of this.#children) await ended(child);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function started(broker: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => {
      clearTimeout(limit);
      reject(new Error(`the broker ${why}:\n${said.slice(-2000)}`));
    };
    const limit = setTimeout(fail, START_LIMIT_MS, `was not up in ${START_LIMIT_MS / 1000} s`);
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('Starting broker... completed')) return;
      clearTimeout(limit);
      resolve();
    };
    broker.stdout?.on('data', hear);
    broker.stderr?.on('data', hear);
    broker.on('error', (error) => fail(`could not be started, ${error.message}`));
    broker.on('exit', (code) => fail(`ended with code ${code}`));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await end;
  clearTimeout(limit);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address !== null && typeof address === 'object') ports.push(address.port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}
