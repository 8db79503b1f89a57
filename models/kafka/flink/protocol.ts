import type { Message, MessageId } from '../../../sim/kernel/node.ts';
import type { PartitionIndex } from '../protocol.ts';

/** What the job manager and the tasks of a job say to each other. */

/** Where a source stood at a barrier: the next offset of each of its partitions. */
export type SourceState = readonly (readonly [partition: PartitionIndex, offset: number])[];

/** A transaction that was flushed and not committed. */
export interface Prepared {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What one task puts into a checkpoint. */
export interface TaskState {
  readonly source: SourceState;
  readonly prepared: readonly Prepared[];
}

export interface Checkpoint {
  readonly id: number;
  readonly tasks: readonly TaskState[];
}

export interface RegisterTask extends Message {
  readonly type: 'RegisterTask';
  readonly task: number;
  /** Which process of the task it is. */
  readonly life: number;
}
/** Run from this checkpoint on; undefined: from the beginning. */
export interface DeployTask extends Message {
  readonly type: 'DeployTask';
  readonly attempt: number;
  readonly checkpoint: Checkpoint | undefined;
}
export interface TaskRunning extends Message {
  readonly type: 'TaskRunning';
  readonly task: number;
  readonly attempt: number;
}
export interface TaskFailed extends Message {
  readonly type: 'TaskFailed';
  readonly task: number;
  readonly attempt: number;
  readonly why: string;
}
export interface CancelTask extends Message {
  readonly type: 'CancelTask';
}
export interface TaskHeartbeat extends Message {
  readonly type: 'TaskHeartbeat';
  readonly task: number;
}
export interface TriggerCheckpoint extends Message {
  readonly type: 'TriggerCheckpoint';
  readonly attempt: number;
  readonly checkpoint: number;
}
export interface AcknowledgeCheckpoint extends Message {
  readonly type: 'AcknowledgeCheckpoint';
  readonly task: number;
  readonly attempt: number;
  readonly checkpoint: number;
  readonly state: TaskState;
}
export interface NotifyCheckpointComplete extends Message {
  readonly type: 'NotifyCheckpointComplete';
  readonly attempt: number;
  readonly checkpoint: number;
}

/** A record between two tasks. */
export interface StreamRecord {
  readonly message: MessageId;
  readonly key: number;
  readonly bytes: number;
  readonly poison: boolean;
  readonly stream: number;
  readonly offset: number;
}
/** From the source of one task to the operator of another; records, then perhaps a barrier. */
export interface StreamElements extends Message {
  readonly type: 'StreamElements';
  readonly attempt: number;
  readonly from: number;
  readonly records: readonly StreamRecord[];
  /** -1: none. */
  readonly barrier: number;
}

export type ToJobManager =
  RegisterTask | TaskRunning | TaskFailed | TaskHeartbeat | AcknowledgeCheckpoint;
export type ToTask =
  DeployTask | CancelTask | TriggerCheckpoint | NotifyCheckpointComplete | StreamElements;

export const FLINK_MESSAGES: readonly string[] = [
  'RegisterTask',
  'DeployTask',
  'TaskRunning',
  'TaskFailed',
  'CancelTask',
  'TaskHeartbeat',
  'TriggerCheckpoint',
  'AcknowledgeCheckpoint',
  'NotifyCheckpointComplete',
  'StreamElements',
];
