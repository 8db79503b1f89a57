import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { essence, readCases, withOutcomes, type Case, type Outcome } from './cli/markdown.ts';

const FOLDER = resolve('test/cli');
/** An installed package can be held to the same documents. */
const MAIN = resolve(process.env.LOST_ACK_MAIN ?? 'dist/cli/main.js');
/**
 * LOST_ACK_UPDATE=1 writes down what is printed now; look at the difference before you commit it.
 */
const UPDATE = process.env.LOST_ACK_UPDATE === '1';

let home = '';

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'lost-ack-cli-'));
  writeFileSync(join(home, 'lost-ack'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, {
    mode: 0o755,
  });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs one command of a document in that document's own copy of the scenario files. */
function shell(command: string, folder: string): Promise<Outcome> {
  const env = { PATH: `${home}:${process.env.PATH}`, HOME: home, TERM: 'xterm', LANG: 'C.UTF-8' };
  const child = spawn('sh', ['-c', command], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ exit: code ?? -1, stdout, stderr }));
  });
}

/** A token is one word, JSON and reports are for programs: everything else keeps to 80 columns. */
function tooWide({ command, stdout }: Case | (Outcome & { command: string })): string[] {
  if (/--json|--trace|--report|schema/.test(command)) return [];
  return stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('  token '));
}

describe.skipIf(process.platform === 'win32')('the command line', () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.md'))) {
    const path = join(FOLDER, name);
    const text = readFileSync(path, 'utf8');
    const seen: (readonly [Case, Outcome])[] = [];
    describe(name, () => {
      const folder = () => join(home, name);
      beforeAll(() => cpSync(join(FOLDER, 'files'), folder(), { recursive: true }));
      for (const known of readCases(text)) {
        test(`${known.title}: ${known.command.split('\n')[0]}`, async () => {
          const outcome = await shell(known.command, folder());
          expect(tooWide({ ...outcome, command: known.command })).toEqual([]);
          if (!UPDATE) expect(essence(outcome)).toEqual(essence(known));
          else if (!isDeepStrictEqual(essence(outcome), essence(known))) {
            seen.push([known, outcome]);
          }
        });
      }
      afterAll(() => {
        if (UPDATE) writeFileSync(path, withOutcomes(text, seen));
      });
    });
  }
});
