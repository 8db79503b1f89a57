import { expect, test } from 'vitest';
import { coloured } from '../../cli/streams.ts';

const terminal = { isTTY: true };
const pipe = { isTTY: false };

test('a terminal is coloured, a pipe is not', () => {
  expect(coloured(terminal, undefined, {})).toBe(true);
  expect(coloured(pipe, undefined, {})).toBe(false);
});

test('NO_COLOR counts when it is not empty, and before FORCE_COLOR', () => {
  expect(coloured(terminal, undefined, { NO_COLOR: '1' })).toBe(false);
  expect(coloured(terminal, undefined, { NO_COLOR: '' })).toBe(true);
  expect(coloured(terminal, undefined, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
});

test('FORCE_COLOR colours a pipe, and 0 takes colour away', () => {
  expect(coloured(pipe, undefined, { FORCE_COLOR: '1' })).toBe(true);
  expect(coloured(terminal, undefined, { FORCE_COLOR: '0' })).toBe(false);
});

test('a dumb terminal is not coloured; a flag decides over everything', () => {
  expect(coloured(terminal, undefined, { TERM: 'dumb' })).toBe(false);
  expect(coloured(pipe, true, { NO_COLOR: '1', TERM: 'dumb' })).toBe(true);
  expect(coloured(terminal, false, { FORCE_COLOR: '1' })).toBe(false);
});
