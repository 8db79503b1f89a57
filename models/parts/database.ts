import { Fact } from '../../sim/kernel/entry.ts';
import type { Disk } from '../../sim/kernel/disk.ts';
import type { Message, MessageId, NodeId, Role } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import { executeOwn, type OwnTransaction } from './own-transaction.ts';

/** What a handler asks of the database. Everything in one `Transaction` happens or nothing does. */
export type DatabaseRequest = Message & {
  readonly correlation: number;
  readonly message: MessageId;
  readonly key: number;
  readonly sequence: number;
  readonly subscription: number;
  readonly by: 'none' | 'message-id' | 'sequence' | 'window';
  readonly window: Micros;
  /** Insert the identity under a uniqueness constraint: a repeat applies nothing. */
  readonly unique?: boolean;
  /** The consumer's position, stored in the same transaction as the effect. */
  readonly position?: { readonly stream: number; readonly next: number };
  readonly stream?: number;
  /** Own code instead of what the rest describes. */
  readonly body?: OwnTransaction['body'];
};

/** One subscription's rows. */
interface Rows {
  /** Message id -> when it was processed. */
  readonly processed: Map<MessageId, Micros>;
  /** Entity -> highest sequence processed. */
  readonly highest: Map<number, number>;
  /** Stream -> next position to read. */
  readonly positions: Map<number, number>;
}

type Tables = Map<number, Rows>;

export const DATABASE_MESSAGES = [
  'Transaction',
  'TransactionResponse',
  'SelectProcessed',
  'SelectProcessedResponse',
  'SelectPosition',
  'SelectPositionResponse',
];

/**
 * A transactional database as a sink: requests are executed one after another, each atomically, and
 * a commit is durable before it is answered (its tables live on the disk and survive every crash).
 */
export const database: Role<Tables, DatabaseRequest> = {
  start(out) {
    const tables = out.disk.read<Tables>('tables') ?? new Map<number, Rows>();
    out.disk.write('tables', tables);
    out.disk.harden('tables', Infinity);
    return tables;
  },

  onMessage(tables, from, request, out) {
    if (request.body !== undefined) {
      const answer = executeOwn(request as unknown as OwnTransaction, out);
      return respond({ type: 'TransactionResponse', answer } as Message, from, request, out);
    }
    const rows = rowsOf(tables, request.subscription);
    let reply: Message;
    switch (request.type) {
      case 'Transaction':
        reply = { type: 'TransactionResponse', ...commit(rows, request, out) } as Message;
        break;
      case 'SelectProcessed':
        reply = { type: 'SelectProcessedResponse', seen: isRepeat(rows, request, out) } as Message;
        break;
      default:
        reply = {
          type: 'SelectPositionResponse',
          next: rows.positions.get(request.stream ?? -1) ?? -1,
        } as Message;
    }
    respond(reply, from, request, out);
  },

  onTimer() {},
};

function respond(
  reply: Message,
  to: NodeId,
  { correlation, carries }: DatabaseRequest,
  out: Out,
): void {
  const about = out.names.id('correlation');
  out.send(to, { ...reply, correlation, carries } as Message, about, correlation);
}

/** The position that a subscription has stored for a stream, or -1; for reading after a run. */
export function positionOf(disk: Disk, subscription: number, stream: number): number {
  return disk.read<Tables>('tables')?.get(subscription)?.positions.get(stream) ?? -1;
}

function rowsOf(tables: Tables, subscription: number): Rows {
  let rows = tables.get(subscription);
  if (rows === undefined) {
    rows = { processed: new Map(), highest: new Map(), positions: new Map() };
    tables.set(subscription, rows);
  }
  return rows;
}

function commit(rows: Rows, request: DatabaseRequest, out: Out): { ok: boolean; repeat: boolean } {
  const { message, key, sequence, subscription, position } = request;
  const repeat = request.unique === true && isRepeat(rows, request, out);
  if (position !== undefined) rows.positions.set(position.stream, position.next);
  if (repeat) return { ok: true, repeat };
  if (request.by === 'sequence') {
    rows.highest.set(key, Math.max(sequence, rows.highest.get(key) ?? -1));
  } else if (request.by !== 'none') rows.processed.set(message, out.clock);
  out.fact(Fact.effect, message, subscription, out.self);
  return { ok: true, repeat };
}

function isRepeat(rows: Rows, request: DatabaseRequest, out: Out): boolean {
  if (request.by === 'none') return false;
  if (request.by === 'sequence') {
    return request.sequence <= (rows.highest.get(request.key) ?? -1);
  }
  const at = rows.processed.get(request.message);
  return at !== undefined && (request.by === 'message-id' || out.clock - at < request.window);
}
