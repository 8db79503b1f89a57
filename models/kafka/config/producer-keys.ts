import type { KeyTable } from '../../parts/config.ts';
import { bool, bytes, CONNECTION_KEYS, int, ms, others, text } from './key.ts';

const INT_MAX = 2_147_483_647;

/** Source: `ProducerConfig`, branch 3.9; defaults of 4.0 by KIP-1030. */
export const PRODUCER_KEYS: KeyTable = [
  text('acks', 'all', 'How much of the ISR must have a record before it is acknowledged.', {
    oneOf: ['all', '-1', '0', '1'],
    was: [{ before: '3.0', default: '1' }],
  }),
  bool('enable.idempotence', true, 'Sequence numbers, so that a retry is appended once.', {
    was: [{ before: '3.0', default: false }],
  }),
  int('retries', INT_MAX, 'Tries after the first; in practice bounded by delivery.timeout.ms.', {
    max: INT_MAX,
    was: [{ before: '2.1', default: 0 }],
  }),
  ms('delivery.timeout.ms', 120_000, 'From send() to the report of success or failure, at most.'),
  ms('request.timeout.ms', 30_000, 'An unanswered request this old closes its whole connection.'),
  ms('retry.backoff.ms', 100, 'Wait before the first retry.'),
  ms('retry.backoff.max.ms', 1000, 'The wait doubles with each retry up to this.'),
  ms('reconnect.backoff.ms', 50, 'Wait before the first new connection to a broker.'),
  ms('reconnect.backoff.max.ms', 1000, 'That wait doubles with each failure up to this.'),
  ms('socket.connection.setup.timeout.ms', 10_000, 'How long a connection may take to be set up.'),
  ms('linger.ms', 5, 'How long a batch waits for company.', {
    was: [{ before: '4.0', default: 0 }],
  }),
  bytes('batch.size', 16_384, 'Size at which a batch is full.'),
  bytes('buffer.memory', 33_554_432, 'Memory for records that wait to be sent.'),
  ms('max.block.ms', 60_000, 'How long send() may block on metadata and on memory.'),
  bytes('max.request.size', 1_048_576, 'Largest request, and largest record.'),
  int('max.in.flight.requests.per.connection', 5, 'Unanswered requests per broker.', { min: 1 }),
  ms('metadata.max.age.ms', 300_000, 'Metadata older than this is fetched anew.'),
  ms('metadata.max.idle.ms', 300_000, 'A topic unused for this long is forgotten.', {
    min: 5000,
  }),
  text('transactional.id', null, 'Names the producer over its restarts; sends in transactions.'),
  ms('transaction.timeout.ms', 60_000, 'A transaction that takes longer is aborted.', { min: 1 }),
  text('key.serializer', null, 'An IntegerSerializer makes 4 bytes of a key, others its text.'),
  text('partitioner.class', null, 'null is the built-in one (KIP-794), the only one modelled.'),
  bool('partitioner.adaptive.partitioning.enable', true, 'Unkeyed records avoid long queues.'),
  ms('partitioner.availability.timeout.ms', 0, 'Unkeyed records avoid a broker stuck for this.'),
  bool('partitioner.ignore.keys', false, 'Partitions keyed records as if they had no key.'),
  ...others(`
    value.serializer compression.type compression.gzip.level compression.lz4.level
    compression.zstd.level transaction.two.phase.commit.enable client.rack ${CONNECTION_KEYS}
  `),
];
