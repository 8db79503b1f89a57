import { kafka } from './kafka/index.ts';
import { letters } from './letters/index.ts';
import type { System } from './parts/system.ts';
import { rabbitmq } from './rabbitmq/index.ts';
import { sqs } from './sqs-sns/index.ts';

/** Every system that a scenario can name. Adding one is adding a folder and a line here. */
export const SYSTEMS: readonly System[] = [kafka, rabbitmq, sqs, letters];
