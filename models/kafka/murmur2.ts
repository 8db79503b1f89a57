const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * The hash of Kafka's default partitioner, as a signed 32-bit integer. Source: `Utils.murmur2`,
 * org.apache.kafka.common.utils; the seed is Kafka's own.
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const blocks = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < blocks; i += 4) {
    let k = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const tail = length & 3;
  if (tail >= 3) h ^= bytes[blocks + 2] << 16;
  if (tail >= 2) h ^= bytes[blocks + 1] << 8;
  if (tail >= 1) h = Math.imul(h ^ bytes[blocks], M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return (h ^ (h >>> 15)) | 0;
}

const UTF8 = new TextEncoder();

/** Partition of a keyed record: the hash without its sign, modulo the partitions of the topic. */
export function partitionOfKey(key: string, partitions: number): number {
  return (murmur2(UTF8.encode(key)) & 0x7fffffff) % partitions;
}

/** The same for a key that an IntegerSerializer wrote: four bytes, the highest first. */
export function partitionOfInteger(key: number, partitions: number): number {
  const bytes = Uint8Array.of(key >>> 24, key >>> 16, key >>> 8, key);
  return (murmur2(bytes) & 0x7fffffff) % partitions;
}

/** Java's `String.hashCode`, by which a group finds its partition of `__consumer_offsets`. */
export function javaHash(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0;
  return h;
}
