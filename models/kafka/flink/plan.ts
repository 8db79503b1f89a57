import type { CheckpointPlan, ConsumerPlan, OutputPlan } from '../../parts/system.ts';

/** A consuming application that is a job of Flink's kind: checkpoints, and an output. */
export interface JobPlan {
  readonly consumer: ConsumerPlan;
  readonly checkpoints: CheckpointPlan;
  readonly output: OutputPlan;
  /** Prefix of the transactional ids of its sink; "": a plain sink. */
  readonly prefix: string;
}

export function jobOf(consumer: ConsumerPlan): JobPlan | undefined {
  const { checkpoints, output } = consumer;
  if (checkpoints === undefined || output === undefined) return undefined;
  return { consumer, checkpoints, output, prefix: output.config.text('transactional.id') };
}

export function jobManagerOf(consumer: ConsumerPlan): string {
  return `${consumer.name}-jobmanager`;
}
