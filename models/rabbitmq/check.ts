import type { Deployment, Finding } from '../parts/system.ts';

/** What RabbitMQ refuses or adjusts, in its own words. */
export function check(_deployment: Deployment): readonly Finding[] {
  return [];
}
