import { assert } from '../../sim/kernel/assert.ts';
import type { NameId } from '../../sim/kernel/names.ts';
import type { Message, MessageId } from '../../sim/kernel/node.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import type { Load } from './fair.ts';

/** Place of a queue in its deployment. */
export type QueueIndex = number;
/** Place of a storage server in its deployment: `sqs-store-1` is 0. */
export type ServerIndex = number;

/** One message as a queue keeps it; all its copies share one of these, and nobody changes it. */
export interface Stored {
  readonly message: MessageId;
  readonly key: number;
  readonly sequence: number;
  readonly poison: boolean;
  readonly bytes: number;
  /** MessageGroupId; '' without one. */
  readonly group: string;
  /** In a dead-letter queue: which queue it came from; -1. */
  readonly source: QueueIndex;
  /** Number among the sends to its queue. Another send of the same message has another one. */
  readonly position: number;
  /** SentTimestamp: the retention counts from here, also after a move to a dead-letter queue. */
  readonly sentAt: Micros;
  /** Which try of its sender this is: what tells the copies of a repeated send apart. */
  readonly attempt: number;
  /** The servers that keep a copy. The first that can be reached hands it out. */
  readonly homes: readonly ServerIndex[];
}

/** What a receive is known by: the how-manieth it was, and which server handed the message out. */
export interface ReceiptHandle {
  readonly position: number;
  readonly receives: number;
  readonly server: ServerIndex;
  readonly homes: readonly ServerIndex[];
}

/** How a message comes to be visible again. */
export const WHY = ['visibility timeout', 'released', 'stale copy came back'] as const;
export type Why = 0 | 1 | 2;

// --- The public API: HTTP requests, spelled as the API spells them ---

/** Every request says which it is on its link; the answer repeats it. See `Out.send`. */
export interface ApiRequest extends Message {
  readonly correlation: number;
  /** Who asks, as its credentials say. */
  readonly client: NameId;
  readonly queue: QueueIndex;
  readonly nr: number;
  readonly attempt: number;
  /** Which try of this call it is, from 1 (in reality a header, `amz-sdk-request`). */
  readonly tries: number;
}

export interface SendEntry {
  readonly message: MessageId;
  readonly key: number;
  readonly sequence: number;
  readonly poison: boolean;
  readonly bytes: number;
  /** MessageGroupId; '' without one. */
  readonly group: string;
  /** MessageDeduplicationId; '' without one. */
  readonly deduplication: string;
  /** SHA-256 of the body, as far as anybody can tell: two bodies are equal if these are. */
  readonly hash: string;
  /** The message's own DelaySeconds, -1 for the queue's. */
  readonly delay: Micros;
}

export interface SendMessage extends ApiRequest {
  readonly type: 'SendMessage' | 'SendMessageBatch';
  readonly entries: readonly SendEntry[];
}

export interface ReceiveMessage extends ApiRequest {
  readonly type: 'ReceiveMessage';
  readonly max: number;
  /** -1 for the queue's ReceiveMessageWaitTimeSeconds. */
  readonly wait: Micros;
  /** -1 for the queue's VisibilityTimeout. */
  readonly visibility: Micros;
  /** ReceiveRequestAttemptId; '' without one. */
  readonly attemptId: string;
}

export interface DeleteMessage extends ApiRequest {
  readonly type: 'DeleteMessage' | 'DeleteMessageBatch';
  readonly entries: readonly { readonly message: MessageId; readonly handle: ReceiptHandle }[];
}

export interface ChangeMessageVisibility extends ApiRequest {
  readonly type: 'ChangeMessageVisibility';
  readonly handle: ReceiptHandle;
  readonly visibility: Micros;
}

export interface PurgeQueue extends ApiRequest {
  readonly type: 'PurgeQueue';
}

export interface StartMessageMoveTask extends ApiRequest {
  readonly type: 'StartMessageMoveTask';
  /** -1: to where each message came from. */
  readonly destination: QueueIndex;
  readonly perSecond: number;
}

/** Is the move task of a queue still running? */
export interface ListMessageMoveTasks extends ApiRequest {
  readonly type: 'ListMessageMoveTasks';
}

/** Of all attributes only the access policy, as far as it concerns SNS. */
export interface SetQueueAttributes extends ApiRequest {
  readonly type: 'SetQueueAttributes';
  readonly admitsSns: boolean;
}

export type ClientCall = SendMessage | ReceiveMessage | DeleteMessage | ChangeMessageVisibility;

export type ApiCall =
  ClientCall | PurgeQueue | StartMessageMoveTask | ListMessageMoveTasks | SetQueueAttributes;

/** The error codes of the API that the model answers with, and whether an SDK tries again. */
export const RETRYABLE = new Set(['ServiceUnavailable', 'InternalError', 'ThrottlingException']);

export interface ApiReply extends Message {
  readonly correlation: number;
  /** Code of an error that concerns the whole call. */
  readonly error?: string;
}

/** One code an entry, '' for success: a batch fails entry by entry. */
export interface EntriesReply extends ApiReply {
  readonly failed: readonly string[];
}

export interface Received {
  readonly stored: Stored;
  /** ApproximateReceiveCount. */
  readonly receiveCount: number;
  readonly handle: ReceiptHandle;
}

export interface ReceiveMessageResponse extends ApiReply {
  readonly messages: readonly Received[];
}

// --- Between the front end and its storage servers: the vendor publishes none of this ---

/** The causal name of an exchange; the answer bears the same. */
export interface Label {
  readonly about: NameId;
  readonly nr: number;
  readonly attempt: number;
}

export interface StoreRequest extends Message {
  readonly correlation: number;
  readonly queue: QueueIndex;
  readonly label: Label;
}

