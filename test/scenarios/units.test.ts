import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DURATION,
  LONGEST,
  readBandwidth,
  readChance,
  readDuration,
  readRate,
  readSize,
  readThousandths,
  SIZE,
  spellChance,
  spellDuration,
  spellSize,
} from '../../scenarios/units.ts';

const value = (read: ReturnType<typeof readDuration>) => (read.ok ? read.value : read.why);

test('durations are whole microseconds, read digit by digit', () => {
  const cases: [string, number | string][] = [
    ['5ms', 5_000],
    ['0.5ms', 500],
    ['0.1s', 100_000], // 0.1 * 1e6 as floats happens to agree; 0.07 * 1e6 does not.
    ['0.07s', 70_000],
    ['1.005s', 1_005_000],
    ['1 min', 60_000_000],
    ['2m', 120_000_000],
    ['1.5h', 5_400_000_000],
    ['1d', 86_400_000_000],
    ['7us', 7],
    ['0', 0],
    ['0.0ms', 0],
    ['3650d', LONGEST],
    ['3651d', 'large'],
    ['0.5us', 'fine'],
    ['0.0001ms', 'fine'],
    ['5', 'unit'],
    ['5 parsecs', 'unit'],
    ['5MS', 'unit'],
    ['-5ms', 'form'],
    ['ms', 'form'],
    ['', 'form'],
    ['1e3ms', 'form'],
    ['1,5s', 'form'],
    ['99999999999999999999s', 'form'],
  ];
  for (const [text, wanted] of cases)
    expect([text, value(readDuration(text))]).toEqual([text, wanted]);
  expect(value(readDuration('-5ms', true))).toBe(-5_000);
});

test('every duration survives being spelled and read, and is spelled as the format allows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LONGEST }), (time) => {
      expect(value(readDuration(spellDuration(time)))).toBe(time);
      expect(spellDuration(time)).toMatch(DURATION);
    }),
  );
});

test('every size survives being spelled and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (bytes) => {
      expect(value(readSize(spellSize(bytes)))).toBe(bytes);
      expect(spellSize(bytes)).toMatch(SIZE);
    }),
  );
});

test('every chance survives being spelled and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (ppm) => {
      expect(value(readChance(spellChance(ppm)))).toBe(ppm);
    }),
  );
});

test('a kilobyte is 1000 bytes and a kibibyte 1024', () => {
  expect(value(readSize('1KB'))).toBe(1_000);
  expect(value(readSize('1KiB'))).toBe(1_024);
  expect(value(readSize('1.5MiB'))).toBe(1_572_864);
  expect(value(readSize('1.5B'))).toBe('fine');
  expect(value(readBandwidth('100MB/s'))).toBe(100_000_000);
  expect(value(readBandwidth('100MB'))).toBe('form');
});

test('a chance is a percentage or parts per million, never a bare number', () => {
  expect(value(readChance('1%'))).toBe(10_000);
  expect(value(readChance('0.01%'))).toBe(100);
  expect(value(readChance('200ppm'))).toBe(200);
  expect(value(readChance('0.00001%'))).toBe('fine');
  expect(value(readChance('101%'))).toBe('large');
  expect(value(readChance('0.01'))).toBe('form');
});

test('a rate is the gap between two, in whole microseconds', () => {
  expect(value(readRate('100/s'))).toBe(10_000);
  expect(value(readRate('3/s'))).toBe(333_333);
  expect(value(readRate('0.5/s'))).toBe(2_000_000);
  expect(value(readRate('6/min'))).toBe(10_000_000);
  expect(value(readRate('0/s'))).toBe('form');
  expect(value(readRate('1000001/s'))).toBe('fine');
});

test('a factor has three decimals at most', () => {
  expect(readThousandths('20')).toBe(20_000);
  expect(readThousandths('1.5')).toBe(1_500);
  expect(readThousandths('1.0005')).toBe(undefined);
  expect(readThousandths('x')).toBe(undefined);
});

test('reading never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const read of [readDuration, readSize, readChance, readRate, readBandwidth]) read(text);
    }),
  );
});
