import { Fact } from '../../sim/kernel/entry.ts';
import type { MessageId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Transaction } from './handler.ts';
import type { Answer } from './own-code.ts';
import { messageOf } from './tools.ts';

/** What own code asks a database to do at one instant. */
export interface OwnTransaction {
  readonly body: (tx: Transaction) => unknown;
  readonly producers: readonly string[];
  readonly subscription: number;
}

export type OwnRows = Map<string, unknown>;

/** Rows that own code keeps; on the disk of the database, durable once committed. */
export function ownRows(disk: Out['disk']): OwnRows {
  const kept = disk.read<OwnRows>('own rows');
  if (kept !== undefined) return kept;
  const fresh: OwnRows = new Map();
  disk.write('own rows', fresh);
  disk.harden('own rows', Infinity);
  return fresh;
}

/** Executes a transaction: when its body throws, nothing of it has happened. */
export function executeOwn({ body, producers, subscription }: OwnTransaction, out: Out): Answer {
  const rows = ownRows(out.disk);
  const written = new Map<string, unknown>();
  const applied: MessageId[] = [];
  const has = (key: string) => (written.has(key) ? written.get(key) : rows.get(key)) !== undefined;
  const tx: Transaction = {
    get: (key) => copied(written.has(key) ? written.get(key) : rows.get(key)),
    set: (key, value) => void written.set(key, copied(value)),
    delete: (key) => void written.set(key, undefined),
    keys: (prefix = '') =>
      [...new Set([...rows.keys(), ...written.keys()])]
        .filter((key) => key.startsWith(prefix) && has(key))
        .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    apply: (message) => void applied.push(messageOf(message, producers)),
  };
  let value: unknown;
  try {
    value = copied(body(tx));
  } catch (thrown) {
    return { throws: thrown };
  }
  for (const [key, row] of written) {
    if (row === undefined) rows.delete(key);
    else rows.set(key, row);
  }
  for (const message of applied) out.fact(Fact.effect, message, subscription, out.self);
  return { value };
}

/** What goes in or out of a database is no longer the same object. */
function copied(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value;
}
