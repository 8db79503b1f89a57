// The anomalies T01 to T42, each with the scenario that shows it, the setting that is dangerous and
// the promise that it breaks. `danger` and `control` are entries of the file's `vary:`; "" is the
// file itself. A find counts when the promise is broken with the dangerous setting and, under the
// very same faults, kept by the control. `control: undefined`: there is none, it is by design.
const stored = { duplicates: { stored: 0 } };
const effects = { duplicates: { effects: 0 } };
const loss = { loss: 0 };

/** id, file, promise, control, danger. */
const ROWS = [
  ['T01', 'isr-shrinks-to-the-leader', loss, 'two replicas must have it'],
  ['T02', 'leader-crash-acks-1', loss, 'acks all'],
  ['T03', 'acks-0-broker-down', loss, 'acks 1'],
  ['T04', 'acks-all-of-one', loss, 'two replicas must have it'],
  ['T05', 'unclean-election', loss, 'unavailable instead'],
  [
    'T06',
    'truncated-to-the-high-watermark',
    { 'kafka.committed-survives': 'holds' },
    'truncated by leader epoch (KIP-101)',
  ],
  [
    'T07',
    'replicas-differ-after-power-failure',
    { 'kafka.log-matching': 'holds' },
    'truncated by leader epoch (KIP-101)',
  ],
  [
    'T08',
    'replicas-differ-after-two-failovers',
    { 'kafka.log-matching': 'holds' },
    'the answer names the epoch (KIP-279)',
  ],
  [
    'T09',
    'consumer-reads-past-a-truncation',
    loss,
    '2.3: it asks the new leader where its epoch ends',
  ],
  ['T10', 'last-replica-standing', loss, 'eligible leader replicas (4.1)'],
  ['T11', 'all-replicas-lose-power', loss, 'fsync before the append is acknowledged'],
  [
    'T12',
    'uncommitted-records-read-from-a-follower',
    { agreement: 0 },
    'the answer moves no watermark (3.5)',
  ],
  ['T13', 'lost-ack-retried', stored, 'with idempotence'],
  ['T14', 'retries-reorder', { ordering: 0 }, 'one in flight'],
  ['T15', 'leader-moves-with-one-in-flight', { ordering: 0 }, 'a partition waits for its own'],
  ['T16', 'producer-restart', stored, 'a transactional id'],
  ['T17', 'producer-forgotten-with-its-records', stored, 'the state outlives the records (2.5)'],
  [
    'T18',
    'buffer-full-drops-at-the-source',
    { producers: { checkout: { failed: '<= 10' } } },
    'the application waits',
  ],
  [
    'T19',
    'sticky-partitioner-feeds-the-slow-broker',
    { latency: { p50: '< 50ms' } },
    'switched by bytes',
  ],
  [
    'T20',
    'partitions-added-under-keys',
    { ordering: { byKey: 0 } },
    'the producer has not heard of it',
  ],
  ['T21', 'late-record-opens-a-transaction', { pending: 0 }, 'the coordinator is asked first'],
  ['T22', 'delayed-end-of-a-transaction', { phantom: 0 }, 'an epoch for each transaction'],
  ['T23', 'zombie-instance-is-fenced', { ledger: stored }, '', 'nobody knows who commits'],
  ['T24', 'aborted-records-are-read', effects, 'reads committed data'],
  ['T25', 'commit-seen-at-one-partition-first', { latency: { max: '<= 1s' } }],
  ['T26', 'paused-longer-than-the-transaction', { pending: 0 }, '', 'the epoch stays (before 1.1)'],
  [
    'T27',
    'prepared-transaction-expires',
    { enrichment: loss },
    'a timeout longer than the downtime',
  ],
  ['T28', 'charged-outside-the-transaction', { billing: effects }, 'the provider is given a key'],
  [
    'T29',
    'compaction-above-the-high-watermark',
    loss,
    'the cleaner stops at the high watermark (3.1)',
  ],
  ['T30', 'auto-commit-loses', loss, 'commit after processing'],
  ['T31', 'crash-between-process-and-commit', effects, 'commit first'],
  ['T32', 'slow-consumer-exceeds-poll-interval', effects, 'fewer records a poll'],
  ['T33', 'handed-out-while-revoking', effects, '3.4 stands still'],
  ['T34', 'older-claim-ignored', effects, '3.5: it counts, unless a newer one contradicts it'],
  [
    'T35',
    'new-consumer-commits-what-it-hands-out',
    loss,
    '4.0: poll() builds the commit before it hands anything out',
  ],
  ['T36', 'rebalance-stops-the-world', { 'lag.messages.max': '<= 800' }, 'the consumer protocol'],
  ['T37', 'static-member-dies', { 'lag.time.max': '<= 30s' }, 'a dynamic member leaves'],
  ['T38', 'offsets-of-an-empty-group-expire', loss, 'the seven days of the default'],
  ['T39', 'retention-overtakes-a-slow-consumer', loss, 'kept for longer than the worst lag'],
  ['T40', 'compaction-drops-intermediate-values', loss, 'a reader within min.compaction.lag.ms'],
  ['T41', 'lag-looks-healthy', { alerts: { stuck: 'silent' } }, 'the coordinator is asked first'],
  ['T42', 'share-group-has-no-order', { ordering: 0 }, 'a consumer group'],
];

export const TABLE = ROWS.map(([id, file, promise, control, danger = '']) => {
  return { id, file: `scenarios/kafka/${file}.yaml`, promise, control, danger };
});
