import { pairLines, type PairView } from '../../../reports/pair.ts';
import { climb, placedIn, type Rung } from '../ladder.ts';
import type { Lesson } from '../lesson.ts';
import { table } from '../runs.ts';

/** One rung for each number of confirmations, 0 to 8. */
interface Ladder {
  readonly rungs: readonly Rung[];
}

const every = ({ rungs }: Ladder, test: (rung: Rung) => boolean): boolean =>
  rungs.length > 0 && rungs.every(test);

/** The numbers among the choices: what was predicted is what is shown at length. */
const ASKED = [1, 2, 8];
const USUAL = 2;

/** Equal to one of them, entry by entry, and one needs what the other must not do. */
const isPair = (pair: PairView | undefined): boolean =>
  pair !== undefined && pair.entries > 0 && pair.runs[0].needs !== pair.runs[1].needs;

/** One rung: the two runs that nobody can tell apart, and the chain down from them. */
function shown({ confirmations, blind, pair, chain }: Rung): string[] {
  return [
    '',
    `  n = ${confirmations}: the last letter arrives, or it does not`,
    ...(pair === undefined ? [] : pairLines(blind, pair)),
    '',
    `  n = ${confirmations}: one letter less in each line`,
    ...table(
      ['arrive', 'ann', 'bob', 'the next line is the same to'],
      chain.map((link) => [
        placedIn(link),
        link.annAttacks ? 'attacks' : 'does not',
        link.bobAttacks ? 'attacks' : 'does not',
        link.sameTo,
      ]),
    ),
  ];
}

export const twoGenerals: Lesson<Ladder> = {
  name: 'two-generals',
  title: 'Two generals: how many confirmations are enough?',
  story: [
    {
      says:
        'Ann and Bob attack together or not at all. Ann sends an order, Bob confirms it, Ann confirms ' +
        'the confirmation, and so on: n confirmations in all.',
      holds: (m) => every(m, ({ confirmations, letters }) => letters === confirmations + 1),
    },
    {
      says: 'When every letter arrives, both attack.',
      holds: (m) => every(m, ({ chain }) => chain[0].annAttacks && chain[0].bobAttacks),
    },
    {
      says: 'Any one letter may be lost. An explorer loses each of them in turn.',
      holds: (m) => every(m, ({ letters, placements }) => placements === letters + 1),
    },
  ],
  question: 'With how many confirmations do both attack or neither, whichever letter is lost?',
  choices: ['one', 'two: each side has heard of the other', 'eight', 'no number is enough'],
  answer: (m) => {
    const enough = ASKED.map((n) => m.rungs.find((rung) => rung.confirmations === n));
    const found = enough.findIndex((rung) => rung?.broken.length === 0);
    return found < 0 ? 3 : found;
  },
  measure: () => ({ rungs: Array.from({ length: 9 }, (_, n) => climb(n)) }),
  picture: ({ rungs }, guess) => [
    ...table(
      ['n', 'letters', 'tried', 'broken by the loss of', 'who attacks alone', 'cannot tell'],
      rungs.map((rung) => [
        String(rung.confirmations),
        String(rung.letters),
        String(rung.placements),
        rung.broken.join(', '),
        rung.alone,
        rung.blind,
      ]),
    ),
    ...shown(rungs[ASKED[guess] ?? USUAL]),
  ],
  claims: [
    {
      says: 'For every n from 0 to 8 exactly one loss breaks it: that of the last letter.',
      holds: (m) =>
        m.rungs.length === 9 &&
        every(m, ({ broken, lastLetter }) => broken.length === 1 && broken[0] === lastLetter),
    },
    {
      says:
        'Whoever sends the last letter attacks, and its history is the same, entry by entry, ' +
        'whether the letter arrives or not. One of the two runs needs another act than the other.',
      holds: (m) =>
        every(m, ({ alone, blind, pair, chain }) => {
          return alone === blind && chain[0].sameTo === blind && isPair(pair);
        }),
    },
    {
      says:
        'The chain: lose the last letter, then the one before it, down to the order itself. Each ' +
        'run is the same to one of them as the next.',
      holds: (m) =>
        every(
          m,
          ({ chain, letters }) =>
            chain.length === letters + 1 && chain.slice(0, -1).every((link) => link.sameTo !== '-'),
        ),
    },
    {
      says:
        'A protocol that always agrees does in each run what it does in the run above: one side ' +
        'cannot tell them apart, and the other has to agree. All attack in the first, so all ' +
        'attack in the last, where Bob heard nothing. Nobody wants that, and this one does not.',
      holds: (m) =>
        every(m, ({ chain }) => {
          const last = chain.at(-1);
          return last !== undefined && last.bobHeard === 0 && !last.bobAttacks;
        }),
    },
  ],
  teacher: [
    {
      says:
        'Most say two. Let them name the letter whose loss hurts: with two it is the second ' +
        'confirmation, and Ann, who sent it, attacks alone.',
      holds: ({ rungs }) => rungs[2]?.broken.join() === 'Confirm2' && rungs[2].alone === 'ann',
    },
    {
      says: 'More confirmations do not help, they only change who is alone: Ann, Bob, Ann, Bob.',
      holds: (m) =>
        every(m, ({ confirmations, alone }) => alone === (confirmations % 2 === 0 ? 'ann' : 'bob')),
    },
    {
      says: 'The last row matters most: to Bob it is a night on which no order was given.',
      holds: (m) => every(m, ({ chain }) => chain.at(-1)?.bobHeard === 0),
    },
  ],
  next: 'lost-ack explore scenarios/letters/two-generals.yaml --indistinguishable bob',
};
