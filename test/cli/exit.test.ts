import { expect, test } from 'vitest';
import { worst } from '../../cli/exit.ts';
import { nameOf, quoted } from '../../cli/named.ts';

test('of several files the worst decides', () => {
  expect(worst([])).toBe(0);
  expect(worst([0, 3, 0])).toBe(3);
  expect(worst([0, 3, 1])).toBe(1);
  expect(worst([1, 2, 3])).toBe(2);
  expect(worst([70, 2, 0])).toBe(70);
});

test('a replay command survives a shell', () => {
  expect(quoted('kafka/lost-ack.yaml')).toBe('kafka/lost-ack.yaml');
  expect(quoted("it's here.yaml")).toBe("'it'\\''s here.yaml'");
  expect(quoted('$(reboot)')).toBe("'$(reboot)'");
  expect(quoted('')).toBe("''");
  expect(quoted("\x1b[2J it's")).toBe("$'\\x1b[2J it\\'s'");
});

test('a file is named from here, without the machine it lies on', () => {
  expect(nameOf(`${process.cwd()}/scenarios/x.yaml`)).toBe('scenarios/x.yaml');
  expect(nameOf('./scenarios//x.yaml')).toBe('scenarios/x.yaml');
  expect(nameOf('-')).toBe('-');
});
