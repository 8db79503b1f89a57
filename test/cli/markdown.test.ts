import { expect, test } from 'vitest';
import { essence, readCases, withOutcomes } from './markdown.ts';

const document = [
  '# Doors',
  '',
  '```sh',
  'lost-ack run x.yaml',
  '```',
  '',
  'Exit code: 1',
  '',
  '```stdout',
  'FAIL  x.yaml',
  '```',
  '',
  'Prose.',
  '',
  '## Another',
  '',
  '```sh',
  'true',
  '```',
  '',
].join('\n');

test('a case is a heading, a command and an outcome; what is not stated is nothing', () => {
  const [first, second] = readCases(document);
  expect(first).toMatchObject({ title: 'Doors', exit: 1, stdout: 'FAIL  x.yaml\n', stderr: '' });
  expect(second).toMatchObject({ title: 'Another', command: 'true', exit: 0, stdout: '' });
});

test('an outcome replaces the one that was stated, and nothing else', () => {
  const [first] = readCases(document);
  const changed = withOutcomes(document, [[first, { exit: 0, stdout: 'ok\n', stderr: '' }]]);
  expect(readCases(changed)[0]).toMatchObject({ exit: 0, stdout: 'ok\n' });
  expect(changed).toContain('\nProse.\n');
  expect(
    withOutcomes(
      document,
      readCases(document)
        .slice(0, 1)
        .map((c) => [c, c]),
    ),
  ).toBe(document);
});

test('digests, tokens and times may move; words, counts and verdicts may not', () => {
  const of = (stdout: string) => essence({ exit: 0, stdout, stderr: '' }).stdout;
  expect(of('at 20.4 ms, 1 204 events')).toBe(of('at   3 s, 7 events'));
  expect(of('--digest 0123456789abcdef')).toBe(of('--digest fedcba9876543210'));
  expect(of('la1.AAAA.01234567')).toBe(of('la1.B_-B.89abcdef'));
  expect(of('fired once')).not.toBe(of('fired 2 times'));
  expect(of('lost 0')).not.toBe(of('lost 1'));
});
