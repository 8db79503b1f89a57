import type { Finding, Place } from '../parts/system.ts';

/** What the API would answer with, at the place where it was asked for. */
export function refuse(
  place: Place,
  component: string,
  key: string,
  says: string,
  hint: string,
): Finding {
  return { severity: 'refused', place, component, key, says, hint };
}
