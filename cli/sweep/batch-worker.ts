import { workerData } from 'node:worker_threads';
import { Batches, type BatchAnswer, type BatchGround, type BatchOrder } from './batch.ts';

// What every thread of a sweep runs; crew.ts is the other end.
const batches = new Batches(workerData as BatchGround);

export default function perform(order: BatchOrder): BatchAnswer {
  return batches.perform(order);
}
