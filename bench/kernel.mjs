// The built kernel, for benchmarks: what `index.ts` exports may be less than they need.
import { build } from 'esbuild';
import { mkdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const BIN = fileURLToPath(new URL('.bin/', import.meta.url));

const ENTRY = `
export { EventQueue } from './sim/kernel/event-queue.ts';
export { World } from './sim/kernel/world.ts';
export { Names } from './sim/kernel/names.ts';
export { Distribution } from './sim/kernel/distribution.ts';
export { Fact } from './sim/kernel/entry.ts';
export { QUIET, Seeded } from './sim/kernel/choices.ts';
`;

/** Bundles the kernel as the product is bundled, and loads it. */
export async function loadKernel() {
  mkdirSync(BIN, { recursive: true });
  const outfile = `${BIN}kernel.mjs`;
  await build({
    stdin: { contents: ENTRY, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
