import type { Lesson } from '../lesson.ts';
import { ADVERSARY, attack, type Attack, priced, PROTOCOLS } from '../protocols.ts';
import { table } from '../runs.ts';

interface Game {
  readonly faults: number;
  readonly attacks: readonly Attack[];
  /** With r retries: proved against r losses, and beaten by one more? */
  readonly prices: readonly {
    readonly retries: number;
    readonly proved: boolean;
    readonly beatenBy: number;
  }[];
}

const FAULTS = 2;
const LOSE = { ...ADVERSARY, kinds: ['lose'] as const };

function measure(): Game {
  const prices = [0, 1, 2, 3].map((retries) => {
    const protocol = priced(retries);
    const { proved } = attack(protocol, retries, LOSE);
    return { retries, proved, beatenBy: attack(protocol, retries + 1, LOSE).by.length };
  });
  return { faults: FAULTS, attacks: PROTOCOLS.map((p) => attack(p, FAULTS)), prices };
}

const beaten = ({ attacks }: Game, name: string, by: RegExp): boolean => {
  const found = attacks.find((one) => one.name === name);
  return found !== undefined && found.by.length === 1 && by.test(found.by[0]);
};

export const adversary: Lesson<Game> = {
  name: 'adversary',
  title: 'Beat the adversary: write a protocol that holds',
  story: [
    {
      says:
        'A protocol is a few rules: when this is heard, or nothing is, do that. It has to see to it ' +
        'that an order is carried out once, and that Ann hears of it.',
      holds: ({ attacks }) => attacks.every(({ rules }) => rules <= 10),
    },
    {
      says:
        'The adversary may lose or double any letter and crash Bob at any step, twice in all. It ' +
        'tries every way there is.',
      holds: ({ attacks, faults }) =>
        attacks.every(({ by, proved }) => proved !== by.length > 0) && faults === 2,
    },
  ],
  question: 'Ann sends until she hears a confirmation. What must Bob do?',
  choices: [
    'carry it out and confirm',
    'also remember, in memory, what he has done',
    'also write down what he has done together with doing it',
    'nothing helps: exactly once is impossible',
  ],
  answer: ({ attacks }) => {
    const found = attacks.slice(1).findIndex(({ proved }) => proved);
    return found < 0 ? 3 : found;
  },
  measure,
  picture: ({ attacks, prices }) => [
    ...table(
      ['protocol', 'rules', 'tried', 'the adversary'],
      attacks.map(({ name, rules, tried, proved, breaks }) => [
        name,
        String(rules),
        String(tried),
        proved ? 'loses: all placements tried' : `wins: ${breaks}`,
      ]),
    ),
    '',
    ...attacks
      .filter(({ proved }) => !proved)
      .map(({ name, by }) => `  ${name}: broken by ${by.join(' and ')}`),
    '',
    '  The price, against losses alone:',
    ...table(
      ['retries', 'losses it is proved against', 'losses that beat it'],
      prices.map(({ retries, proved, beatenBy }) => [
        String(retries),
        proved ? String(retries) : 'none',
        String(beatenBy),
      ]),
    ),
  ],
  claims: [
    {
      says: '"send once" falls to one lost letter, "send again" to one letter that comes twice.',
      holds: (m) => beaten(m, 'send once', /^lose /) && beaten(m, 'send again', /^duplicate /),
    },
    {
      says: '"bob remembers" falls to one crash: what was in memory is gone, the letter comes again.',
      holds: (m) => beaten(m, 'bob remembers', /^strike bob crash /),
    },
    {
      says: ({ attacks, faults }) =>
        `"on his disk" holds: ${attacks[3].tried} placements of at most ${faults} faults, and none ` +
        'makes it lose an order, do one twice, or leave Ann without an answer.',
      holds: ({ attacks }) => attacks[3].proved && attacks[3].tried > 100,
    },
    {
      says:
        'It has a price: with r retries it is proved against r losses and beaten by r + 1. Each ' +
        'further fault costs one more letter.',
      holds: ({ prices }) =>
        prices.length === 4 &&
        prices.every(({ retries, proved, beatenBy }) => proved && beatenBy === retries + 1),
    },
    {
      says:
        'Exactly once is not delivery: letters still come twice. It is an effect that is recognised ' +
        'when it is asked for again.',
      holds: ({ attacks }) => attacks[1].by.length > 0 && attacks[3].proved,
    },
  ],
  teacher: [
    {
      says: 'Let them write rules first: lost-ack demo adversary FILE attacks a file of theirs.',
      holds: ({ attacks }) => attacks.length > 0,
    },
    {
      says: 'Who says "nothing helps" has learned the two generals, and asks for more than is asked here: Ann may wait.',
      holds: ({ attacks }) => attacks[3].proved,
    },
  ],
  next: 'lost-ack demo adversary scenarios/letters/lost-confirmation.yaml',
};
