/** The letters there are. `Order` carries the message; each confirmation confirms one letter. */
export const LETTERS = ['Order', ...Array.from({ length: 9 }, (_, i) => `Confirm${i + 1}`)];
export type Letter = number;

/** What a party does; `letter` is a place in LETTERS. */
export type Act =
  | { readonly is: 'send'; readonly letter: Letter }
  /** Hands the message to the application. Only the receiver can. */
  | { readonly is: 'apply' }
  /** Concludes what became of the message. Only the sender can, and once. */
  | { readonly is: 'ok' | 'failed' | 'unknown' };

/** One line of a protocol: when this, do that, at most so many times for each message. */
export interface Rule {
  readonly when: 'start' | 'silence' | Letter;
  readonly times: number;
  readonly acts: readonly Act[];
}

/** What is wrong with a rule, and which part of it: "2.do". */
export interface Slip {
  readonly at: string;
  readonly says: string;
  readonly hint: string;
}

export type Side = 'producer' | 'consumer';

/** Rules of one side: more than that nobody reads. */
export const MOST_RULES = 10;
const MOST_TIMES = 100;
const MOST_ACTS = 5;

/** The rules of one side, from JSON; those with a slip are left out. */
export function readRules(json: string, side: Side): { rules: Rule[]; slips: Slip[] } {
  const written: unknown = JSON.parse(json);
  const rules: Rule[] = [];
  const slips: Slip[] = [];
  if (!Array.isArray(written)) {
    const hint = 'write `- { when: Order, do: [apply, send Confirm1] }`';
    return { rules, slips: [{ at: '', says: 'rules are a list', hint }] };
  }
  written.forEach((one: unknown, i) => {
    const before = slips.length;
    const complain = (part: string, says: string, hint: string): void => {
      slips.push({ at: part === '' ? String(i) : `${i}.${part}`, says, hint });
    };
    const rule = readRule(one, side, complain);
    if (slips.length === before) rules.push(rule);
  });
  return { rules, slips };
}

type Complain = (part: string, says: string, hint: string) => void;

const PARTS = ['when', 'do', 'times'];

function readRule(one: unknown, side: Side, complain: Complain): Rule {
  const none: Rule = { when: 'silence', times: 0, acts: [] };
  if (typeof one !== 'object' || one === null || Array.isArray(one)) {
    complain('', 'a rule says when it applies and what it does', 'write { when: ..., do: ... }');
    return none;
  }
  const parts = one as Readonly<Record<string, unknown>>;
  for (const part of Object.keys(parts)) {
    if (PARTS.includes(part)) continue;
    complain(part, `a rule has no "${part}"`, `it has ${PARTS.join(', ')}`);
  }
  const when = readWhen(parts.when, side, complain);
  const acts = readActs(parts.do, side, complain);
  // What answers nothing but time would go on for ever.
  const usual = typeof when === 'number' ? MOST_TIMES : 1;
  return { when, times: readTimes(parts.times, usual, complain), acts };
}

function readWhen(word: unknown, side: Side, complain: Complain): Rule['when'] {
  if (word === 'silence' || (word === 'start' && side === 'producer')) return word;
  const letter = LETTERS.indexOf(String(word));
  if (letter >= 0) return letter;
  const start = side === 'producer' ? 'start, ' : '';
  const says =
    word === 'start' ? 'only the sender starts' : `a rule cannot wait for "${spelled(word)}"`;
  complain('when', says, `${start}silence, or a letter: Order, Confirm1 .. Confirm9`);
  return 'silence';
}

function readActs(written: unknown, side: Side, complain: Complain): Act[] {
  if (written === undefined || written === null) {
    complain('', 'a rule does something', 'write do: send Order, or do: [] for nothing');
    return [];
  }
  const words = Array.isArray(written) ? (written as unknown[]) : [written];
  if (words.length > MOST_ACTS) {
    complain('do', `a rule does ${words.length} things`, `${MOST_ACTS} at most`);
  }
  return words.flatMap((word) => {
    const act = actOf(String(word), side);
    if (act !== undefined) return [act];
    const own = side === 'producer' ? 'ok, failed or unknown' : 'apply';
    const who = side === 'producer' ? 'the sender' : 'the receiver';
    complain('do', `${who} cannot do "${spelled(word)}"`, `write send Confirm1, or ${own}`);
    return [];
  });
}

function actOf(word: string, side: Side): Act | undefined {
  if (word.startsWith('send ')) {
    const letter = LETTERS.indexOf(word.slice(5).trim());
    return letter < 0 ? undefined : { is: 'send', letter };
  }
  if (side === 'consumer') return word === 'apply' ? { is: 'apply' } : undefined;
  return word === 'ok' || word === 'failed' || word === 'unknown' ? { is: word } : undefined;
}

function readTimes(written: unknown, usual: number, complain: Complain): number {
  if (written === undefined) return usual;
  const fine = Number.isInteger(written) && Number(written) >= 1 && Number(written) <= MOST_TIMES;
  if (fine) return Number(written);
  complain('times', `"times" cannot be ${spelled(written)}`, `a number from 1 to ${MOST_TIMES}`);
  return usual;
}

/** A value of JSON in a few characters. */
function spelled(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 30 ? `${text.slice(0, 27)}...` : text;
}
