// Bundles the command line and the library: one process start reads few files, and small ones.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Parts of dependencies that nothing here calls: compressed and WebAssembly histograms. */
const UNUSED = /^\.\/(encoding|wasm|HistogramLog(Reader|Writer))$/;

const leaveOut = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path: unused, importer }) =>
      importer.includes('hdr-histogram-js') ? { path: unused, namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export {};', loader: 'js' }));
  },
};

const { metafile } = await build({
  entryPoints: [
    'cli/main.ts',
    'cli/sweep/batch-worker.ts',
    'index.ts',
    'testing/index.ts',
    'testing/vitest.ts',
    'testing/fast-check.ts',
  ],
  // One starts threads from files of its own; the others are those of whoever writes the tests.
  external: ['piscina', 'vitest', 'fast-check'],
  outdir: 'dist',
  outbase: '.',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Half the time of a small run is reading the engine; names stay, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  metafile: true,
  plugins: [leaveOut],
  banner: {
    // Some dependencies are CommonJS and ask for built-in modules by `require`.
    js: "import { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// Chunks of earlier builds are nobody's any more.
const made = new Set(Object.keys(metafile.outputs).map((file) => path.resolve(file)));
for (const name of readdirSync('dist', { recursive: true })) {
  const file = path.resolve('dist', String(name));
  if (file.endsWith('.js') && !made.has(file)) rmSync(file);
}

// Types take as long as everything else together, and only a package needs them.
if (process.argv.includes('--types')) {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.types.json'], { stdio: 'inherit', shell: true });
}
