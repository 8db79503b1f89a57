#!/usr/bin/env node
import { isMainThread } from 'node:worker_threads';

// The simulation runs in a second thread of the same module, so that this one hears Ctrl-C.
if (isMainThread) {
  const { start } = await import('./program.ts');
  await start(process.argv.slice(2), new URL(import.meta.url));
} else {
  const { serve } = await import('./worker.ts');
  serve();
}
