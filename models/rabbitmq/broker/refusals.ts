import type { Refusal } from '../queue.ts';

/** Errors of AMQP 0-9-1 as the server words them. */

export function notFound(kind: 'queue' | 'exchange', name: string): Refusal {
  return refusal(404, 'NOT_FOUND', `no ${kind} '${name}' in vhost '/'`);
}

export function homeDown(name: string, node: string): Refusal {
  const says = `home node '${node}' of durable queue '${name}' in vhost '/' is down or inaccessible`;
  return refusal(404, 'NOT_FOUND', says);
}

export function inequivalent(what: string, name: string, received: string, current: string) {
  const says =
    `inequivalent arg '${what}' for ${name} in vhost '/': received ${received} ` +
    `but current is ${current}`;
  return refusal(406, 'PRECONDITION_FAILED', says);
}

export function unknownTag(tag: number): Refusal {
  return refusal(406, 'PRECONDITION_FAILED', `unknown delivery tag ${tag}`);
}

export function locked(name: string): Refusal {
  const says = `cannot obtain exclusive access to locked queue '${name}' in vhost '/'`;
  return refusal(405, 'RESOURCE_LOCKED', says);
}

export function timedOut(timeout: number): Refusal {
  const says =
    `delivery acknowledgement on channel timed out. ` +
    `Timeout value used: ${timeout} ms. This timeout value can be configured`;
  return refusal(406, 'PRECONDITION_FAILED', says);
}

export function refusal(code: number, name: string, says: string): Refusal {
  return { code, name, says };
}

/** "PRECONDITION_FAILED - unknown delivery tag 7". */
export function textOf({ name, says }: Refusal): string {
  return `${name} - ${says}`;
}