export interface PutCopies extends StoreRequest {
  readonly type: 'PutCopies';
  readonly copies: readonly { readonly stored: Stored; readonly delay: Micros }[];
}

export interface PickCopies extends StoreRequest {
  readonly type: 'PickCopies';
  readonly max: number;
  readonly visibility: Micros;
  /** Bit i: server i is out of reach, the next home of a message stands in for it. */
  readonly down: number;
  /** Tell the front end when a copy becomes visible and none was left over. */
  readonly watch: boolean;
  /** Fair queues: tenants whose messages come last. */
  readonly noisy: ReadonlySet<string>;
}

/** How a copy stands after a receive, on the servers that did not hand it out themselves. */
export interface Mark {
  readonly position: number;
  readonly receives: number;
  readonly server: ServerIndex;
  readonly visibility: Micros;
}

export interface MarkCopies extends StoreRequest {
  readonly type: 'MarkCopies';
  readonly marks: readonly Mark[];
}

export interface DeleteCopies extends StoreRequest {
  readonly type: 'DeleteCopies';
  readonly handles: readonly ReceiptHandle[];
  /** The first home in reach has decided: delete it in any case. */
  readonly force: boolean;
}

export interface ChangeCopy extends StoreRequest {
  readonly type: 'ChangeCopy';
  readonly handle: ReceiptHandle;
  readonly visibility: Micros;
}

/** To the dead-letter queue: each server moves its own copy. */
export interface MoveCopies extends StoreRequest {
  readonly type: 'MoveCopies';
  readonly to: QueueIndex;
  readonly position: number;
  /** As it is to stand in the other queue. */
  readonly stored: Stored;
  /** The first home in reach has moved it: keep it there in any case. */
  readonly force: boolean;
}

/** What an unreachable server missed, as it stands now. */
export type Hint =
  | {
      readonly is: 'put';
      readonly queue: QueueIndex;
      readonly stored: Stored;
      readonly delay: Micros;
    }
  | { readonly is: 'deleted'; readonly queue: QueueIndex; readonly position: number }
  | { readonly is: 'marked'; readonly queue: QueueIndex; readonly mark: Mark; readonly at: Micros }
  | {
      readonly is: 'moved';
      readonly queue: QueueIndex;
      readonly position: number;
      readonly to: QueueIndex;
      readonly stored: Stored;
    };

export interface MergeCopies extends StoreRequest {
  readonly type: 'MergeCopies';
  readonly hints: readonly Hint[];
}

export interface PurgeCopies extends StoreRequest {
  readonly type: 'PurgeCopies';
}

export interface Ping extends StoreRequest {
  readonly type: 'Ping';
}

export type StoreCall =
  | PutCopies
  | PickCopies
  | MarkCopies
  | DeleteCopies
  | ChangeCopy
  | MoveCopies
  | MergeCopies
  | PurgeCopies
  | Ping;

export interface StoreReply extends Message {
  readonly correlation: number;
}

/** One message handed out by a server. */
export interface Picked {
  readonly stored: Stored;
  readonly receives: number;
  readonly why: Why;
}

export interface PickCopiesResponse extends StoreReply {
  readonly picked: readonly Picked[];
  /** Received as often as the redrive policy allows: to be moved, not handed out. */
  readonly exhausted: readonly Stored[];
  /** Position of the oldest visible copy that is left, -1 when none is. */
  readonly oldest: number;
  /** Messages in flight of which this server is the first home. */
  readonly inFlight: number;
  /** The same by tenant, where messages name one. */
  readonly load: Load | undefined;
}

export const Fate = { gone: 0, done: 1, stale: 2, visible: 3, tooLong: 4 } as const;

/** One `Fate` for each handle of the request. */
export interface FatesResponse extends StoreReply {
  readonly fates: readonly number[];
}

/** A copy became visible where none was. Nobody answers it. */
export interface CopyVisible extends Message {
  readonly type: 'CopyVisible';
  readonly queue: QueueIndex;
}

const CALLS = ['SendMessage', 'SendMessageBatch', 'ReceiveMessage', 'DeleteMessage'];
CALLS.push('DeleteMessageBatch', 'ChangeMessageVisibility');
CALLS.push('PurgeQueue', 'StartMessageMoveTask', 'ListMessageMoveTasks', 'SetQueueAttributes');
CALLS.push('Publish', 'PublishBatch', 'Notification', 'SetSubscriptionAttributes');
const STORE_CALLS = ['PutCopies', 'PickCopies', 'MarkCopies', 'DeleteCopies', 'ChangeCopy'];
STORE_CALLS.push('MoveCopies', 'MergeCopies', 'Ping');
STORE_CALLS.push('PurgeCopies', 'PurgeMessages', 'MoveMessages');
STORE_CALLS.push('PutMessages', 'PickMessages', 'RemoveMessages', 'HideMessage');

/** Type of a request -> type of its answer; each text is made once. */
const RESPONSES = new Map([...CALLS, ...STORE_CALLS].map((type) => [type, `${type}Response`]));

export function responseTo(type: string): string {
  const response = RESPONSES.get(type);
  assert(response !== undefined, 'only a request is answered');
  return response;
}

/** All that a fault may name: first the API's own words, then the model's. */
export const MESSAGES: readonly string[] = [...[...RESPONSES].flat(), 'CopyVisible'];

/** What was moved back counts its receives anew: its copies get numbers of their own. */
export const MOVED = 1000;

/** Counts the receives of one message by (count, server), so that no two share a number; from 1. */
export function ordinalOf({ receives, server, homes }: ReceiptHandle): number {
  return (receives - 1) * homes.length + homes.indexOf(server) + 1;
}
