import type { KeyValue } from '../parts/config.ts';
import { isObject, readObject, type Json, type JsonObject } from './contents.ts';

/**
 * May SNS send to a queue with this access policy? Statements are looked at, conditions are not. A
 * queue without a policy lets its topics in, as the console sets it up (model choice). A text says
 * what is wrong with the policy.
 */
export function parsePolicy(value: KeyValue): boolean | string {
  const policy = readObject(value);
  if (typeof policy !== 'object') return policy ?? true;
  const { Statement } = policy;
  const statements = (Array.isArray(Statement) ? Statement : [Statement]) as readonly Json[];
  if (!statements.every(isObject)) return 'Statement must be an object or a list of objects';
  const about = statements.filter(concernsSns);
  if (about.some((statement) => statement.Effect === 'Deny')) return false;
  return about.some((statement) => statement.Effect === 'Allow');
}

function concernsSns({ Principal, Action }: JsonObject): boolean {
  const service = isObject(Principal) ? (Principal.Service ?? Principal.AWS) : Principal;
  const who = texts(service).some((name) => name === '*' || name === 'sns.amazonaws.com');
  const what = texts(Action).map((action) => action.toLowerCase());
  return who && what.some((action) => ['*', 'sqs:*', 'sqs:sendmessage'].includes(action));
}

function texts(value: Json | undefined): string[] {
  return (Array.isArray(value) ? (value as readonly Json[]) : [value ?? '']).map(String);
}
