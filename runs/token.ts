import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { deflateSync } from 'fflate';
import { parseLabel } from '../sim/kernel/choices.ts';
import { VOCABULARY } from './vocabulary.ts';

/** A run in one word: whoever has it can run the same again, without any file. */
export interface Ticket {
  readonly engine: string;
  /** The whole text of the scenario, and the base name of its file. */
  readonly text: string;
  readonly file: string;
  readonly seed: string;
  readonly set: readonly { readonly path: string; readonly value: string }[];
  readonly variant: string;
  readonly overrides: readonly (readonly [label: string, outcome: number])[];
  /** Handlers and services of a test that took part: they are not in it. */
  readonly own?: readonly string[];
  /** What the run came to; "" when it was not finished. */
  readonly digest: string;
  /** Where its digest stood on the way (sim/history/milestones.ts); "" when that was not kept. */
  readonly path: string;
}

/** A token may unpack to a scenario of 1 MiB and what goes with it, not to a disk full of zeros. */
const UNPACKED_LIMIT = 2 * 1_048_576;
const PACKED_LIMIT = 3 * 1_048_576;
/** What chat windows, mail and command lines take without cutting. */
export const HANDY = 2048;

/**
 * `la1.<base64url(deflate(json))>.<check>`. Packed by fflate, not by node:zlib, whose output
 * depends on the processor: a token is part of `--json`, and that is the same on every machine.
 */
export function writeToken(ticket: Ticket): string {
  const { engine, text, file, seed, set, variant, overrides, own = [], digest, path } = ticket;
  const json = JSON.stringify({
    v: 1,
    engine,
    scenario: text,
    file,
    seed,
    set: set.map(({ path, value }) => [path, value]),
    variant,
    overrides,
    ...(own.length === 0 ? {} : { own }),
    digest,
    path,
  });
  const packed = deflateSync(Buffer.from(json), { level: 9, mem: 8, dictionary: VOCABULARY });
  const body = Buffer.from(packed).toString('base64url');
  return `la1.${body}.${check(body)}`;
}

const check = (body: string) => createHash('sha256').update(body).digest('hex').slice(0, 8);

export type Reading =
  | { readonly is: 'ticket'; readonly ticket: Ticket }
  | { readonly is: 'unreadable'; readonly says: string; readonly hint: string };

const unreadable = (says: string, hint: string): Reading => ({ is: 'unreadable', says, hint });
const COPY = 'copy it whole, from "la1." to the eight digits after the second dot';

/**
 * Reads a token that anybody may have written. Line breaks that a mail has put in do not matter.
 */
export function readToken(word: string): Reading {
  if (word.length > PACKED_LIMIT) return unreadable('the token is longer than any of ours', COPY);
  const token = word.replace(/\s+/g, '');
  if (token === '') return unreadable('the token is empty', COPY);
  const version = /^la(\d+)(\.|$)/.exec(token);
  if (version === null) {
    return unreadable(
      'this is no replay token: they start with "la1."',
      `${COPY}; or name a file that holds one`,
    );
  }
  if (version[1] !== '1') {
    return unreadable(
      `the token has version ${version[1].slice(0, 10)}, and this lost-ack reads version 1`,
      'replay it with the lost-ack that wrote it, or a newer one',
    );
  }
  const [, body, sum, ...more] = token.split('.');
  if (body === undefined || sum === undefined || sum.length < 8) {
    return unreadable('this is half a token: its end is missing', COPY);
  }
  if (more.length > 0 || sum.length > 8) {
    return unreadable('something follows the end of the token', COPY);
  }
  if (!/^[A-Za-z0-9_-]*$/.test(body) || check(body) !== sum) {
    return unreadable('the token was changed on its way: its check sum does not fit', COPY);
  }
  return unpack(body);
}

function unpack(body: string): Reading {
  const ours = 'its check sum fits, so it was made this way: not by lost-ack';
  let json: string;
  try {
    const bytes = inflateRawSync(Buffer.from(body, 'base64url'), {
      maxOutputLength: UNPACKED_LIMIT,
      dictionary: VOCABULARY,
    });
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const big = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return unreadable(
      big ? 'the token unpacks to more than 2 MiB' : 'the token does not unpack',
      ours,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return unreadable('the token does not hold what a token holds', ours);
  }
  const ticket = ticketOf(value);
  if (typeof ticket === 'string') return unreadable(`the token does not hold ${ticket}`, ours);
  return { is: 'ticket', ticket };
}

/** The ticket in a value of any shape, or what is missing. */
function ticketOf(value: unknown): Ticket | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a run';
  const given = new Map(Object.entries(value));
  const text = (key: string, most: number, shape = /^/): string | undefined => {
    const found: unknown = given.get(key);
    if (typeof found !== 'string' || found.length > most || !shape.test(found)) return undefined;
    return found;
  };
  const engine = text('engine', 40, /^\d[\w.+-]*$/);
  if (engine === undefined) return 'the version of its engine';
  const scenario = text('scenario', UNPACKED_LIMIT);
  if (scenario === undefined) return 'a scenario';
  const file = text('file', 255, /^[^/\\]*$/);
  if (file === undefined) return 'the name of its file';
  const seed = text('seed', 1000);
  if (seed === undefined) return 'a seed';
  const variant = text('variant', 1000);
  if (variant === undefined) return 'the name of its variant';
  const digest = text('digest', 16, /^([0-9a-f]{16})?$/);
  if (digest === undefined) return 'a digest';
  const path = given.has('path') ? text('path', 200, /^(\d{1,15}:[0-9a-f]*)?$/) : '';
  if (path === undefined) return 'the way of its digest';
  const pairs = pairsOf(given.get('set'), 'string');
  if (pairs === undefined) return 'its settings';
  const overrides = pairsOf(given.get('overrides'), 'number');
  if (overrides === undefined) return 'its choices';
  const own = wordsOf(given.get('own') ?? []);
  if (own === undefined) return 'the names of its handlers';
  const set = (pairs as [string, string][]).map(([path, value]) => ({ path, value }));
  const choices = overrides as [string, number][];
  const sound = choices.every(
    ([label, outcome]) =>
      Number.isSafeInteger(outcome) && outcome >= 0 && parseLabel(label) !== undefined,
  );
  if (!sound) return 'choices that name what they decide';
  const parts = { engine, text: scenario, file, seed, set, variant, overrides: choices };
  return { ...parts, ...(own.length === 0 ? {} : { own }), digest, path };
}

function wordsOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length > 1000) return undefined;
  const sound = value.every((word: unknown) => typeof word === 'string' && word.length <= 1000);
  return sound ? (value as string[]) : undefined;
}

function pairsOf(value: unknown, second: 'string' | 'number'): [string, unknown][] | undefined {
  if (!Array.isArray(value) || value.length > 100_000) return undefined;
  const sound = value.every(
    (pair: unknown) =>
      Array.isArray(pair) &&
      pair.length === 2 &&
      typeof pair[0] === 'string' &&
      typeof pair[1] === second,
  );
  return sound ? (value as [string, unknown][]) : undefined;
}
