import type { Layout } from '../layout.ts';
import type { PartitionIndex } from '../protocol.ts';
import type { ClientMetadata } from './metadata.ts';

/** Does this partition exist, as far as a client's metadata goes? */
export function exists(
  layout: Layout,
  metadata: ClientMetadata,
  partition: PartitionIndex,
): boolean {
  return layout.partitions[partition].initial || metadata.epochs[partition] >= 0;
}

/** A topic's partitions, as far as a client's metadata goes. */
export function partitionsKnown(
  layout: Layout,
  metadata: ClientMetadata,
  topic: string,
): readonly PartitionIndex[] {
  const all = layout.topics.get(topic)?.partitions ?? [];
  const known = all.filter((partition) => exists(layout, metadata, partition));
  return known.length === all.length ? all : known;
}
