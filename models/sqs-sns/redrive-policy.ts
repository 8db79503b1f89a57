import type { KeyValue } from '../parts/config.ts';

export interface RedrivePolicy {
  /** Name of the dead-letter queue. */
  readonly target: string;
  readonly maxReceiveCount: number;
}

/**
 * Reads a RedrivePolicy: JSON with an ARN, or the plain name of a queue; a text says what is wrong.
 */
export function parseRedrivePolicy(value: KeyValue): RedrivePolicy | string | undefined {
  if (value === null || value === '') return undefined;
  let policy: unknown;
  try {
    policy = JSON.parse(String(value));
  } catch {
    return 'it is not JSON';
  }
  if (typeof policy !== 'object' || policy === null) return 'it is not a JSON object';
  const { deadLetterTargetArn: arn, maxReceiveCount: most } = policy as Record<string, unknown>;
  if (typeof arn !== 'string' || arn === '') return 'deadLetterTargetArn is missing';
  // `get-queue-attributes` prints the number as it was given, also as a text.
  const maxReceiveCount = typeof most === 'string' ? Number(most) : most;
  if (typeof maxReceiveCount !== 'number' || !Number.isInteger(maxReceiveCount)) {
    return 'maxReceiveCount is not a whole number';
  }
  if (maxReceiveCount < 1 || maxReceiveCount > 1000) {
    return 'maxReceiveCount lies between 1 and 1000';
  }
  return { target: arn.slice(arn.lastIndexOf(':') + 1), maxReceiveCount };
}
