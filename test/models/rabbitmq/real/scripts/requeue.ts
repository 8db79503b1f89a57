import type { Script, Step } from '../script.ts';

/** Three messages are taken, one is left; the three come back in the order 3, 2, 1. */
function nackedBackwards(declare: Step): readonly Step[] {
  return [
    declare,
    { do: 'publish', key: 'q', bodies: ['1', '2', '3', '4'] },
    { do: 'qos', on: 'a', prefetch: 3 },
    { do: 'consume', on: 'a', queue: 'q' },
    { do: 'cancel', on: 'a' },
    { do: 'nack', on: 'a', of: '3', requeue: true },
    { do: 'reject', on: 'a', of: '2', requeue: true },
    { do: 'nack', on: 'a', of: '1', requeue: true },
    ...drain(4),
  ];
}

/** The connection of whoever has taken three of four messages ends. */
function droppedHolding(declare: Step): readonly Step[] {
  return [
    declare,
    { do: 'publish', key: 'q', bodies: ['1', '2', '3', '4'] },
    { do: 'qos', on: 'a', prefetch: 3 },
    { do: 'consume', on: 'a', queue: 'q' },
    { do: 'ack', on: 'a', of: '2' },
    { do: 'drop', on: 'a' },
    ...drain(4),
  ];
}

function drain(times: number): Step[] {
  return Array.from({ length: times }, () => ({ do: 'get', on: 'g', queue: 'q', noAck: true }));
}

const CLASSIC: Step = { do: 'declare', queue: 'q' };
const QUORUM: Step = { do: 'declare', queue: 'q', type: 'quorum' };
const LIMITED: Step = { ...QUORUM, arguments: { 'x-delivery-limit': 5 } };

export const REQUEUE: readonly Script[] = [
  {
    name: 'requeue-classic',
    says: 'A message that comes back goes to its old place, in whatever order it does.',
    steps: nackedBackwards(CLASSIC),
  },
  {
    name: 'requeue-quorum',
    says: 'Without a delivery limit a quorum queue puts what comes back at its end.',
    steps: nackedBackwards(QUORUM),
  },
  {
    name: 'requeue-quorum-limited',
    says: 'With a delivery limit it goes before all that was never delivered, as it came back.',
    steps: nackedBackwards(LIMITED),
  },
  {
    name: 'requeue-quorum-multiple',
    says: 'Several returned at once come back in the order of their delivery.',
    steps: [
      LIMITED,
      { do: 'publish', key: 'q', bodies: ['1', '2', '3', '4'] },
      { do: 'qos', on: 'a', prefetch: 3 },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'cancel', on: 'a' },
      { do: 'nack', on: 'a', of: '3', multiple: true, requeue: true },
      ...drain(4),
    ],
  },
  {
    name: 'dropped-connection-classic',
    says: 'What a dead connection had not acknowledged is redelivered, at its old place.',
    steps: droppedHolding(CLASSIC),
  },
  {
    name: 'dropped-connection-quorum',
    says: 'The same from a quorum queue: first, whatever its limit.',
    steps: droppedHolding(QUORUM),
  },
  {
    name: 'dropped-connection-automatic-ack',
    says: 'What was handed out with automatic acknowledgement is gone with the connection.',
    steps: [
      CLASSIC,
      { do: 'publish', key: 'q', bodies: ['1', '2', '3'] },
      { do: 'consume', on: 'a', queue: 'q', noAck: true },
      { do: 'drop', on: 'a' },
      { do: 'count', on: 'g', queue: 'q' },
    ],
  },
  {
    name: 'requeue-hot-loop-classic',
    says: 'With prefetch 1 what is returned comes again before all others.',
    steps: [
      CLASSIC,
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'qos', on: 'a', prefetch: 1 },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'nack', on: 'a', of: '1', requeue: true },
      { do: 'nack', on: 'a', of: '1', requeue: true },
      { do: 'ack', on: 'a', of: '1' },
    ],
  },
  {
    name: 'requeue-alternates-quorum',
    says: 'Without a limit a returned message alternates with the others.',
    steps: [
      QUORUM,
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'qos', on: 'a', prefetch: 1 },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'nack', on: 'a', of: '1', requeue: true },
      { do: 'ack', on: 'a', of: '2' },
      { do: 'nack', on: 'a', of: '1', requeue: true },
    ],
  },
  {
    name: 'delivery-limit',
    says: 'With a limit of 2 a message is delivered three times, then dead-lettered.',
    steps: [
      { do: 'declare', queue: 'dead' },
      {
        do: 'declare',
        queue: 'q',
        type: 'quorum',
        arguments: {
          'x-delivery-limit': 2,
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': 'dead',
        },
      },
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'qos', on: 'a', prefetch: 1 },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'nack', on: 'a', of: '1', requeue: true },
      { do: 'nack', on: 'a', of: '1', requeue: true },
      { do: 'nack', on: 'a', of: '1', requeue: true },
      { do: 'get', on: 'g', queue: 'dead' },
    ],
  },
  {
    name: 'cancelled-consumer-keeps',
    says: 'A cancelled consumer gets nothing more and keeps what it has until it settles it.',
    steps: [
      CLASSIC,
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'qos', on: 'a', prefetch: 1 },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'cancel', on: 'a' },
      { do: 'count', on: 'g', queue: 'q' },
      { do: 'ack', on: 'a', of: '1' },
      { do: 'count', on: 'g', queue: 'q' },
    ],
  },
];
