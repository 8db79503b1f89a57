import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GROUP_PHASES } from '../../../models/kafka/broker/group.ts';
import { MODERN_STATES } from '../../../models/kafka/broker/modern-group.ts';
import { REPLICA_ROLES } from '../../../models/kafka/broker/partition.ts';
import { BROKER_PHASES } from '../../../models/kafka/broker/state.ts';
import { TRANSACTION_STATES } from '../../../models/kafka/broker/transaction-state.ts';
import { CONNECTION_PHASES } from '../../../models/kafka/client/network-client.ts';
import { CLASSIC_MEMBER, MODERN_MEMBER } from '../../../models/kafka/consumer/states.ts';
import { JOB_PHASES } from '../../../models/kafka/flink/job-manager.ts';
import { PRODUCER_PHASES } from '../../../models/kafka/producer/transaction-phase.ts';
import { RECORD_STATES } from '../../../models/kafka/share/share-partition.ts';

/** Names of machines, where their tables stand, and the tables; each begins in its first state. */
const MACHINES = [
  ['Connection of a client', 'client/network-client.ts', CONNECTION_PHASES],
  ['Transactional producer', 'producer/transaction-phase.ts', PRODUCER_PHASES],
  ['Broker', 'broker/state.ts', BROKER_PHASES],
  ['Replica', 'broker/partition.ts', REPLICA_ROLES],
  ['Transaction at its coordinator', 'broker/transaction-state.ts', TRANSACTION_STATES],
  ['Classic group at its coordinator', 'broker/group.ts', GROUP_PHASES],
  ['Classic member', 'consumer/states.ts', CLASSIC_MEMBER],
  ['Member at its coordinator (KIP-848)', 'broker/modern-group.ts', MODERN_STATES],
  ['Member (KIP-848)', 'consumer/states.ts', MODERN_MEMBER],
  ['Record of a share group', 'share/share-partition.ts', RECORD_STATES],
  ['Job of a stream processor', 'flink/job-manager.ts', JOB_PHASES],
] as const satisfies readonly (readonly [string, string, Table])[];

type Table = Readonly<Record<string, readonly string[]>>;

const FILE = new URL('../../../models/kafka/STATES.md', import.meta.url);

function diagram(table: Table): string {
  const edges = Object.entries(table).flatMap(([from, all]) =>
    all.length === 0 ? [`  ${from} --> [*]`] : all.map((to) => `  ${from} --> ${to}`),
  );
  return [
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${Object.keys(table)[0]}`,
    ...edges,
    '```',
  ].join('\n');
}

function page(): string {
  const sections = MACHINES.map(
    ([name, file, table]) => `## ${name}\n\nTable: [${file}](${file})\n\n${diagram(table)}\n`,
  );
  return `# State machines of the Kafka model

Drawn from the tables in the code, which assert every move. A crash is no edge: a process that
starts again begins at the first state with what its disk kept.

${sections.join('\n')}`;
}

test('the state machines are drawn as their tables say', () => {
  if (process.env.LOST_ACK_UPDATE === '1') writeFileSync(FILE, page());
  expect(readFileSync(FILE, 'utf8')).toBe(page());
});

test.each(MACHINES)('%s: every state can be reached, and leads only to states', (_, __, table) => {
  const edges: Table = table;
  const reached = new Set([Object.keys(edges)[0]]);
  for (const state of reached) for (const next of edges[state]) reached.add(next);
  expect([...reached].sort()).toEqual(Object.keys(edges).sort());
});
