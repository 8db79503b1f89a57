import type { ActionKind } from '../../parts/system.ts';
import { int, list, text } from '../config/key.ts';

const TOPIC = text('topic', null, 'Which topic.');

/** What an operator can do with a cluster: each is a request of Kafka's admin client. */
export const ACTIONS: readonly ActionKind[] = [
  {
    name: 'add-partitions',
    says: 'Raises the number of partitions of a topic (CreatePartitions).',
    keys: [TOPIC, int('to', null, 'How many there are to be.', { min: 1, max: 10_000 })],
  },
  {
    name: 'elect-leaders',
    says: 'Elects the preferred leaders, or unclean ones where there are none (ElectLeaders).',
    keys: [
      TOPIC,
      int('partition', -1, 'Of which partition only; -1: of all.', { min: -1 }),
      text('type', 'preferred', 'Which kind of election.', { oneOf: ['preferred', 'unclean'] }),
    ],
  },
  {
    name: 'reassign-partitions',
    says: 'Moves partitions to other brokers (AlterPartitionReassignments, KIP-455).',
    keys: [
      TOPIC,
      int('partition', -1, 'Which partition only; -1: all.', { min: -1 }),
      list('replicas', '', 'Who is to have it, the preferred leader first; none: cancels.'),
    ],
  },
  {
    name: 'alter-config',
    says: 'Changes a configuration key of a topic (IncrementalAlterConfigs).',
    keys: [
      TOPIC,
      text('key', null, 'Which key, for instance retention.ms.'),
      text('value', null, "Its new value, in the key's own unit."),
    ],
  },
  {
    name: 'reset-offsets',
    says: 'Commits offsets for a group without members (kafka-consumer-groups --reset-offsets).',
    keys: [
      text('group', null, 'Which group.'),
      text('to', null, 'earliest, latest, or an offset.'),
    ],
  },
];
