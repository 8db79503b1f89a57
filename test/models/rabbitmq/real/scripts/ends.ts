import type { Script, Step } from '../script.ts';

const DEAD: Step = { do: 'declare', queue: 'dead' };
const TO_DEAD = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' };

/** How messages leave a queue otherwise than by being acknowledged. */
export const ENDS: readonly Script[] = [
  {
    name: 'ttl-at-the-head',
    says: 'A message whose time is up leaves only when all before it have left.',
    steps: [
      DEAD,
      { do: 'declare', queue: 'q', arguments: TO_DEAD },
      { do: 'publish', key: 'q', bodies: ['long'], expiration: 2500 },
      { do: 'publish', key: 'q', bodies: ['short'], expiration: 300 },
      { do: 'wait', ms: 900 },
      { do: 'count', queue: 'q' },
      { do: 'consume', on: 'a', queue: 'dead' },
      { do: 'wait', ms: 2000 },
    ],
  },
  {
    name: 'ttl-smaller-wins',
    says: 'Of the time of a queue and that of a message the smaller counts.',
    steps: [
      DEAD,
      { do: 'declare', queue: 'q', arguments: { ...TO_DEAD, 'x-message-ttl': 600 } },
      { do: 'publish', key: 'q', bodies: ['sooner'], expiration: 100 },
      { do: 'publish', key: 'q', bodies: ['later'], expiration: 60_000 },
      { do: 'consume', on: 'a', queue: 'dead' },
      { do: 'wait', ms: 900 },
    ],
  },
  {
    name: 'ttl-unacknowledged',
    says: 'What a consumer holds does not expire; returned late, it does at once.',
    steps: [
      DEAD,
      { do: 'declare', queue: 'q', arguments: { ...TO_DEAD, 'x-message-ttl': 500 } },
      { do: 'publish', key: 'q', bodies: ['1'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'consume', on: 'd', queue: 'dead' },
      { do: 'wait', ms: 800 },
      { do: 'nack', on: 'a', of: '1', requeue: true },
    ],
  },
  {
    name: 'ttl-zero',
    says: 'A time of zero: to a consumer that is ready, or gone.',
    steps: [
      { do: 'declare', queue: 'q', arguments: { 'x-message-ttl': 0 } },
      { do: 'publish', key: 'q', bodies: ['1'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'publish', key: 'q', bodies: ['2'] },
    ],
  },
  {
    name: 'overflow-drop-head',
    says: 'All are confirmed, the oldest are gone.',
    steps: [
      DEAD,
      { do: 'declare', queue: 'q', arguments: { ...TO_DEAD, 'x-max-length': 2 } },
      { do: 'publish', key: 'q', bodies: ['1', '2', '3', '4'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'consume', on: 'd', queue: 'dead' },
    ],
  },
  {
    name: 'overflow-counts-ready-only',
    says: 'What consumers hold does not count, and comes back above the limit.',
    steps: [
      { do: 'declare', queue: 'q', arguments: { 'x-max-length': 2 } },
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'cancel', on: 'a' },
      { do: 'publish', key: 'q', bodies: ['3', '4'] },
      { do: 'nack', on: 'a', of: '2', multiple: true, requeue: true },
      { do: 'consume', on: 'b', queue: 'q' },
    ],
  },
  {
    name: 'overflow-reject-publish',
    says: 'What does not fit is refused.',
    steps: [
      {
        do: 'declare',
        queue: 'q',
        arguments: { 'x-max-length': 2, 'x-overflow': 'reject-publish' },
      },
      { do: 'publish', key: 'q', bodies: ['1', '2', '3', '4'] },
      { do: 'get', on: 'g', queue: 'q', noAck: true },
      { do: 'publish', key: 'q', bodies: ['5', '6'] },
      { do: 'consume', on: 'a', queue: 'q' },
    ],
  },
  {
    name: 'overflow-reject-publish-dlx',
    says: 'What does not fit is refused, and dead-lettered all the same.',
    steps: [
      DEAD,
      {
        do: 'declare',
        queue: 'q',
        arguments: { ...TO_DEAD, 'x-max-length': 1, 'x-overflow': 'reject-publish-dlx' },
      },
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'consume', on: 'd', queue: 'dead' },
    ],
  },
  {
    name: 'overflow-reject-publish-quorum',
    says: 'A quorum queue tells its publishers when it is over its limit, and at 80 % of it.',
    steps: [
      {
        do: 'declare',
        queue: 'q',
        type: 'quorum',
        arguments: { 'x-max-length': 5, 'x-overflow': 'reject-publish' },
      },
      ...each(['1', '2', '3', '4', '5', '6', '7', '8']),
      { do: 'count', queue: 'q' },
      { do: 'get', on: 'g', queue: 'q', noAck: true },
      { do: 'publish', key: 'q', bodies: ['9'] },
      { do: 'get', on: 'g', queue: 'q', noAck: true },
      { do: 'get', on: 'g', queue: 'q', noAck: true },
      { do: 'publish', key: 'q', bodies: ['10'] },
      { do: 'count', queue: 'q' },
    ],
  },
  {
    name: 'overflow-drop-head-quorum',
    says: 'A quorum queue drops its oldest too.',
    steps: [
      DEAD,
      { do: 'declare', queue: 'q', type: 'quorum', arguments: { ...TO_DEAD, 'x-max-length': 2 } },
      ...each(['1', '2', '3']),
      { do: 'consume', on: 'd', queue: 'dead' },
      { do: 'count', queue: 'q' },
    ],
  },
  {
    name: 'overflow-keeps-the-highest',
    says: 'The head of a priority queue is its highest: that is what drop-head drops.',
    steps: [
      { do: 'declare', queue: 'q', arguments: { 'x-max-priority': 5, 'x-max-length': 2 } },
      { do: 'publish', key: 'q', bodies: ['low'], priority: 1 },
      { do: 'publish', key: 'q', bodies: ['high'], priority: 5 },
      { do: 'publish', key: 'q', bodies: ['middle'], priority: 3 },
      { do: 'consume', on: 'a', queue: 'q' },
    ],
  },
  {
    name: 'x-death-counts',
    says: 'Each queue and reason has one entry, the newest first, with its count.',
    steps: [
      { do: 'declare', queue: 'retry', arguments: { 'x-message-ttl': 400, ...back('q') } },
      { do: 'declare', queue: 'q', arguments: back('retry') },
      { do: 'publish', key: 'q', bodies: ['1'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'reject', on: 'a', of: '1' },
      { do: 'wait', ms: 600 },
      { do: 'nack', on: 'a', of: '1' },
      { do: 'wait', ms: 600 },
    ],
  },
  {
    name: 'dead-letter-cycle',
    says: 'A message that expires round in a circle, and was rejected nowhere, is dropped.',
    steps: [
      { do: 'declare', queue: 'r', arguments: { 'x-message-ttl': 150, ...back('q') } },
      { do: 'declare', queue: 'q', arguments: { 'x-message-ttl': 150, ...back('r') } },
      { do: 'publish', key: 'q', bodies: ['1'] },
      { do: 'wait', ms: 900 },
      { do: 'count', queue: 'q' },
      { do: 'count', queue: 'r' },
    ],
  },
  {
    name: 'dead-letter-nowhere',
    says: 'A dead letter that no queue takes is gone.',
    steps: [
      {
        do: 'declare',
        queue: 'q',
        arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'missing' },
      },
      { do: 'publish', key: 'q', bodies: ['1'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'reject', on: 'a', of: '1' },
      { do: 'count', queue: 'q' },
    ],
  },
  {
    name: 'expiration-removed',
    says: 'A message that expired once does not expire again by its own time.',
    steps: [
      DEAD,
      { do: 'declare', queue: 'q', arguments: TO_DEAD },
      { do: 'publish', key: 'q', bodies: ['1'], expiration: 200 },
      { do: 'wait', ms: 900 },
      { do: 'get', on: 'g', queue: 'dead' },
    ],
  },
];

function back(queue: string) {
  return { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue };
}

/** One step for each: what a quorum queue says of one is heard before the next is sent. */
function each(bodies: readonly string[]): Step[] {
  return bodies.map((body) => ({ do: 'publish', key: 'q', bodies: [body] }));
}
