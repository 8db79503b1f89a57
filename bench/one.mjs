// One measurement in a process of its own, so that no contestant meets the garbage or the types of
// another: node one.mjs <contestant> <pending> <seconds>. Prints JSON.
import { pathToFileURL } from 'node:url';
import { bare, queue, world } from './hold.mjs';
import { BIN } from './kernel.mjs';

const [contestant, pending, seconds] = process.argv.slice(2);
const kernel = await import(pathToFileURL(`${BIN}kernel.mjs`).href);
const args = [Number(pending), Number(seconds)];
const contestants = {
  bare: () => bare(...args),
  queue: () => queue(kernel, ...args),
  world: () => world(kernel, ...args),
  /** Bytes that a pending event takes, payload not counted. */
  memory: () => {
    const before = process.memoryUsage();
    const events = new kernel.EventQueue();
    for (let i = 0; i < args[0]; i++) events.push(i, 3, 0, 0, 0, 0, -1, undefined);
    const after = process.memoryUsage();
    const used = (m) => m.heapUsed + m.arrayBuffers;
    return { bytes: (used(after) - used(before)) / args[0], size: events.size };
  },
};
contestants[contestant]?.(); // Warm: what is measured is the optimised code.
globalThis.gc?.();
console.log(JSON.stringify(contestants[contestant]()));
