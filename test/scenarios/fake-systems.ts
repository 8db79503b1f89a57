import type { Key } from '../../models/parts/config.ts';
import type { Deployment, Finding, System } from '../../models/parts/system.ts';
import { loadScenario, type LoadOptions } from '../../scenarios/load.ts';
import type { Problem } from '../../scenarios/problem.ts';

function key(name: string, type: Key['type'], value: Key['default'], rest: Partial<Key> = {}): Key {
  return { name, type, default: value, unit: '', modelled: true, says: `About ${name}.`, ...rest };
}

function nodes(prefix: string) {
  return (deployment: Deployment): string[] => [
    ...Array.from(
      { length: deployment.cluster.shape.number('brokers') },
      (_, i) => `${prefix}-${i + 1}`,
    ),
    ...deployment.producers.map((p) => p.name),
    ...deployment.consumers.flatMap((c) =>
      Array.from({ length: c.instances }, (_, i) => `${c.name}-${i + 1}`),
    ),
  ];
}

/** Refuses more replicas than brokers, adjusts a request timeout of 1. */
function check(deployment: Deployment): Finding[] {
  const findings: Finding[] = [];
  for (const channel of deployment.channels) {
    if (channel.shape.number('replication.factor') <= deployment.cluster.shape.number('brokers'))
      continue;
    findings.push({
      severity: 'refused',
      place: 'channel',
      component: channel.name,
      key: 'replication.factor',
      says: 'replication factor larger than available brokers',
      hint: 'add brokers',
    });
  }
  for (const producer of deployment.producers) {
    if (producer.config.number('request.timeout.ms') !== 1) continue;
    findings.push({
      severity: 'adjusted',
      place: 'producer',
      component: producer.name,
      key: 'request.timeout.ms',
      says: 'a request timeout of 1 ms becomes 2 ms',
      hint: 'write 2',
    });
  }
  return findings;
}

/** A log with topics, as far as the loader can tell it from Kafka. */
export const LOG: System = {
  name: 'kafka',
  versions: ['3.9', '3.10', '0.10'],
  channels: 'topics',
  transport: 'stream',
  order: () => 'partition',
  messages: ['ProduceRequest', 'ProduceResponse', 'FetchRequest', 'FetchResponse'],
  clusterShape: [key('brokers', 'int', 1, { min: 1, max: 1000 })],
  shape: [
    key('partitions', 'int', 1, { min: 1, max: 100_000 }),
    key('replication.factor', 'int', 1, { min: 1, max: 100 }),
  ],
  keys: {
    cluster: [key('min.insync.replicas', 'int', 1, { min: 1 })],
    channel: [
      key('retention.ms', 'int', 604_800_000, { unit: 'ms', min: -1 }),
      key('cleanup.policy', 'list', 'delete', { oneOf: ['delete', 'compact'] }),
    ],
    producer: [
      key('acks', 'text', 'all', {
        oneOf: ['all', '-1', '0', '1'],
        was: [{ before: '3.0', default: '1' }],
      }),
      key('enable.idempotence', 'bool', true, { was: [{ before: '3.0', default: false }] }),
      key('request.timeout.ms', 'int', 30_000, { unit: 'ms', min: 0 }),
      key('linger.ms', 'int', 0, { unit: 'ms', min: 0 }),
      key('batch.size', 'int', 16_384, { unit: 'bytes', min: 0 }),
      key('transactional.id', 'text', null),
      key('compression.type', 'text', 'none', { modelled: false }),
      key('bootstrap.servers', 'list', '', { modelled: false }),
    ],
    consumer: [
      key('enable.auto.commit', 'bool', true),
      key('auto.offset.reset', 'text', 'latest', { oneOf: ['latest', 'earliest', 'none'] }),
      key('max.poll.records', 'int', 500, { min: 1, max: 10_000 }),
    ],
  },
  actions: [
    {
      name: 'add-partitions',
      says: 'Adds partitions.',
      keys: [key('topic', 'text', null), key('to', 'int', null, { min: 1, max: 100 })],
    },
    { name: 'reset-offsets', says: 'Moves a group.', keys: [key('group', 'text', null)] },
  ],
  nodes: nodes('broker'),
  defaultAcknowledge: (config) => (config.flag('enable.auto.commit') ? 'auto' : 'after'),
  check,
  deploy: () => ({ patience: 0, remaining: () => {} }),
};

/** Queues, as far as the loader can tell them from SQS. */
export const QUEUE: System = {
  name: 'sqs',
  versions: ['2024'],
  channels: 'queues',
  transport: 'datagram',
  order: () => 'none',
  messages: ['SendMessage', 'ReceiveMessage', 'DeleteMessage'],
  clusterShape: [key('brokers', 'int', 1, { min: 1 })],
  shape: [],
  keys: {
    cluster: [],
    channel: [
      key('VisibilityTimeout', 'int', 30, { unit: 's', min: 0, max: 43_200 }),
      key('FifoQueue', 'bool', false),
      key('RedrivePolicy', 'json', null),
    ],
    producer: [],
    consumer: [key('WaitTimeSeconds', 'int', 0, { unit: 's', min: 0, max: 20 })],
  },
  nodes: nodes('sqs'),
  check: () => [],
  deploy: () => ({ patience: 0, remaining: () => {} }),
};

export const FAKES: readonly System[] = [LOG, QUEUE];

export function load(text: string, options: LoadOptions = {}) {
  return loadScenario(text, 'test.yaml', { systems: FAKES, ...options });
}

/** As a terminal would show it, without the remedy: code, place, the line, the caret. */
export function shown(problem: Problem): string {
  const { code, file, line, column, length, source, says } = problem;
  return `${file}:${line}:${column} ${code} ${says}\n${source}\n${' '.repeat(column - 1)}${'^'.repeat(length)}`;
}

/** "SCN010 3:5" of each problem. */
export function places(text: string, options: LoadOptions = {}): string[] {
  return load(text, options).problems.map((p) => `${p.code} ${p.line}:${p.column}`);
}

/** The file of the design document, section 7. */
export const DESIGN = `# yaml-language-server: $schema=../schema.json
scenario: A lost acknowledgement, retried
about: The broker stores the record, the answer is lost, the producer tries again.
source: [Kafka documentation, T13]    # where the claim comes from, and its number in the fact sheet
system: kafka
version: "3.9"
cluster: { brokers: 3, config: { min.insync.replicas: 2 } }
topics: { orders: { partitions: 3, replication.factor: 3 } }
producers:
  checkout:
    to: orders
    send: { count: 100, every: 10ms, keys: 10 }
    config: { acks: all, enable.idempotence: false, request.timeout.ms: 1000 }
consumers:
  fulfilment:                       # the group.id
    from: orders
    instances: 3
    config: { enable.auto.commit: false }
    process: { takes: 2ms, acknowledge: after, idempotency: none, effect: database }
network: { latency: { p50: 0.5ms, p99: 5ms } }
faults:
  - lose: ProduceResponse
    nth: 3
  - crash: broker-1
    when: { event: stored, nth: 40 }
    restart: 5s
expect: { loss: 0, duplicates: { stored: 1 }, ordering: 0, guarantee: at-least-once }
`;
