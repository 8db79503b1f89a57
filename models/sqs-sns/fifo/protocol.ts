import type { Micros } from '../../../sim/kernel/time.ts';
import type {
  QueueIndex,
  ReceiptHandle,
  Received,
  SendEntry,
  StoreReply,
  StoreRequest,
} from '../protocol.ts';

/** Between the front end and the servers of FIFO queues: the vendor publishes none of this. */

export interface PutMessages extends StoreRequest {
  readonly type: 'PutMessages';
  readonly entries: readonly SendEntry[];
  /** Which try of its sender it is. */
  readonly tries: number;
}

export interface PickMessages extends StoreRequest {
  readonly type: 'PickMessages';
  readonly max: number;
  readonly visibility: Micros;
  readonly attemptId: string;
  /** Tell the front end when something can be received, if nothing can now. */
  readonly watch: boolean;
}

export interface RemoveMessages extends StoreRequest {
  readonly type: 'RemoveMessages';
  readonly handles: readonly ReceiptHandle[];
}

export interface HideMessage extends StoreRequest {
  readonly type: 'HideMessage';
  readonly handle: ReceiptHandle;
  readonly visibility: Micros;
}

export interface PurgeMessages extends StoreRequest {
  readonly type: 'PurgeMessages';
}

export interface MoveMessages extends StoreRequest {
  readonly type: 'MoveMessages';
  /** -1: to where each message came from. */
  readonly destination: QueueIndex;
  readonly max: number;
}

export type FifoCall =
  PutMessages | PickMessages | RemoveMessages | HideMessage | PurgeMessages | MoveMessages;

/** One error code an entry, '' for success. */
export interface CodesResponse extends StoreReply {
  readonly codes: readonly string[];
}

export interface PickMessagesResponse extends StoreReply {
  readonly received: readonly Received[];
  readonly error: string;
}
