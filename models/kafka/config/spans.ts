import { MILLISECOND, SECOND, type Micros } from '../../../sim/kernel/time.ts';
import type { Settings } from '../../parts/config.ts';

export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A time key in milliseconds as Micros. */
export function micros(settings: Settings, name: string): Micros {
  return settings.number(name) * MILLISECOND;
}
