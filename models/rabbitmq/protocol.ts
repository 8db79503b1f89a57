import type { Message, MessageId } from '../../sim/kernel/node.ts';
import type { Micros } from '../../sim/kernel/time.ts';

/** AMQP 0-9-1 methods under their own names, and what broker nodes say to each other. */

/** Place of a queue or an exchange in the layout. */
export type QueueIndex = number;
export type ExchangeIndex = number;

export type ArgumentValue = string | number | boolean | null;
/** Arguments of a method or headers of a message: a field table. */
export type Arguments = ReadonlyMap<string, ArgumentValue>;
export const NO_ARGUMENTS: Arguments = new Map();

/** Why a message was dead-lettered. */
export type Reason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit';

/** One entry of `x-death`. The newest event stands first. */
export interface Death {
  readonly queue: string;
  readonly reason: Reason;
  readonly count: number;
  readonly exchange: string;
  readonly routingKeys: readonly string[];
  /** Of the first such death. */
  readonly time: Micros;
  /** The `expiration` that was taken away, -1 without one. */
  readonly originalExpiration: Micros;
}

/** A message as published, shared by all queues that hold it; never changed. */
export interface Content {
  readonly message: MessageId;
  /** Place among its producer's messages. */
  readonly sequence: number;
  /** -1: without key. */
  readonly key: number;
  readonly poison: boolean;
  readonly bytes: number;
  /** Which publish of this message it is, from 1: a republished one is another copy. */
  readonly attempt: number;
  readonly exchange: string;
  readonly routingKey: string;
  /** `delivery_mode` 2. */
  readonly persistent: boolean;
  /** Per-message TTL, -1 without one. */
  readonly expiration: Micros;
  /** -1: not given. */
  readonly priority: number;
  readonly headers: Arguments;
  readonly deaths: readonly Death[];
}

/**
 * A frame on a connection. A connection is a stream of bytes: when the fault `lose` swallows a
 * frame, what follows does not parse, which the number shows (501 FRAME_ERROR).
 */
export interface Frame extends Message {
  readonly frame: number;
  /** Which connection of this client it belongs to. */
  readonly connection: number;
  readonly channel: number;
}

// --- Client to broker ---

export interface ConnectionOpen extends Frame {
  readonly type: 'connection.open';
  /** Seconds as a span; 0: no heartbeats. */
  readonly heartbeat: Micros;
}
export interface ConfirmSelect extends Frame {
  readonly type: 'confirm.select';
}
export interface BasicQos extends Frame {
  readonly type: 'basic.qos';
  readonly prefetch: number;
  readonly global: boolean;
}
export interface QueueDeclare extends Frame {
  readonly type: 'queue.declare';
  readonly queue: string;
  readonly passive: boolean;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly args: Arguments;
}
export interface QueueBind extends Frame {
  readonly type: 'queue.bind' | 'queue.unbind';
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly args: Arguments;
}
export interface ExchangeBind extends Frame {
  readonly type: 'exchange.bind' | 'exchange.unbind';
  readonly destination: string;
  readonly source: string;
  readonly routingKey: string;
  readonly args: Arguments;
}
export interface QueuePurge extends Frame {
  readonly type: 'queue.purge' | 'queue.delete';
  readonly queue: string;
  readonly ifUnused: boolean;
  readonly ifEmpty: boolean;
}
export interface ExchangeDeclare extends Frame {
  readonly type: 'exchange.declare';
  readonly exchange: string;
  readonly kind: string;
  readonly passive: boolean;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly args: Arguments;
}
export interface ExchangeDelete extends Frame {
  readonly type: 'exchange.delete';
  readonly exchange: string;
}
export interface BasicPublish extends Frame {
  readonly type: 'basic.publish';
  readonly content: Content;
  readonly mandatory: boolean;
}
export interface BasicConsume extends Frame {
  readonly type: 'basic.consume';
  readonly queue: string;
  readonly consumer: number;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly args: Arguments;
}
export interface BasicCancel extends Frame {
  readonly type: 'basic.cancel';
  readonly consumer: number;
}
export interface BasicGet extends Frame {
  readonly type: 'basic.get';
  readonly queue: string;
  readonly noAck: boolean;
}
/** From a consumer: a settlement. From the broker to a publisher: a confirm. */
export interface BasicAck extends Frame {
  readonly type: 'basic.ack';
  readonly tag: number;
  readonly multiple: boolean;
}
export interface BasicNack extends Frame {
  readonly type: 'basic.nack';
  readonly tag: number;
  readonly multiple: boolean;
  readonly requeue: boolean;
}
export interface BasicReject extends Frame {
  readonly type: 'basic.reject';
  readonly tag: number;
  readonly requeue: boolean;
}

