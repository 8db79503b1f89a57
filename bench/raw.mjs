// Raw event rate: the kernel against C++ std::priority_queue and against a bare heap in JavaScript.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gaps } from './hold.mjs';
import { BIN, loadKernel } from './kernel.mjs';

const ONE = fileURLToPath(new URL('one.mjs', import.meta.url));
const SOURCE = fileURLToPath(new URL('reference.cc', import.meta.url));

/** Compiles the reference; undefined where there is no compiler. */
function compileReference() {
  const binary = `${BIN}reference`;
  try {
    execFileSync('g++', ['-O2', '-std=c++17', '-o', binary, SOURCE], { stdio: 'ignore' });
    return binary;
  } catch {
    return undefined;
  }
}

export function inProcess(contestant, pending, seconds) {
  const args = ['--expose-gc', ONE, contestant, String(pending), String(seconds)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/**
 * By number pending, what each contestant did a second: one list each, round by round. All take
 * turns, so that a ratio within a round compares what ran side by side.
 */
export async function rawRates({ rounds, seconds, sizes = [100, 10_000, 1_000_000] }) {
  await loadKernel();
  const reference = compileReference();
  const input = [...gaps()].join('\n');
  const results = {};
  for (const pending of sizes) {
    const rates = { bare: [], queue: [], world: [], ...(reference && { cpp: [] }) };
    for (let round = 0; round < rounds; round++) {
      for (const contestant of Object.keys(rates)) {
        if (contestant === 'cpp') {
          const args = [String(pending), String(seconds)];
          const printed = execFileSync(reference, args, { input, encoding: 'utf8' });
          rates.cpp.push(Number(printed.split(' ')[0]));
        } else rates[contestant].push(inProcess(contestant, pending, seconds).rate);
      }
    }
    results[pending] = rates;
  }
  return results;
}

/** Bytes of a pending event at a million pending, the queue's own growth included. */
export function bytesPerPendingEvent() {
  return Math.round(inProcess('memory', 1_000_000, 0).bytes);
}
