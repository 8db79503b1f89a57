import type { Message, MessageId } from '../../../sim/kernel/node.ts';
import type { JsonObject } from '../contents.ts';
import type { ApiRequest, SendEntry } from '../protocol.ts';

export interface PublishEntry extends SendEntry {
  readonly attributes: JsonObject;
  readonly body: JsonObject | undefined;
}

/** Publish and PublishBatch; `queue` is the place of the topic. */
export interface Publish extends ApiRequest {
  readonly type: 'Publish' | 'PublishBatch';
  readonly entries: readonly PublishEntry[];
}

/** What an HTTP endpoint gets: `x-amz-sns-message-type: Notification`. */
export interface Notification extends Message {
  readonly type: 'Notification';
  readonly correlation: number;
  readonly message: MessageId;
  readonly key: number;
  readonly sequence: number;
  readonly poison: boolean;
  /** Number of the delivery, and which try of it this is. */
  readonly nr: number;
  readonly attempt: number;
}

export interface NotificationResponse extends Message {
  readonly type: 'NotificationResponse';
  readonly correlation: number;
  /** HTTP status. */
  readonly status: number;
}

/** What an operator asks of SNS. */
export interface SetSubscriptionAttributes extends Message {
  readonly type: 'SetSubscriptionAttributes';
  readonly correlation: number;
  readonly subscription: number;
  readonly policy: JsonObject | undefined;
  readonly nr: number;
  readonly attempt: number;
}
