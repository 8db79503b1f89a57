import type { Settings } from '../../parts/config.ts';
import type { Layout } from '../layout.ts';
import type { ArgumentValue } from '../protocol.ts';

/** A change of the schema: it holds on all nodes that run, at once. */
export function setPolicy({ metadata, running }: Layout, values: Settings): string {
  const definition: unknown = JSON.parse(values.text('definition'));
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    return 'Validation failed: a definition is a mapping';
  }
  const changed = metadata.setPolicy({
    name: values.text('name'),
    pattern: values.text('pattern'),
    priority: values.number('priority'),
    definition: definition as Readonly<Record<string, ArgumentValue>>,
  });
  for (const broker of running()) {
    for (const queue of changed) broker.queues[queue]?.configured();
    broker.tellConfirms();
  }
  return '';
}
