import type { Lesson } from '../lesson.ts';
import { run, table } from '../runs.ts';

/** One memory, and a copy that comes a second too early and a second too late for it. */
interface Window {
  readonly remembers: string;
  readonly seconds: number;
  readonly twiceWithin: number;
  readonly twiceAfter: number;
}

interface Windows {
  readonly windows: readonly Window[];
  /** A memory without an end, and a copy a day late. */
  readonly endless: { readonly lateSeconds: number; readonly twice: number };
  /** Orders that the sender itself heard confirmed, in all of these runs. */
  readonly unconfirmed: number;
}

const SIZES: readonly (readonly [string, number])[] = [
  ['1 s', 1],
  ['1 min', 60],
  ['5 min', 300],
  ['1 h', 3600],
  ['24 h', 86_400],
];
const DAY = 86_400;

/** Ann hears nothing for a second and sends again; her first letter is late, and comes at last. */
const text = (idempotency: string, late: number) => `scenario: A late copy
system: letters
links: { road: {} }
producers: { ann: { to: road, send: { count: 1 } } }
consumers: { bob: { from: road, process: { takes: 1ms, effect: database, idempotency: ${idempotency} } } }
network: { latency: 1ms }
faults: [{ delay: Order, by: ${late}s, nth: 1 }]
limits: { until: 100h }
`;

function twice(idempotency: string, late: number): { twice: number; unconfirmed: number } {
  const { subscriptions, producers } = run(text(idempotency, late));
  const { invoked, ok } = producers.ann;
  return { twice: subscriptions.bob.duplicates.effects, unconfirmed: invoked - ok };
}

function measure(): Windows {
  let unconfirmed = 0;
  const count = (idempotency: string, late: number) => {
    const seen = twice(idempotency, late);
    unconfirmed += seen.unconfirmed;
    return seen.twice;
  };
  // The copy that is sent again is carried out after a second; the window counts from there.
  const windows = SIZES.map(([remembers, seconds]) => {
    const window = `{ by: window, window: ${seconds}s }`;
    return {
      remembers,
      seconds,
      twiceWithin: count(window, seconds + 1 - 0.5),
      twiceAfter: count(window, seconds + 1 + 0.5),
    };
  });
  const endless = { lateSeconds: DAY * 2, twice: count('message-id', DAY * 2) };
  return { windows, endless, unconfirmed };
}

export const finiteMemory: Lesson<Windows> = {
  name: 'finite-memory',
  title: 'Finite memory: how long must a receiver remember?',
  story: [
    {
      says: 'Bob remembers each order for a while and does none twice that he remembers.',
      holds: ({ windows }) => windows.every(({ twiceWithin }) => twiceWithin === 0),
    },
    {
      says: "Ann's order is late, so she sends it again. Bob does it. Some time later the first one arrives.",
      holds: ({ unconfirmed, windows }) => unconfirmed === 0 && windows.length > 0,
    },
  ],
  question: 'For how long must Bob remember, so that nothing is ever done twice?',
  choices: [
    '5 minutes, as SQS FIFO queues do',
    '24 hours, as payment services do',
    'for ever, unless somebody promises how late a letter can be',
  ],
  answer: ({ windows }) => {
    const kept = ['5 min', '24 h'].map((size) => windows.find((w) => w.remembers === size));
    const found = kept.findIndex((window) => window?.twiceAfter === 0);
    return found < 0 ? 2 : found;
  },
  measure,
  picture: ({ windows, endless }) =>
    table(
      ['remembers for', 'copy half a second earlier', 'half a second later'],
      [
        ...windows.map((w) => [w.remembers, done(w.twiceWithin), done(w.twiceAfter)]),
        ['ever', '', `${done(endless.twice)} (after ${endless.lateSeconds / 3600} h)`],
      ],
    ),
  claims: [
    {
      says: 'Every window is beaten by one copy that comes just after its end.',
      holds: ({ windows }) =>
        windows.length > 0 && windows.every(({ twiceAfter }) => twiceAfter === 1),
    },
    {
      says: 'And none by a copy that comes just before: the window works, it ends.',
      holds: ({ windows }) => windows.every(({ twiceWithin }) => twiceWithin === 0),
    },
    {
      says: ({ endless }) =>
        `A memory without an end keeps it out after ${endless.lateSeconds / 3600} hours as well.`,
      holds: ({ endless }) => endless.twice === 0 && endless.lateSeconds > DAY,
    },
    {
      says: 'So an effect that happens once needs a memory without bound, or a bound on delay.',
      holds: ({ windows, endless }) =>
        windows.every(({ twiceAfter }) => twiceAfter > 0) && endless.twice === 0,
    },
  ],
  teacher: [
    {
      says: 'A longer window moves the trap, it does not take it away: each has a copy that beats it.',
      holds: ({ windows }) =>
        windows.every((w, i) => w.twiceAfter === 1 && w.seconds > (windows[i - 1]?.seconds ?? 0)),
    },
    {
      says: 'Ask who could promise a bound: a broker that deletes what is older than its retention can.',
      holds: ({ windows }) => windows.every(({ twiceWithin }) => twiceWithin === 0),
    },
  ],
  next: "lost-ack run scenarios/letters/lost-confirmation.yaml --set 'consumers.bob.process.idempotency={ by: window, window: 1s }'",
};

const done = (twice: number) => (twice === 0 ? 'done once' : 'done TWICE');
