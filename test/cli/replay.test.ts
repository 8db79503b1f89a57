import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { writeToken, type Ticket } from '../../runs/token.ts';
import { ENGINE } from '../../scenarios/version.ts';

const MAIN = resolve(process.env.LOST_ACK_MAIN ?? 'dist/cli/main.js');

const ticket: Ticket = {
  engine: ENGINE,
  text: readFileSync('test/cli/files/quiet.yaml', 'utf8'),
  file: 'quiet.yaml',
  seed: '1',
  set: [],
  variant: '',
  overrides: [],
  digest: '',
  path: '16:012345',
};

function replay(part: Partial<Ticket>) {
  const token = writeToken({ ...ticket, ...part });
  const args = [MAIN, 'replay', token, '--quiet'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

test('a run that was not finished has no digest to be compared, and is run', () => {
  const { status, stderr } = replay({});
  expect(status).toBe(0);
  expect(stderr).toContain('no digest to compare');
});

test('another digest from the same engine is a bug, and says so', () => {
  const { status, stderr } = replay({ digest: '0000000000000000' });
  expect(status).toBe(4);
  expect(stderr).toContain("the token's is 0000000000000000");
  expect(stderr).toContain('please report it');
});

test('a run that parted says between which steps', () => {
  // The first mark, after 16 events, already differs.
  const { stderr } = replay({
    digest: '0000000000000000',
    path: '16:012345012345012345012345012345012345012345012345',
  });
  expect(stderr).toContain('they parted between event 0 and event');
});

test('another digest from another engine names the engine that would do', () => {
  const { status, stderr } = replay({ engine: '0.0.9', digest: '0000000000000000' });
  expect(status).toBe(4);
  expect(stderr).toContain('npx lost-ack@0.0.9 replay TOKEN');
});

test('a scenario that no longer loads is the fault of the engines only if they differ', () => {
  const text = 'scenario: Old\nsystem: carrier pigeons\n';
  expect(replay({ text }).status).toBe(2);
  const { status, stderr } = replay({ text, engine: '0.0.9' });
  expect(status).toBe(4);
  expect(stderr).toContain("the token's scenario is of engine 0.0.9");
});

test('a variant that the scenario does not have is a mistake', () => {
  const { status, stderr } = replay({ variant: 'upside down' });
  expect(status).toBe(2);
  expect(stderr).toContain('it has no variants');
});

test('a run with code of a test in it is replayed in its test', () => {
  const { status, stderr } = replay({ own: ['billing'] });
  expect(status).toBe(2);
  expect(stderr).toContain('with code of a test in it (billing)');
  expect(stderr).toContain('simulate(token, { handlers })');
});

test('choices are put in the place of what the seed would draw', () => {
  const asked = { overrides: [['lose nobody>nowhere Nothing x/1 #1', 1] as const] };
  expect(replay(asked).stderr).toContain('1 of the choices was never asked for');
});
