import type { Lesson } from '../lesson.ts';
import { percent, run, table } from '../runs.ts';

/** One position of the dial. */
interface Position {
  readonly retries: number;
  readonly sent: number;
  /** Never carried out. */
  readonly missing: number;
  /** Carried out more than once. */
  readonly twice: number;
}

interface Dial {
  readonly lossPercent: number;
  readonly positions: readonly Position[];
  /** The same with a receiver that remembers what it has done. */
  readonly remembering: Position;
}

const MESSAGES = 1000;
const LOSS = 10;
const MOST = 5;

const text = (retries: number, idempotency: string) => {
  const again = retries === 0 ? '' : `{ when: silence, times: ${retries}, do: send Order }, `;
  return `scenario: Retries against ten percent loss
system: letters
links: { road: {} }
producers:
  ann:
    to: road
    send: { count: ${MESSAGES}, every: 50ms }
    config: { rules: [{ when: start, do: send Order }, ${again}{ when: Confirm1, do: ok }] }
consumers: { bob: { from: road, process: { effect: database, idempotency: ${idempotency} } } }
faults:
  - { lose: Order, chance: ${LOSS}% }
  - { lose: Confirm1, chance: ${LOSS}% }
`;
};

function turn(retries: number, idempotency = 'none'): Position {
  const { subscriptions, producers } = run(text(retries, idempotency));
  const { invoked } = producers.ann;
  const { effects, duplicates } = subscriptions.bob;
  return { retries, sent: invoked, missing: invoked - effects, twice: duplicates.effects };
}

const HEIGHT = 10;
const WIDE = 46;

/** Positions in a plane: missing to the right, twice upwards; the origin is where nobody is. */
function plot(positions: readonly Position[]): string[] {
  const most = (read: (p: Position) => number) => Math.max(1, ...positions.map(read));
  const [right, top] = [most((p) => p.missing), most((p) => p.twice)];
  const rows = Array.from({ length: HEIGHT + 1 }, () => new Array<string>(WIDE + 1).fill(' '));
  for (const { retries, missing, twice } of [...positions].reverse()) {
    const x = Math.round((missing * WIDE) / right);
    const y = Math.round((twice * HEIGHT) / top);
    rows[HEIGHT - y][x] = String(retries);
  }
  if (rows[HEIGHT][0] === ' ') rows[HEIGHT][0] = 'o';
  return [
    `  done twice, up to ${top}`,
    ...rows.map((row) => `  |${row.join('')}`.trimEnd()),
    `  +${'-'.repeat(WIDE)}> never done, up to ${right}`,
    '  each digit is that many retries; o is where everybody would like to be',
  ];
}

export const dial: Lesson<Dial> = {
  name: 'dial',
  title: 'The dial: how many retries?',
  story: [
    {
      says:
        '1000 orders are sent over a link that loses 10 % of all letters, orders and confirmations ' +
        'alike.',
      holds: ({ positions, lossPercent }) =>
        positions.every(({ sent }) => sent === 1000) && lossPercent === 10,
    },
    {
      says: 'Whoever hears no confirmation within a second sends again, as often as the dial says: 0 to 5 times.',
      holds: ({ positions }) => positions.map((p) => p.retries).join() === '0,1,2,3,4,5',
    },
  ],
  question: 'Which position makes every order be carried out exactly once?',
  choices: ['0: nothing is done twice', '1', '5: nothing is lost any more', 'none of them'],
  answer: ({ positions }) => {
    const exact = [0, 1, 5].map((r) => positions.find(({ retries }) => retries === r));
    const found = exact.findIndex((p) => p?.missing === 0 && p.twice === 0);
    return found < 0 ? 3 : found;
  },
  measure: () => ({
    lossPercent: LOSS,
    positions: Array.from({ length: MOST + 1 }, (_, retries) => turn(retries)),
    remembering: turn(MOST, 'message-id'),
  }),
  picture: ({ positions }) => [
    ...plot(positions),
    '',
    ...table(
      ['retries', 'never done', '%', 'done twice', '%'],
      positions.map(({ retries, sent, missing, twice }) => [
        String(retries),
        String(missing),
        percent(missing, sent).toFixed(1),
        String(twice),
        percent(twice, sent).toFixed(1),
      ]),
    ),
  ],
  claims: [
    {
      says: ({ positions: [first] }) =>
        `Without retries nothing is done twice, and ${first.missing} of ${first.sent} orders are never done.`,
      holds: ({ positions: [first] }) =>
        first.retries === 0 && first.twice === 0 && first.missing > 0,
    },
    {
      says: 'Each further retry loses no more orders than the one before, and does no fewer twice.',
      holds: ({ positions }) =>
        positions.every((p, i) => {
          const before = positions[i - 1] as Position | undefined;
          return before === undefined || (p.missing <= before.missing && p.twice >= before.twice);
        }),
    },
    {
      says: 'No position touches the origin: at every one something is lost or done twice.',
      holds: ({ positions }) => positions.every(({ missing, twice }) => missing + twice > 0),
    },
    {
      says: ({ remembering }) =>
        `What does touch it is no position of the dial: with ${remembering.retries} retries and a ` +
        `receiver that remembers every order, ${remembering.missing} are lost and ${remembering.twice} done twice.`,
      holds: ({ remembering }) => remembering.missing === 0 && remembering.twice === 0,
    },
  ],
  teacher: [
    {
      says: ({ positions }) =>
        `Who says 5 is right about loss (${positions[MOST].missing} never done) and has not looked at ` +
        `the other axis: ${positions[MOST].twice} done twice, one for about each confirmation lost.`,
      holds: ({ positions }) =>
        positions[MOST].missing === 0 && positions[MOST].twice > MESSAGES / (LOSS * 2),
    },
    {
      says: 'The dial chooses which error there is, not whether there is one.',
      holds: ({ positions }) =>
        positions[0].missing > positions[MOST].missing &&
        positions[0].twice < positions[MOST].twice,
    },
  ],
  next: 'lost-ack compare scenarios/letters/lost-confirmation.yaml',
};
