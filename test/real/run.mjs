// npm run test:real -- [--record] [NAMES]
// Plays scripts to a real RabbitMQ on this machine and to the model. Exit code 3: no server here.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the project, so that its packages are found.
const bundle = `${root}/dist/test-real-${process.pid}.mjs`;
const options = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  external: ['amqplib'],
  banner: {
    js: "import { createRequire as _cr } from 'node:module'; const require = _cr(import.meta.url);",
  },
};
await build({
  entryPoints: [`${root}/test/models/rabbitmq/real/main.ts`],
  outfile: bundle,
  ...options,
});

const args = [bundle, ...process.argv.slice(2)];
const child = spawn(process.execPath, args, { stdio: 'inherit', cwd: root });
// The broker is stopped by the child: wait for it, also when somebody interrupts both.
process.on('SIGINT', () => undefined);
process.exitCode = await new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
rmSync(bundle, { force: true });
