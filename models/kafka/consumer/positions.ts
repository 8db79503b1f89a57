import { Fact } from '../../../sim/kernel/entry.ts';
import type { NameId } from '../../../sim/kernel/names.ts';
import type { Program } from '../../../sim/kernel/program.ts';
import { Kind } from '../client/network-client.ts';
import type { Consumer } from './consumer.ts';
import type { Held } from './fetcher.ts';

/**
 * Gives a position to every partition that has none: from the database, else the committed offset,
 * else by `auto.offset.reset`. False when the assignment changed or something has to be tried
 * again.
 */
export function* findPositions(consumer: Consumer): Program<boolean> {
  const { fetcher, membership, sinks } = consumer;
  let missing = without(consumer);
  if (missing.length === 0) return true;
  const { changes } = consumer.ownership;
  const still = () => consumer.ownership.changes === changes && !membership.lost;
  if (sinks.positions >= 0) yield* fromDatabase(consumer, missing);
  if (!still()) return false;
  if (!(yield* fromCoordinator(consumer, without(consumer), still)) || !still()) return false;
  missing = without(consumer).filter((held) => held.lacks === 'reset');
  for (const held of missing) if (!(yield* reset(consumer, held, still))) return false;
  return fetcher.held.size === 0 || without(consumer).length === 0;
}

function without({ fetcher }: Consumer): Held[] {
  return [...fetcher.held.values()].filter((held) => held.position < 0);
}

function place(consumer: Consumer, held: Held, offset: number, reason: string): void {
  held.position = offset;
  held.lacks = 'reset';
  const name: NameId = consumer.out.names.id(reason);
  consumer.stateAssigned(held, name);
}

/** `SELECT position`, as an application does that keeps positions beside its effects. */
function* fromDatabase(consumer: Consumer, missing: readonly Held[]): Program {
  const { calls, sinks, thread, plan, out, ownership } = consumer;
  const { changes } = ownership;
  const about = out.names.id(`position of ${plan.name}`);
  for (const held of missing) {
    if (held.lacks === 'reset') continue;
    for (;;) {
      const request = {
        type: 'SelectPosition',
        subscription: plan.subscription,
        stream: held.stream,
      } as never;
      const nr = consumer.nextSelect();
      const reply = yield* calls.call(thread.task, sinks.positions, request, about, nr, 1);
      if (ownership.changes !== changes) return;
      if (reply === undefined) continue;
      const { next } = reply as unknown as { next: number };
      // Without a row the committed offset is as good as any.
      if (next >= 0) {
        place(consumer, held, next, 'position of the database');
        // Its last transaction may be one whose answer nobody heard.
        out.fact(Fact.settledTo, plan.subscription, held.stream, next);
      }
      break;
    }
  }
}

function* fromCoordinator(
  consumer: Consumer,
  missing: readonly Held[],
  still: () => boolean,
): Program<boolean> {
  const { client, link } = consumer;
  const asked = missing.filter((held) => held.lacks === 'committed');
  if (asked.length === 0) return true;
  const coordinator = yield* link.reach();
  if (coordinator < 0 || !still()) return false;
  const reply = yield* consumer.thread.call(
    Kind.offsetFetch,
    coordinator,
    {
      type: 'OffsetFetchRequest',
      correlation: client.next(coordinator, Kind.offsetFetch),
      group: link.group,
      partitions: asked.map((held) => held.partition),
      ...(consumer.config.committedOnly ? { requireStable: true } : {}),
    },
    link.groupName,
  );
  if (reply?.type !== 'OffsetFetchResponse' || reply.error !== 'NONE') {
    const unstable =
      reply?.type === 'OffsetFetchResponse' && reply.error === 'UNSTABLE_OFFSET_COMMIT';
    if (!unstable) link.forget();
    yield* link.pause(1);
    return false;
  }
  if (!still()) return false;
  for (const { partition, offset } of reply.offsets) {
    const held = asked.find((h) => h.partition === partition);
    if (held === undefined) continue;
    if (offset >= 0) place(consumer, held, offset, 'committed offset');
    else held.lacks = 'reset';
  }
  return true;
}

/** No committed offset, or one that the log does not have: `auto.offset.reset`. */
function* reset(consumer: Consumer, held: Held, still: () => boolean): Program<boolean> {
  const { config, client, link, metadata } = consumer;
  if (config.reset === 'none') {
    consumer.end('no offset to start from');
    return false;
  }
  const leader = metadata.leaders[held.partition];
  if (leader < 0) {
    metadata.request();
    metadata.maybeRefresh();
    yield* link.pause(1);
    return false;
  }
  if (!(yield* consumer.thread.connected(leader))) {
    metadata.request();
    return false;
  }
  const reply = yield* consumer.thread.call(
    Kind.listOffsets,
    leader,
    {
      type: 'ListOffsetsRequest',
      correlation: client.next(leader, Kind.listOffsets),
      partition: held.partition,
      at: config.reset === 'by_duration' ? consumer.out.clock - config.resetAge : config.reset,
      ...(config.committedOnly ? { committed: true } : {}),
    },
    link.groupName,
  );
  if (!still()) return false;
  if (reply?.type !== 'ListOffsetsResponse' || reply.error !== 'NONE') {
    metadata.request();
    metadata.maybeRefresh();
    yield* link.pause(1);
    return false;
  }
  place(consumer, held, reply.offset, `reset to ${config.reset}`);
  return true;
}
