import type { Script } from '../script.ts';

/** What publishers are told, and what is refused. */
export const CONFIRMS: readonly Script[] = [
  {
    name: 'unroutable-confirmed',
    says: 'What no queue takes is confirmed; with mandatory it is returned first.',
    steps: [
      { do: 'publish', key: 'missing', bodies: ['1'] },
      { do: 'publish', key: 'missing', bodies: ['2'], mandatory: true },
    ],
  },
  {
    name: 'confirmed-by-each-kind',
    says: 'Persistent and transient, classic and quorum: each is confirmed once.',
    steps: [
      { do: 'declare', queue: 'q' },
      { do: 'declare', queue: 'r', type: 'quorum' },
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'publish', key: 'q', bodies: ['3'], transient: true },
      { do: 'publish', key: 'r', bodies: ['4', '5'] },
      { do: 'publish', key: 'r', bodies: ['6'], transient: true },
      { do: 'count', queue: 'q' },
      { do: 'count', queue: 'r' },
    ],
  },
  {
    name: 'refused-by-one-of-two',
    says: 'One queue of two that refuses makes a refusal, and the other keeps its copy.',
    steps: [
      { do: 'declare-exchange', exchange: 'f', type: 'fanout' },
      {
        do: 'declare',
        queue: 'q',
        arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
      },
      { do: 'declare', queue: 'r' },
      { do: 'bind', queue: 'q', exchange: 'f', key: '' },
      { do: 'bind', queue: 'r', exchange: 'f', key: '' },
      { do: 'publish', exchange: 'f', key: '', bodies: ['1'] },
      { do: 'publish', exchange: 'f', key: '', bodies: ['2'] },
      { do: 'count', queue: 'q' },
      { do: 'count', queue: 'r' },
    ],
  },
  {
    name: 'unknown-delivery-tag',
    says: 'Acknowledging what is not there closes the channel, and all it held comes back.',
    steps: [
      { do: 'declare', queue: 'q' },
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'ack', on: 'a', of: 99 },
      { do: 'consume', on: 'b', queue: 'q' },
    ],
  },
  {
    name: 'acknowledged-twice',
    says: 'So does acknowledging the same message again.',
    steps: [
      { do: 'declare', queue: 'q' },
      { do: 'publish', key: 'q', bodies: ['1', '2'] },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'ack', on: 'a', of: '1' },
      { do: 'ack', on: 'a', of: '1' },
      { do: 'count', queue: 'q' },
    ],
  },
  {
    name: 'declared-otherwise',
    says: 'A queue declared again with other arguments closes the channel.',
    steps: [
      { do: 'declare', queue: 'q', arguments: { 'x-max-length': 5 } },
      { do: 'declare', queue: 'q', arguments: { 'x-max-length': 5 } },
      { do: 'declare', queue: 'q', arguments: { 'x-max-length': 6 } },
      { do: 'declare', queue: 'q', type: 'quorum', arguments: { 'x-max-length': 5 } },
      { do: 'count', queue: 'q' },
    ],
  },
  {
    name: 'exchange-declared-otherwise',
    says: 'And so does an exchange of another type.',
    steps: [
      { do: 'declare-exchange', exchange: 'x', type: 'direct' },
      { do: 'declare-exchange', exchange: 'x', type: 'direct' },
      { do: 'declare-exchange', exchange: 'x', type: 'fanout' },
    ],
  },
  {
    name: 'missing-exchange',
    says: 'Publishing to an exchange that is not there closes the channel.',
    steps: [{ do: 'publish', exchange: 'nowhere', key: 'k', bodies: ['1'] }],
  },
  {
    name: 'missing-queue',
    says: 'Consuming from a queue that is not there closes the channel.',
    steps: [{ do: 'consume', on: 'a', queue: 'nowhere' }],
  },
  {
    name: 'exclusive-consumer',
    says: 'Nobody else consumes beside an exclusive consumer, nor it beside somebody else.',
    steps: [
      { do: 'declare', queue: 'q' },
      { do: 'consume', on: 'a', queue: 'q', exclusive: true },
      { do: 'consume', on: 'b', queue: 'q' },
      { do: 'cancel', on: 'a' },
      { do: 'consume', on: 'b', queue: 'q' },
      { do: 'consume', on: 'a', queue: 'q', exclusive: true },
    ],
  },
  {
    name: 'exclusive-queue',
    says: "An exclusive queue is its connection's, and goes with it.",
    steps: [
      { do: 'declare', on: 'a', queue: 'q', exclusive: true },
      { do: 'count', on: 'a', queue: 'q' },
      { do: 'count', on: 'b', queue: 'q' },
      { do: 'drop', on: 'a' },
      { do: 'count', on: 'b', queue: 'q' },
    ],
  },
  {
    name: 'auto-delete',
    says: 'An auto-delete queue goes with its last consumer, not before its first.',
    steps: [
      { do: 'declare', queue: 'q', autoDelete: true },
      { do: 'count', queue: 'q' },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'cancel', on: 'a' },
      { do: 'count', queue: 'q' },
    ],
  },
  {
    name: 'deleted-under-a-consumer',
    says: 'A consumer whose queue is deleted is told.',
    steps: [
      { do: 'declare', queue: 'q' },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'delete', queue: 'q' },
    ],
  },
  {
    name: 'purged',
    says: 'Purging removes what is ready and leaves what is held.',
    steps: [
      { do: 'declare', queue: 'q' },
      { do: 'publish', key: 'q', bodies: ['1', '2', '3'] },
      { do: 'qos', on: 'a', prefetch: 1 },
      { do: 'consume', on: 'a', queue: 'q' },
      { do: 'purge', queue: 'q' },
      { do: 'nack', on: 'a', of: '1', requeue: true },
    ],
  },
  {
    name: 'stream-needs-prefetch',
    says: 'A consumer of a stream must set a prefetch.',
    steps: [
      { do: 'declare', queue: 'q', type: 'stream' },
      { do: 'consume', on: 'a', queue: 'q' },
    ],
  },
];
