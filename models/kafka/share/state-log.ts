import type { NodeId } from '../../../sim/kernel/node.ts';
import { append, hasEnoughReplicas } from '../broker/partition.ts';
import type { Broker, Replica } from '../broker/state.ts';
import {
  type Batch,
  type ErrorName,
  internalBatch,
  type RecordDelivery,
  type ShareImage,
  type ShareState,
  type ShareStateRequest,
  type WriteShareGroupStateRequest,
} from '../protocol.ts';
import { keyOf, type StateShard } from './state.ts';

/**
 * The share coordinator: leads a partition of `__share_group_state` and keeps there how far share
 * groups have come. Source: `ShareCoordinatorShard`, KIP-932. As with `__consumer_offsets`, each
 * record of a partition holds the state of all its keys: compaction taken to its end.
 */
export function onStateRequest(
  broker: Broker,
  request: ShareStateRequest,
  answer: (error: ErrorName, state?: ShareState) => void,
): void {
  const { layout } = broker;
  const key = keyOf(request.group, request.partition);
  const replica = broker.replicas[layout.sharePartitions.get(key) ?? -1];
  if (replica?.role.is !== 'leader') return answer('NOT_COORDINATOR');
  const shard = shardOf(broker, replica);
  const known = shard.states.get(key);
  // A leader that was deposed meanwhile has no say any more.
  if ((known?.leaderEpoch ?? -1) > request.leaderEpoch) return answer('FENCED_STATE_EPOCH');
  if (request.type === 'ReadShareGroupStateRequest') {
    const led = { ...known, leaderEpoch: request.leaderEpoch } as ShareState;
    if (known !== undefined) shard.states.set(key, led);
    return answer('NONE', known);
  }
  if (!hasEnoughReplicas(replica)) return answer('COORDINATOR_NOT_AVAILABLE');
  shard.states.set(key, merged(known, request));
  const done = (error: ErrorName) => {
    // What is not known to be replicated is read anew by whoever leads next.
    answer(error === 'NONE' ? 'NONE' : 'COORDINATOR_NOT_AVAILABLE');
  };
  const required = replica.log.end + 1;
  replica.waiting.push({ required, produce: undefined, slot: 0, write: undefined, done });
  append(broker, replica, stateBatch([...shard.states.values()], broker.out.clock));
}

/** The shard as its log has it, read when it is first asked after this broker came to lead. */
function shardOf(broker: Broker, replica: Replica): StateShard {
  const { index } = replica.plan;
  let shard = broker.shares.shards.get(index);
  if (shard?.epoch === replica.leaderEpoch) return shard;
  const image: ShareImage = replica.log.last()?.share ?? [];
  const states = new Map(image.map((state) => [keyOf(state.group, state.partition), state]));
  shard = { replica, epoch: replica.leaderEpoch, states };
  broker.shares.shards.set(index, shard);
  return shard;
}

/** The state after a change; what lies before the start is forgotten. */
function merged(
  known: ShareState | undefined,
  { group, partition, leaderEpoch, start, records }: WriteShareGroupStateRequest,
): ShareState {
  const from = Math.max(start, known?.start ?? 0);
  const byOffset = new Map<number, RecordDelivery>();
  for (const record of [...(known?.records ?? []), ...records]) {
    if (record.offset >= from) byOffset.set(record.offset, record);
  }
  const sorted = [...byOffset.values()].sort((a, b) => a.offset - b.offset);
  return { group, partition, leaderEpoch, start: from, records: sorted };
}

function stateBatch(share: ShareImage, timestamp: number): Batch {
  return internalBatch(timestamp, { share });
}

export function respondState(
  broker: Broker,
  from: NodeId,
  request: ShareStateRequest,
  error: ErrorName,
  state: ShareState | undefined,
): void {
  const type = request.type.replace('Request', 'Response');
  const { correlation } = request;
  if (error !== 'NONE') broker.out.ignored(request.type, error);
  const response = { type, correlation, error, state };
  broker.out.send(from, response as never, broker.words.correlation, correlation);
}
