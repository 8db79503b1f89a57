import { int, text } from '../../parts/key.ts';
import type { ActionKind } from '../../parts/system.ts';

const QUEUE = text('queue', null, 'Which queue.');
const BINDING = [
  text('exchange', null, 'From which exchange.'),
  text('queue', null, 'To which queue.'),
  text('routing_key', '', 'Its routing key.'),
];

/** What an operator does: commands of `rabbitmqctl`, of the management plugin and of the shovel. */
export const ACTIONS: readonly ActionKind[] = [
  {
    name: 'set-policy',
    says: 'Sets a policy (rabbitmqctl set_policy).',
    keys: [
      text('name', null, 'Its name; an older policy of that name is replaced.'),
      text('pattern', null, 'For which queues: an exact or partial name, with ^, $ and .*'),
      { ...text('definition', null, 'Keys without "x-" and their values.'), type: 'json' },
      int('priority', 0, 'Of several that match the highest one holds.'),
    ],
  },
  {
    name: 'purge-queue',
    says: 'Drops what is ready in a queue (rabbitmqctl purge_queue).',
    keys: [QUEUE],
  },
  {
    name: 'delete-queue',
    says: 'Deletes a queue with its messages and bindings (rabbitmqctl delete_queue).',
    keys: [QUEUE],
  },
  {
    name: 'declare-queue',
    says: 'Declares a queue of the scenario that does not exist (rabbitmqadmin).',
    keys: [QUEUE],
  },
  { name: 'bind', says: 'Adds a binding (rabbitmqadmin).', keys: BINDING },
  { name: 'unbind', says: 'Removes a binding (rabbitmqadmin).', keys: BINDING },
  {
    name: 'shovel',
    says: 'Moves what a queue has now to another one (a dynamic shovel, acknowledged on confirm).',
    keys: [QUEUE, text('to', null, 'The other queue.')],
  },
];
