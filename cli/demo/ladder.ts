import type { PairView } from '../../reports/pair.ts';
import { watch } from '../../scenarios/watch.ts';
import { load, pairOf, run, SEED, tryAll } from './runs.ts';

/** A protocol of n confirmations, and what became of it. */
export interface Rung {
  readonly confirmations: number;
  readonly letters: number;
  readonly lastLetter: string;
  /** Placements of at most one loss, the run without one included. */
  readonly placements: number;
  /** Letters whose loss makes one attack without the other. */
  readonly broken: readonly string[];
  /** Who attacks when the last letter is lost. */
  readonly alone: string;
  /** Who cannot tell that run from the one without a loss. */
  readonly blind: string;
  /** Those two runs, side by side; undefined: there are none such. */
  readonly pair: PairView | undefined;
  /** Runs from the one in which all letters arrive down to that in which none does. */
  readonly chain: readonly Link[];
}

/** One run of the chain. */
export interface Link {
  /** So many letters arrive; the next one is lost. */
  readonly arrive: number;
  readonly letters: number;
  readonly annAttacks: boolean;
  readonly bobAttacks: boolean;
  /** Letters that Bob was handed. */
  readonly bobHeard: number;
  /** Who has the same history in the next run; "-" for the last one. */
  readonly sameTo: string;
}

const nameOf = (letter: number) => (letter === 0 ? 'Order' : `Confirm${letter}`);
/** Even letters are Ann's. */
const senderOf = (letter: number) => (letter % 2 === 0 ? 'ann' : 'bob');

/** What one of them does on hearing a letter: answer it, and attack when no more is to come. */
function ruleFor(heard: number, last: number, attack: string): string {
  const answer = heard < last ? [`send ${nameOf(heard + 1)}`] : [];
  const acts = heard + 1 >= last ? [...answer, attack] : answer;
  return `{ when: ${nameOf(heard)}, do: [${acts.join(', ')}] }`;
}

/** The protocol as a scenario; `lost`: a letter that is lost, -1 for none. */
export function ladderText(confirmations: number, lost = -1): string {
  const heard = Array.from({ length: confirmations + 1 }, (_, letter) => letter);
  const start = `{ when: start, do: [send Order${confirmations === 0 ? ', ok' : ''}] }`;
  const ann = heard
    .filter((letter) => senderOf(letter) === 'bob')
    .map((letter) => ruleFor(letter, confirmations, 'ok'));
  const bob = heard
    .filter((letter) => senderOf(letter) === 'ann')
    .map((letter) => ruleFor(letter, confirmations, 'apply'));
  return `scenario: Two generals and ${confirmations} confirmations
system: letters
links: { road: {} }
producers:
  ann:
    to: road
    send: { count: 1 }
    config:
      rules: [${[start, ...ann, '{ when: silence, do: failed }'].join(', ')}]
consumers: { bob: { from: road, config: { rules: [${bob.join(', ')}] } } }
faults: ${lost < 0 ? '[]' : `[{ lose: ${nameOf(lost)}, nth: 1 }]`}
expect: { loss: 0, phantom: 0 }
`;
}

/** Loses each letter in turn, and follows the chain down. */
export function climb(confirmations: number): Rung {
  const scenario = load(ladderText(confirmations));
  const letters = confirmations + 1;
  const lastLetter = nameOf(confirmations);
  const broken: string[] = [];
  const { tried } = tryAll(scenario, 1, { kinds: ['lose'] }, ({ violated, placed }) => {
    // "lose ann>bob Order road/0 #1": the third word is the letter.
    if (violated.length > 0) broken.push(...placed.map((label) => label.split(' ')[2]));
    return false;
  });
  const blind = senderOf(confirmations);
  const chain = Array.from({ length: letters + 1 }, (_, i) => linkOf(confirmations, letters - i));
  const { annAttacks, bobAttacks } = chain[1];
  const alone = annAttacks === bobAttacks ? '-' : annAttacks ? 'ann' : 'bob';
  return {
    confirmations,
    letters,
    lastLetter,
    placements: tried,
    broken,
    alone,
    blind,
    pair: pairOf(scenario, blind, []),
    chain,
  };
}

function linkOf(confirmations: number, arrive: number): Link {
  const letters = confirmations + 1;
  const lost = (arriving: number) => (arriving === letters ? -1 : arriving);
  const text = ladderText(confirmations, lost(arrive));
  const record = run(text);
  const bob = watch(load(text), 'bob', { seed: SEED }, true).witness.view;
  const below = arrive === 0 ? '' : ladderText(confirmations, lost(arrive - 1));
  const same = ['ann', 'bob'].filter((who) => below !== '' && isSame(text, below, who));
  return {
    arrive,
    letters,
    annAttacks: record.producers.ann.ok === 1,
    bobAttacks: record.subscriptions.bob.effects === 1,
    bobHeard: (bob.log ?? []).filter((entry) => entry.includes(' hears ')).length,
    sameTo: same[0] ?? '-',
  };
}

/** Has `who` the same history in both, entry by entry, up to the last thing heard or done? */
function isSame(text: string, other: string, who: string): boolean {
  const [a, b] = [text, other].map((one) => {
    const { view } = watch(load(one), who, { seed: SEED }, true).witness;
    return (view.log ?? []).slice(0, view.told.size).join('\n');
  });
  return a === b;
}

/** "3 of 3", "2 of 3: Confirm2 is lost". */
export function placedIn({ arrive, letters }: Link): string {
  const of = `${arrive} of ${letters}`;
  return arrive === letters ? of : `${of}: ${nameOf(arrive)} is lost`;
}
