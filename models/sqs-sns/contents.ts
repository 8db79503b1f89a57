import type { Outgoing } from '../parts/workload.ts';
import { keyText } from '../parts/workload.ts';
import type { KeyValue, Settings } from '../parts/config.ts';

/** A value as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * What is in a producer's messages, as far as anybody looks at it. Where a value is a list, the
 * messages have its members in turn.
 */
export interface Contents {
  readonly attributes: JsonObject;
  /** Undefined: every body is another one. */
  readonly body: JsonObject | undefined;
  /** Texts in which {key}, {sequence} and {producer} stand for those of the message. */
  readonly group: string;
  readonly deduplication: string;
}

export function readContents(config: Settings): Contents {
  const attributes = readObject(config.value('MessageAttributes'));
  const body = readObject(config.value('MessageBody'));
  return {
    attributes: typeof attributes === 'object' ? attributes : {},
    body: typeof body === 'object' ? body : undefined,
    group: config.text('MessageGroupId'),
    deduplication: config.text('MessageDeduplicationId'),
  };
}

/** A JSON object, undefined when there is none, or what is wrong with it. */
export function readObject(value: KeyValue): JsonObject | string | undefined {
  if (value === null || value === '') return undefined;
  let read: Json;
  try {
    read = JSON.parse(String(value)) as Json;
  } catch {
    return 'it is not JSON';
  }
  return isObject(read) ? read : 'it is not a JSON object';
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The attributes or the body of one message. */
export function valuesAt(of: JsonObject, sequence: number): JsonObject {
  return Object.fromEntries(Object.entries(of).map(([n, value]) => [n, valueAt(value, sequence)]));
}

function valueAt(value: Json, sequence: number): Json {
  if (Array.isArray(value)) return (value as Json[])[sequence % value.length] ?? null;
  if (!isObject(value)) return value;
  // As the API has it: { DataType: String, StringValue: order }.
  if ('StringValue' in value) return typed(value.DataType, valueAt(value.StringValue, sequence));
  return valuesAt(value, sequence);
}

function typed(type: Json | undefined, value: Json): Json {
  return type === 'Number' ? Number(value) : value;
}

export function groupOf({ group }: Contents, message: Outgoing, producer: string): string {
  return group === '' ? '' : filledIn(group, message, producer);
}

export function deduplicationOf(contents: Contents, message: Outgoing, producer: string): string {
  const { deduplication } = contents;
  return deduplication === '' ? '' : filledIn(deduplication, message, producer);
}

/** Two bodies are equal if these are; attributes are no part of it. */
export function hashOf({ body }: Contents, { message, sequence }: Outgoing): string {
  return body === undefined ? String(message) : JSON.stringify(valuesAt(body, sequence));
}

function filledIn(text: string, { key, sequence }: Outgoing, producer: string): string {
  return text
    .replaceAll('{key}', keyText(key))
    .replaceAll('{sequence}', String(sequence))
    .replaceAll('{producer}', producer);
}
