import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';

// Properties run on one fixed seed, so that a failure is the same on every machine. Another one is
// tried with LOST_ACK_FC_SEED=7 npm test.
const given = process.env.LOST_ACK_FC_SEED ?? '20261124';
const seed = Number(given);
if (!Number.isSafeInteger(seed))
  throw new Error(`LOST_ACK_FC_SEED is a whole number, not ${given}`);
fc.configureGlobal({ seed });

// Whatever a test draws without a seed could never be repeated. (seedrandom takes one on loading.)
const { random } = Math;
beforeAll(() => {
  Math.random = () => {
    throw new Error('draw from the seeded choices or from fast-check, not from Math.random');
  };
});
afterAll(() => {
  Math.random = random;
});
