import { NO_HANDLE } from '../../../sim/kernel/event-queue.ts';
import type { Message } from '../../../sim/kernel/node.ts';
import type { Assignment, Committed, ErrorName } from '../protocol.ts';
import { groupBatch, type GroupRecord } from './group-record.ts';
import { type Group, recordOf, type Shard } from './group.ts';
import { append, hasEnoughReplicas } from './partition.ts';
import { type Broker, type Correlation, type GroupWrite, Timer, type Waiter } from './state.ts';

/** What a coordinator says to clients, and what it writes into its log. */

export function respond(broker: Broker, to: Correlation, body: { type: string }): void {
  const message = { ...body, correlation: to.correlation } as Message;
  broker.out.send(to.from, message, broker.words.correlation, to.correlation);
}

export function refuse(broker: Broker, to: Correlation, type: string, error: ErrorName): void {
  broker.out.ignored(type.replace('Response', 'Request'), error);
  respond(broker, to, { type, error, partitions: [], members: [], offsets: [] } as never);
}

export function writeAssignment(
  broker: Broker,
  shard: Shard,
  group: Group,
  assignments: readonly Assignment[],
): void {
  const to = { from: -1, correlation: 0 };
  write(broker, shard, group, recordOf(group, assignments), undefined, to);
}

/** Appends the state of all groups of the shard, with a new record of this one. */
export function write(
  broker: Broker,
  shard: Shard,
  group: Group,
  record: GroupRecord,
  offsets: readonly Committed[] | undefined,
  { from, correlation }: Correlation,
  then?: (error: ErrorName) => void,
): void {
  const { out, layout } = broker;
  const { replica } = shard;
  const generation = group.generation;
  const entry: GroupWrite = {
    shard,
    group,
    generation,
    offsets,
    from,
    correlation,
    then,
    done: false,
    timer: NO_HANDLE,
  };
  const required = replica.log.end + 1;
  const waiter: Waiter = { required, produce: undefined, slot: 0, write: entry };
  if (!hasEnoughReplicas(replica)) {
    broker.failed.push({ waiter, error: 'NOT_ENOUGH_REPLICAS' });
    return;
  }
  group.record = record;
  const groups = [...shard.groups.values()].map((g) => g.record);
  replica.waiting.push(waiter);
  entry.timer = out.timer(layout.broker.commitTimeout, Timer.writeWait, entry);
  append(broker, replica, groupBatch(groups, out.clock));
}
