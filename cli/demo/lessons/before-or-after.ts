import type { Lesson } from '../lesson.ts';
import { load, table, tryAll } from '../runs.ts';

/** What crashes at every step did to one order of the two lines. */
interface Place {
  readonly acknowledge: string;
  /** Crashes tried: one for each moment of the consumer, and none. */
  readonly crashes: number;
  readonly losing: number;
  readonly doubling: number;
  /** Where, of those that did harm: "delivered". */
  readonly moments: readonly string[];
}

interface Places {
  readonly before: Place;
  readonly after: Place;
  readonly together: Place;
}

const MESSAGES = 3;

const text = (acknowledge: string) => `scenario: A consumer that crashes
system: kafka
cluster: { brokers: 1 }
topics: { orders: { partitions: 1, replication.factor: 1 } }
producers: { checkout: { to: orders, send: { count: ${MESSAGES}, every: 1s } } }
consumers:
  fulfilment:
    from: orders
    config: { enable.auto.commit: false, auto.offset.reset: earliest, session.timeout.ms: 6000 }
    process: { takes: 10ms, acknowledge: ${acknowledge}, effect: database }
`;

function crashEverywhere(acknowledge: string): Place {
  const space = { kinds: ['crash'] as const, nodes: ['fulfilment'] };
  let [losing, doubling] = [0, 0];
  const moments = new Set<string>();
  const { tried } = tryAll(load(text(acknowledge)), 1, space, ({ measured, placed }) => {
    const [lost, twice] = [measured.get('loss'), measured.get('duplicates.effects')];
    if (Number(lost) > 0) losing++;
    if (Number(twice) > 0) doubling++;
    // "strike fulfilment-1 crash delivered/0 #1": the moment is the fourth word.
    if (Number(lost) + Number(twice) > 0) moments.add(placed[0].split(' ')[3].split('/')[0]);
    return false;
  });
  return { acknowledge, crashes: tried - 1, losing, doubling, moments: [...moments] };
}

const all = ({ before, after, together }: Places) => [before, after, together];

export const beforeOrAfter: Lesson<Places> = {
  name: 'before-or-after',
  title: 'Acknowledge before or after?',
  story: [
    {
      says:
        'A consumer takes an order, writes to its database, and commits the offset. The last two ' +
        'are two lines, in one order or the other.',
      holds: ({ before, after }) =>
        before.acknowledge === 'before' && after.acknowledge === 'after',
    },
    {
      says: 'It crashes once, at each moment in turn, and comes back.',
      holds: (m) => all(m).every(({ crashes }) => crashes >= MESSAGES * 2),
    },
  ],
  question: 'Where does the acknowledgement go, so that nothing is lost and nothing done twice?',
  choices: ['before the work', 'after the work', 'neither: both places fail at some crash'],
  answer: ({ before, after }) => {
    const fine = [before, after].findIndex(({ losing, doubling }) => losing + doubling === 0);
    return fine < 0 ? 2 : fine;
  },
  measure: () => ({
    before: crashEverywhere('before'),
    after: crashEverywhere('after'),
    together: crashEverywhere('with-effect'),
  }),
  picture: (m) =>
    table(
      ['acknowledge', 'crashes', 'lose', 'do twice', 'which crashes do harm'],
      all(m).map(({ acknowledge, crashes, losing, doubling, moments }) => [
        acknowledge,
        String(crashes),
        String(losing),
        String(doubling),
        moments.length === 0 ? 'none' : `after ${moments.join(', ')}`,
      ]),
    ),
  claims: [
    {
      says: ({ before }) =>
        `Before the work: ${before.losing} of ${before.crashes} crashes lose an order, none does one twice.`,
      holds: ({ before }) => before.losing > 0 && before.doubling === 0,
    },
    {
      says: ({ after }) =>
        `After the work: none loses one, ${after.doubling} of ${after.crashes} do one twice.`,
      holds: ({ after }) => after.losing === 0 && after.doubling > 0,
    },
    {
      says: 'Moving one line changes loss into repetition. No crash does both, no place does neither.',
      holds: ({ before, after }) =>
        before.losing > 0 && before.doubling === 0 && after.losing === 0 && after.doubling > 0,
    },
    {
      says: ({ together }) =>
        `There is no third place, but there is a way out: one transaction that does both at once. ` +
        `Of ${together.crashes} crashes none does harm.`,
      holds: ({ together }) =>
        together.losing === 0 && together.doubling === 0 && together.crashes > 0,
    },
  ],
  teacher: [
    {
      says: 'Who says "after" thinks of loss alone; who says "before" of repetition alone.',
      holds: ({ before, after }) => after.losing === 0 && before.doubling === 0,
    },
    {
      says: 'The way out ends at the border of the database: ask what it does for an e-mail.',
      holds: ({ together }) => together.acknowledge === 'with-effect' && together.doubling === 0,
    },
  ],
  next:
    'lost-ack verify scenarios/kafka/lost-ack-retried.yaml --set faults=[] --kinds crash ' +
    '--nodes fulfilment --max-faults 1',
};
