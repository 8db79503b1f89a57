import { pairLines, type PairView } from '../../../reports/pair.ts';
import { assert } from '../../../sim/kernel/assert.ts';
import type { Lesson } from '../lesson.ts';
import { load, pairOf } from '../runs.ts';

/** The same silence, met by a producer that tries again and by one that does not. */
interface Silence {
  readonly again: PairView;
  readonly stops: PairView;
}

/** Kafka with acks=all; `retries` is the setting that is a bet. */
const text = (retries: number) => `scenario: A producer that hears nothing
system: kafka
cluster: { brokers: 3 }
topics:
  orders: { partitions: 1, replication.factor: 3, config: { min.insync.replicas: 2 } }
producers:
  checkout:
    to: orders
    send: { count: 1 }
    config: { acks: all, retries: ${retries}, enable.idempotence: false, request.timeout.ms: 1000, delivery.timeout.ms: 10000 }
consumers: { fulfilment: { from: orders, config: { enable.auto.commit: false } } }
`;

function silence(retries: number): PairView {
  const pair = pairOf(load(text(retries)), 'checkout', ['ProduceRequest', 'ProduceResponse']);
  assert(pair !== undefined, 'a producer that hears nothing cannot tell why');
  return pair;
}

const both = (m: Silence, test: (view: PairView) => boolean) => test(m.again) && test(m.stops);

export const silenceLesson: Lesson<Silence> = {
  name: 'silence',
  title: 'Silence: was the request lost, or its acknowledgement?',
  story: [
    {
      says: 'A Kafka producer sends an order, with acks=all. No answer comes; the request times out.',
      holds: ({ again }) => again.seen.some(({ says }) => says.includes('REQUEST_TIMED_OUT')),
    },
    {
      says: 'In one run the request was lost on its way, in another the answer on its way back.',
      holds: (m) =>
        both(m, ({ runs: [first, second] }) =>
          [first.placed.join(), second.placed.join()].every((placed, i) =>
            placed.includes(i === 0 ? 'ProduceRequest' : 'ProduceResponse'),
          ),
        ),
    },
  ],
  question: 'You are the producer. Which of the two runs are you in?',
  choices: [
    'the request was lost: nothing was stored',
    'the answer was lost: the order is stored',
    'nothing that a producer sees tells which',
  ],
  answer: ({ again: { entries, runs } }) =>
    entries > 0 && runs[0].truth !== runs[1].truth ? 2 : runs[0].truth === 'stored' ? 1 : 0,
  measure: () => ({ again: silence(5), stops: silence(0) }),
  picture: ({ again, stops }) => [
    ...pairLines('checkout', again).slice(0, -1),
    '',
    '  With retries=0 it stops instead, in both.',
    `  comes to  ${stops.runs[0].came.padEnd(35)}${stops.runs[1].came}`,
  ],
  claims: [
    {
      says: ({ again }) =>
        `All ${again.entries} entries of its history are equal, one by one, and in one run the ` +
        'order is stored, in the other it is not.',
      holds: ({ again: { entries, runs } }) =>
        entries > 0 && runs[0].truth === 'not stored' && runs[1].truth === 'stored',
    },
    {
      says: 'If it sends again, the order is stored twice in the run in which it was there.',
      holds: ({ again }) =>
        again.does === 'sends it again' && again.runs[1].came.includes('1 stored twice'),
    },
    {
      says: 'And in the run in which it was lost, sending again puts it right.',
      holds: ({ again }) => again.runs[0].came === 'nothing wrong',
    },
    {
      says: 'If it stops, it can only say that it does not know; in one of the two runs nothing is stored.',
      holds: ({ stops }) =>
        stops.runs[0].truth === 'not stored' && both(noRetry(stops), (v) => unknown(v)),
    },
  ],
  teacher: [
    {
      says: 'Have half of the class be in run 1 and half in run 2, and ask each what they see: it is the same.',
      holds: (m) => both(m, ({ entries }) => entries > 0),
    },
    {
      says: 'Who says "the request was lost" has retries in mind: it is the guess that retrying makes.',
      holds: ({ again }) =>
        again.runs[0].needs === 'send it again' && again.does === 'sends it again',
    },
    {
      says: 'Who says "the answer was lost" would have to leave it, and be wrong in run 1.',
      holds: ({ again }) =>
        again.runs[1].needs === 'leave it' && again.runs[0].needs !== 'leave it',
    },
  ],
  next: "lost-ack explore scenarios/kafka/lost-ack-retried.yaml --set 'faults=[]' --indistinguishable checkout",
};

const noRetry = (stops: PairView): Silence => ({ again: stops, stops });
const unknown = ({ runs }: PairView) => runs.every(({ came }) => came.includes('unknown'));
