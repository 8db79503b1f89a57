import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arguments } from '../../../models/rabbitmq/protocol.ts';
import { Exchange } from '../../../models/rabbitmq/routing/exchange.ts';
import { matchesHeaders } from '../../../models/rabbitmq/routing/headers.ts';
import { matchesTopic } from '../../../models/rabbitmq/routing/topic.ts';

const table = (entries: Record<string, string | number | boolean | null>): Arguments =>
  new Map(Object.entries(entries));

describe('topic exchanges', () => {
  test.each([
    ['a.*', ['a.b', 'a.'], ['a', 'a.b.c', '']],
    ['a.#', ['a', 'a.b', 'a.b.c'], ['b', 'b.a']],
    ['#.b', ['b', 'a.b', 'a.c.b'], ['a', 'b.a']],
    ['a.#.c', ['a.c', 'a.b.c', 'a.b.b.c'], ['a', 'c', 'a.c.b']],
    ['#', ['', 'a', 'a.b'], []],
    ['#.#', ['', 'a', 'a.b.c'], []],
    ['*', ['a', 'x'], ['', 'a.b']],
    ['*.#', ['a', 'a.b'], ['']],
    ['a.b', ['a.b'], ['a.b.c', 'a', 'A.b']],
  ])('%s matches %j and not %j', (pattern, yes, no) => {
    for (const key of yes) expect(`${key} ${matchesTopic(pattern, key)}`).toBe(`${key} true`);
    for (const key of no) expect(`${key} ${matchesTopic(pattern, key)}`).toBe(`${key} false`);
  });

  /** The definition, word for word: slow and plain. */
  function byDefinition(pattern: readonly string[], words: readonly string[]): boolean {
    const [part, ...rest] = pattern;
    if (part === undefined) return words.length === 0;
    if (part === '#') {
      return words.some((_, i) => byDefinition(rest, words.slice(i))) || byDefinition(rest, []);
    }
    if (words.length === 0 || (part !== '*' && part !== words[0])) return false;
    return byDefinition(rest, words.slice(1));
  }

  test('match as the definition says', () => {
    const word = fc.constantFrom('a', 'b');
    const part = fc.constantFrom('a', 'b', '*', '#');
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.array(word, { minLength: 1, maxLength: 6 }),
        (pattern, words) => {
          const expected = byDefinition(pattern, words);
          expect(matchesTopic(pattern.join('.'), words.join('.'))).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a pattern of many # does not run away', () => {
    const pattern = Array.from({ length: 60 }, () => '#.a').join('.');
    const words = Array.from({ length: 200 }, () => 'a').join('.');
    expect(matchesTopic(`${pattern}.b`, words)).toBe(false);
  });
});

describe('headers exchanges', () => {
  const headers = table({ tenant: 7, kind: 'order', 'x-trace': 'on' });

  test.each([
    ['all match', { tenant: 7, kind: 'order' }, true],
    ['one differs', { tenant: 7, kind: 'refund' }, false],
    ['a value of another type differs', { tenant: '7' }, false],
    ['no value asks for the header', { kind: null }, true],
    ['and misses one that is not there', { region: null }, false],
    ['nothing asked, all given', {}, true],
    ['any of them', { 'x-match': 'any', tenant: 8, kind: 'order' }, true],
    ['none of any', { 'x-match': 'any', tenant: 8 }, false],
    ['any of nothing', { 'x-match': 'any' }, false],
    ['arguments with x- are passed over', { 'x-trace': 'off', tenant: 7 }, true],
    ['unless asked for', { 'x-match': 'all-with-x', 'x-trace': 'off', tenant: 7 }, false],
    ['any with x', { 'x-match': 'any-with-x', 'x-trace': 'on' }, true],
  ])('%s', (_, binding, expected) => {
    expect(matchesHeaders(table(binding), headers)).toBe(expected);
  });
});

describe('exchanges', () => {
  const to = (destination: string, routingKey: string) => {
    return { toQueue: true, destination, routingKey, args: table({}) };
  };

  test('bind once however often they are told to, and forget what is gone', () => {
    const exchange = new Exchange('events', 'direct', true, false, table({}));
    exchange.bind(to('orders', 'order'));
    exchange.bind(to('orders', 'order'));
    expect(exchange.match('order', table({}))).toHaveLength(1);
    exchange.forget('orders', false);
    expect(exchange.match('order', table({}))).toHaveLength(1);
    exchange.forget('orders', true);
    expect(exchange.match('order', table({}))).toHaveLength(0);
  });

  test('a delayed one routes as its type says', () => {
    const type = 'x-delayed-message';
    const exchange = new Exchange(
      'later',
      type,
      true,
      false,
      table({ 'x-delayed-type': 'fanout' }),
    );
    exchange.bind(to('orders', 'order'));
    expect(exchange.match('whatever', table({}))).toHaveLength(1);
    expect(exchange.isDelayed).toBe(true);
  });
});