/** Both ways. */
export interface ChannelClose extends Frame {
  readonly type: 'channel.close' | 'connection.close';
  readonly code: number;
  readonly says: string;
}
/** `channel.open`, `channel.close-ok`, `heartbeat`: nothing but their name. */
export interface Plain extends Frame {
  readonly type: PlainType;
}
export type PlainType =
  | 'channel.open'
  | 'channel.open-ok'
  | 'channel.close-ok'
  | 'confirm.select-ok'
  | 'basic.qos-ok'
  | 'basic.get-empty'
  | 'queue.bind-ok'
  | 'queue.unbind-ok'
  | 'exchange.bind-ok'
  | 'exchange.unbind-ok'
  | 'exchange.declare-ok'
  | 'exchange.delete-ok'
  | 'connection.blocked'
  | 'connection.unblocked'
  | 'heartbeat';

export type ClientFrame =
  | ConnectionOpen
  | ConfirmSelect
  | BasicQos
  | QueueDeclare
  | QueueBind
  | QueuePurge
  | ExchangeBind
  | ExchangeDeclare
  | ExchangeDelete
  | BasicPublish
  | BasicConsume
  | BasicCancel
  | BasicGet
  | BasicAck
  | BasicNack
  | BasicReject
  | ChannelClose
  | Plain;

// --- Broker to client ---

export interface ConnectionOpenOk extends Frame {
  readonly type: 'connection.open-ok';
  /** What was agreed on; 0: none. */
  readonly heartbeat: Micros;
}
export interface Counted extends Frame {
  readonly type: 'queue.declare-ok' | 'queue.purge-ok' | 'queue.delete-ok';
  readonly queue: string;
  readonly messages: number;
  readonly consumers: number;
}
export interface ConsumeOk extends Frame {
  readonly type: 'basic.consume-ok' | 'basic.cancel-ok' | 'basic.cancel';
  readonly consumer: number;
}
export interface BasicDeliver extends Frame {
  readonly type: 'basic.deliver' | 'basic.get-ok';
  /** -1 for basic.get. */
  readonly consumer: number;
  readonly tag: number;
  readonly queue: QueueIndex;
  readonly redelivered: boolean;
  readonly content: Content;
  /** For the ledger: where it stands in the queue. */
  readonly position: number;
  /** Which delivery of this copy it is: names what the consumer does with it. */
  readonly count: number;
  /** Of basic.get-ok: how many are left. */
  readonly messages: number;
}
export interface BasicReturn extends Frame {
  readonly type: 'basic.return';
  readonly code: number;
  readonly says: string;
  readonly content: Content;
}
export type BrokerFrame =
  | ConnectionOpenOk
  | Counted
  | ConsumeOk
  | BasicDeliver
  | BasicReturn
  | BasicAck
  | BasicNack
  | ChannelClose
  | Plain;

// --- Broker to broker ---

/** A node has, or no longer has, too little of something. */
export const RESOURCE_ALARM = 'resource.alarm';
export interface ResourceAlarm extends Message {
  readonly type: typeof RESOURCE_ALARM;
  readonly resource: 'memory' | 'disk';
  readonly over: boolean;
}

/** A message of one queue's own protocol; its fields are the business of the queue's type. */
export interface QueueMessage extends Message {
  readonly queue: QueueIndex;
}

/** Protocol messages that a fault may name. */
export const AMQP_METHODS = [
  'basic.publish',
  'basic.deliver',
  'basic.ack',
  'basic.nack',
  'basic.reject',
  'basic.return',
  'basic.consume',
  'basic.consume-ok',
  'basic.cancel',
  'basic.cancel-ok',
  'basic.get',
  'basic.get-ok',
  'basic.get-empty',
  'basic.qos',
  'basic.qos-ok',
  'confirm.select',
  'confirm.select-ok',
  'queue.declare',
  'queue.declare-ok',
  'queue.bind',
  'queue.bind-ok',
  'queue.unbind',
  'queue.unbind-ok',
  'queue.purge',
  'queue.purge-ok',
  'queue.delete',
  'queue.delete-ok',
  'exchange.bind',
  'exchange.bind-ok',
  'exchange.unbind',
  'exchange.unbind-ok',
  'exchange.declare',
  'exchange.declare-ok',
  'exchange.delete',
  'exchange.delete-ok',
  'channel.open',
  'channel.open-ok',
  'channel.close',
  'channel.close-ok',
  'connection.open',
  'connection.open-ok',
  'connection.close',
  'connection.blocked',
  'connection.unblocked',
  'heartbeat',
] as const;
