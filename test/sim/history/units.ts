import { seconds, type Micros } from '../../../sim/kernel/time.ts';

export const minutes = (n: number): Micros => seconds(60 * n);
