import { createHash } from 'node:crypto';
import { deflateSync } from 'fflate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readToken, writeToken, type Ticket } from '../../runs/token.ts';
import { VOCABULARY } from '../../runs/vocabulary.ts';

const ticket: Ticket = {
  engine: '0.1.0',
  text: 'scenario: A lost acknowledgement, retried\nsystem: kafka\n',
  file: 'lost-ack.yaml',
  seed: '42',
  set: [{ path: 'producers.checkout.config.acks', value: 'all' }],
  variant: '',
  overrides: [['lose checkout>broker-1 ProduceRequest orders-0/17 #2', 1]],
  digest: '0123456789abcdef',
  path: '16:012345',
};

const says = (word: string) => {
  const reading = readToken(word);
  return reading.is === 'unreadable' ? reading.says : 'a ticket';
};

/** A token as a stranger could make it: well packed, with a fitting check sum, of anything. */
function forged(content: string | Uint8Array): string {
  const packed = deflateSync(Buffer.from(content as string), { dictionary: VOCABULARY });
  const body = Buffer.from(packed).toString('base64url');
  return `la1.${body}.${createHash('sha256').update(body).digest('hex').slice(0, 8)}`;
}

const with_ = (part: Record<string, unknown>) =>
  forged(
    JSON.stringify({
      v: 1,
      engine: '0.1.0',
      scenario: 'x',
      file: 'x.yaml',
      seed: '1',
      set: [],
      variant: '',
      overrides: [],
      digest: '',
      path: '16:012345',
      ...part,
    }),
  );

test('what is written is what is read', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, fc.array(fc.tuple(text, text)), (scenario, seed, pairs) => {
      const set = pairs.map(([path, value]) => ({ path, value }));
      const given = { ...ticket, text: scenario, seed, set };
      expect(readToken(writeToken(given))).toEqual({ is: 'ticket', ticket: given });
    }),
  );
});

test('names of handlers are in it when there are any', () => {
  const given = { ...ticket, own: ['billing', 'relay'] };
  expect(readToken(writeToken(given))).toEqual({ is: 'ticket', ticket: given });
  expect(readToken(writeToken({ ...ticket, own: [] }))).toEqual({ is: 'ticket', ticket });
  expect(says(with_({ own: [7] }))).toBe('the token does not hold the names of its handlers');
});

test('these very bytes: a token is the same on every machine, and one of today can be read tomorrow', () => {
  expect(writeToken(ticket)).toMatchInlineSnapshot(
    `"la1.I6bsQRQkjuACATmCQYkLlCRBpUIKRhFAioujleDZTA-WxUD1MDAx6oEyBlAhMGcoxeLzWTTInlR4DrWDxTEiUYCzDjQH6BroG5orKAOdYAgyFR4mBoZGxiamZuYWlolJySmpaUBLChJLMoAyhmZWEEmlWgA.f44fe031"`,
  );
});

test('a scenario of two kilobytes fits the 2048 characters that chat windows take', () => {
  const line = (n: number) =>
    `  producer-${n}: { to: orders, send: { count: ${n}00, every: ${n}ms } }\n`;
  const text = Array.from({ length: 40 }, (_, n) => line(n)).join('');
  expect(text.length).toBeGreaterThan(2_000);
  expect(writeToken({ ...ticket, text }).length).toBeLessThan(2_048);
});

test('line breaks and blanks that a mail has put in do not matter', () => {
  const token = writeToken(ticket);
  const broken = ` ${token.slice(0, 50)}\r\n  ${token.slice(50)}\n`;
  expect(readToken(broken)).toEqual({ is: 'ticket', ticket });
});

test('each way of being broken is told apart', () => {
  const token = writeToken(ticket);
  expect(says('')).toBe('the token is empty');
  expect(says('hello')).toBe('this is no replay token: they start with "la1."');
  expect(says('la1')).toContain('half a token');
  expect(says(token.slice(0, 60))).toContain('half a token');
  expect(says(token.slice(0, -1))).toContain('half a token');
  expect(says(`${token}x`)).toContain('something follows');
  expect(says(`${token}.more`)).toContain('something follows');
  expect(says(token.replace('la1.', 'la2.'))).toContain('has version 2');
  const at = token.length - 20;
  const other = token[at] === 'A' ? 'B' : 'A';
  expect(says(token.slice(0, at) + other + token.slice(at + 1))).toContain(
    'check sum does not fit',
  );
});

test('a token that unpacks to gigabytes is put away at 2 MiB', () => {
  expect(says(forged(new Uint8Array(50_000_000)))).toBe('the token unpacks to more than 2 MiB');
});

test('hostile content is named, never believed', () => {
  expect(says(forged('not json'))).toContain('does not hold what a token holds');
  expect(says(forged('['.repeat(1_000_000)))).toContain('does not hold what a token holds');
  expect(says(forged('null'))).toBe('the token does not hold a run');
  expect(says(forged('[]'))).toBe('the token does not hold a run');
  expect(says(with_({ engine: 1 }))).toContain('version of its engine');
  expect(says(with_({ engine: '\x1b[2J' }))).toContain('version of its engine');
  expect(says(with_({ scenario: {} }))).toContain('a scenario');
  expect(says(with_({ file: '../../etc/passwd' }))).toContain('name of its file');
  expect(says(with_({ digest: 'zz' }))).toContain('a digest');
  expect(says(with_({ set: [['a']] }))).toContain('its settings');
  expect(says(with_({ overrides: [['lose a>b C d/1 #1', '1']] }))).toContain('its choices');
  expect(says(with_({ overrides: [['nonsense', 1]] }))).toContain('choices that name');
  expect(says(with_({ overrides: [['lose a>b C d/1 #1', -1]] }))).toContain('choices that name');
  expect(says(with_({ overrides: [['lose a>b C d/1 #1', 1e99]] }))).toContain('choices that name');
  expect(says(with_({ __proto__: { polluted: true } }))).toBe('a ticket');
});

test('no word at all breaks the reader', () => {
  const any = fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.json());
  fc.assert(
    fc.property(any, any, (a, b) => {
      for (const word of [a, `la1.${a}`, `la1.${a}.${b}`, forged(a), with_({ seed: a, set: b })]) {
        expect(['ticket', 'unreadable']).toContain(readToken(word).is);
      }
    }),
  );
});
