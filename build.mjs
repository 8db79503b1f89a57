// Bundles the command line and the library: one process start reads few files.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';

const entries = ['cli/main.ts', 'index.ts'].filter((file) => existsSync(file));
await build({
  entryPoints: entries,
  outdir: 'dist',
  outbase: '.',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  banner: {
    // Some dependencies are CommonJS and ask for built-in modules by `require`.
    js: "import { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
