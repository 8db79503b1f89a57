import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = resolve(process.env.LOST_ACK_MAIN ?? 'dist/cli/main.js');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lost-ack-sweep-'));
  cpSync('test/cli/files', folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string) => join(folder, name);

function lostAck(words: string, options: { NODE_OPTIONS?: string } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words.split(' ')], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...options },
  });
  return { status, stdout, stderr };
}

/** Runs in every thread before the program: `body` has the number of a draw, and `died`, a file. */
const hook = (body: string): string =>
  '--import data:text/javascript,' +
  encodeURIComponent(
    "import{existsSync,writeFileSync}from'node:fs';" +
      "import{isMainThread}from'node:worker_threads';" +
      `const f=Math.imul;let n=0;Math.imul=(a,b)=>{n++;${body};return f(a,b)};`,
  );

describe('sweep', () => {
  test('the bytes are the same whatever the number of threads', () => {
    const words = 'sweep chance.yaml --count 20 --vary producers.checkout.send.count=5,20';
    for (const form of [' --json', ' --stop-after 3']) {
      const one = lostAck(`${words}${form} -j 1`);
      expect(one.status).toBe(1);
      for (const threads of [2, 3]) {
        expect(lostAck(`${words}${form} -j ${threads}`).stdout).toBe(one.stdout);
      }
    }
  });

  test('the first failing seed fails when it is run alone, with the digest it had', () => {
    const { stdout } = lostAck('sweep chance.yaml --count 40 --json');
    const { configurations } = JSON.parse(stdout) as {
      configurations: { firstFailing: { replay: string; token: string } }[];
    };
    const { replay, token } = configurations[0].firstFailing;
    expect(lostAck(replay.replace(/^lost-ack /, '')).status).toBe(1);
    expect(lostAck(`replay ${token} --quiet`).status).toBe(1);
  });

  test('shards merged are the sweep', () => {
    const words = 'sweep chance.yaml --count 16 --vary producers.checkout.send.count=5,20';
    const whole = lostAck(`${words} --json`).stdout;
    for (const nr of [1, 2, 3]) lostAck(`${words} --shard ${nr}/3`);
    const files = [3, 1, 2].map((nr) => `sweep-${nr}-of-3.jsonl`);
    expect(lostAck(`merge ${files.join(' ')} --json`).stdout).toBe(whole);
    const two = lostAck(`merge ${files.slice(1).join(' ')}`);
    expect(two.stderr).toContain('runs are in none of the files');
    expect(two.stdout).toContain('not all shards are here');
  });

  test('killed and resumed: nothing that was finished is run again, and nothing is missing', async () => {
    const words = 'sweep chance.yaml --count 1000 --json -j 2';
    const whole = lostAck(words).stdout;
    const child = spawn(process.execPath, [MAIN, ...`${words} --resume part.jsonl`.split(' ')], {
      cwd: folder,
      stdio: 'ignore',
    });
    const ended = new Promise<void>((done) => child.on('close', () => done()));
    // As soon as some batches are there; whether it gets further before it dies does not matter.
    while (!existsSync(inFolder('part.jsonl')) || statSync(inFolder('part.jsonl')).size < 20_000) {
      await new Promise((turn) => setImmediate(turn));
    }
    child.kill('SIGKILL');
    await ended;
    const kept = readFileSync(inFolder('part.jsonl'), 'utf8');
    const lines = kept.split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(1);
    // A line that was broken off, as a full disk or a power failure leaves it.
    writeFileSync(inFolder('part.jsonl'), `${lines.join('\n')}\n${lines[1].slice(0, 99)}`);
    expect(lostAck(`${words} --resume part.jsonl`).stdout).toBe(whole);
    const after = readFileSync(inFolder('part.jsonl'), 'utf8');
    expect(after.startsWith(lines.join('\n'))).toBe(true);
    const batches = after
      .split('\n')
      .slice(1, -1)
      .map((line) => /^\{"batch":(\d+)/.exec(line)?.[1]);
    expect(new Set(batches).size).toBe(batches.length);
    expect(lostAck('merge part.jsonl --json').stdout).toBe(whole);
  });

  test('a thread that dies is noticed, and its runs are run again', () => {
    const words = 'sweep chance.yaml --count 40 -j 2';
    const whole = lostAck(words).stdout;
    // The first thread that comes to its 30 000th draw dies; the file says that one has.
    const NODE_OPTIONS = hook(
      "if(!isMainThread&&n>30000&&!existsSync('died')){writeFileSync('died','');process.exit(9)}",
    );
    const { stdout, stderr, status } = lostAck(words, { NODE_OPTIONS });
    expect(existsSync(inFolder('died'))).toBe(true);
    expect(stderr).toBe('1 of its threads died; their runs were run again\n');
    expect(stdout).toBe(whole);
    expect(status).toBe(1);
  });

  test('a run that takes every thread with it is reported with seed and token', () => {
    const NODE_OPTIONS = hook('if(!isMainThread&&n>2000)process.exit(9)');
    const { stdout, stderr, status } = lostAck('sweep quiet.yaml --seeds 7 -j 1', { NODE_OPTIONS });
    expect(status).toBe(70);
    expect(stdout).toContain('1 run ended by a bug of ours');
    expect(stderr).toMatch(/ {2}seed {3}7\n {2}token {2}la1\./);
    expect(stderr).toContain('its thread died, twice');
  });

  test('a run that breaks is reported with seed and token, and the others are not lost', () => {
    const NODE_OPTIONS = hook("if(n===40000)throw Error('broke')");
    const words = 'sweep chance.yaml --count 20 -j 1';
    const { stdout, stderr, status } = lostAck(words, { NODE_OPTIONS });
    expect(status).toBe(70);
    expect(stdout).toContain('20 runs');
    expect(stdout).toContain('1 run ended by a bug of ours');
    expect(stderr).toContain('Error: broke');
    expect(stderr).toMatch(/ {2}seed {3}\d+\n {2}token {2}la1\./);
  });

  test('a budget that is used up keeps what is finished', () => {
    const { stdout, status } = lostAck('sweep quiet.yaml --count 10000000 --budget 1s --json');
    const { ended, runs } = JSON.parse(stdout) as {
      ended: string;
      runs: { done: number; passed: number };
    };
    expect(ended).toBe('budget');
    expect(runs.done).toBe(runs.passed);
    expect(status).toBe(runs.done > 0 ? 0 : 3);
  });
});
