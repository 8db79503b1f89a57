/**
 * What scenarios are written in, most frequent last: packed against it a token is a third shorter.
 * Part of token version 1: whoever changes a letter of it makes all tokens unreadable.
 */
const WORDS = `visibility.timeout: 30s
prefetch: 10
max.in.flight.requests.per.connection: 5
delivery.timeout.ms: 120000
retry.backoff.ms: 100
session.timeout.ms: 45000
max.poll.records: 500
systems:
queues:
vary:
alerts:
limits: { until: 10min, events: 1000000 }
  - power-loss: broker-
  - partition: 
  - pause: 
  - delay: 
  - duplicate: 
  - crash: broker-1
    at: 4s
    for: 5s
    restart: 5s
    when: { event: stored, nth: 40 }
    chance: 0.01
  - lose: ProduceResponse
    nth: 3
effect: database idempotency: message-id idempotency: none retry: exponential
guarantee: exactly-once guarantee: at-most-once at-least-once
source: [
seed: 42
# yaml-language-server: $schema=../schema.json
{"v":1,"engine":"0.1.0","scenario":"# yaml-language-server: $schema=../../schema.json\\nscenario: \\nabout: >\\n  The broker stores the record, the answer is lost, the producer tries again.\\nsource: []\\nsystem: kafka\\nversion: \\"3.9\\"\\ncluster: { brokers: 3, config: { min.insync.replicas: 2 } }\\ntopics: { orders: { partitions: 3, replication.factor: 3 } }\\ntopics:\\n  orders: { partitions: 1, replication.factor: 1 }\\nproducers:\\n  checkout:\\n    to: orders\\n    send: { count: 100, every: 10ms, keys: 10 }\\n    config: { acks: all, enable.idempotence: false, request.timeout.ms: 1000 }\\nconsumers:\\n  fulfilment:\\n    from: orders\\n    instances: 3\\n    config: { enable.auto.commit: false }\\n    process: { takes: 2ms, acknowledge: after, idempotency: none, effect: database }\\nnetwork: { latency: { p50: 0.5ms, p99: 5ms } }\\nfaults:\\n  - lose: ProduceResponse\\n    nth: 3\\n  - crash: broker-1\\n    when: { event: stored, nth: 40 }\\n    restart: 5s\\nexpect: { loss: 0, duplicates: { stored: 0, delivered: 0, effects: 0 }, ordering: 0, guarantee: at-least-once }\\n","file":"lost-ack.yaml","seed":"42","set":[],"variant":"","overrides":[],"digest":"`;

export const VOCABULARY = Buffer.from(WORDS);
