import { execFileSync } from 'node:child_process';

/** The command line is tested as it is shipped: bundled, in a process of its own. */
export default function build(): void {
  execFileSync(process.execPath, ['build.mjs'], { stdio: 'inherit' });
}
