import { Fact } from '../../sim/kernel/entry.ts';
import type { QueuePlan } from './layout.ts';
import type { Content } from './protocol.ts';
import type { QueueHost } from './queue.ts';

/**
 * States that a queue has taken a message, at a position of its stream. What came by an exchange is
 * owed here from now on. A dead letter that comes round to a queue is the thing itself, no copy.
 */
export function stateArrival(
  { out, layout }: QueueHost,
  { name, stream }: QueuePlan,
  { message, deaths, exchange }: Content,
  position: number,
): void {
  if (deaths.length === 0) {
    if (exchange !== '') out.fact(Fact.routed, message, stream);
    return out.fact(Fact.stored, message, stream, position);
  }
  const isBack = deaths.some(({ queue }) => queue === name);
  const source = isBack ? layout.metadata.indexOf(deaths[0].queue) : undefined;
  if (source === undefined) out.fact(Fact.stored, message, stream, position);
  else out.fact(Fact.moved, message, layout.queues[source].stream, stream, position);
}
