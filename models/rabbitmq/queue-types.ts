import { classic } from './classic/type.ts';
import { quorum } from './quorum/type.ts';
import { stream } from './stream/type.ts';
import type { QueueType } from './queue.ts';

/** Every kind of queue, by `x-queue-type`. */
export const QUEUE_TYPES: Readonly<Record<string, QueueType>> = { classic, quorum, stream };
