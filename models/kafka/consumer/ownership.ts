import type { Program } from '../../../sim/kernel/program.ts';
import type { Committed, PartitionIndex } from '../protocol.ts';
import type { Consumer } from './consumer.ts';

/**
 * Which partitions a consumer owns, and what its application does when that changes: the rebalance
 * listener. Source: `ConsumerCoordinator`, `ConsumerRebalanceListener`.
 */
export class Ownership {
  /** Changed this often: a program that waited sees whether what it knew still holds. */
  changes = 0;
  readonly #consumer: Consumer;

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  get owned(): PartitionIndex[] {
    return [...this.#consumer.fetcher.held.keys()];
  }

  /** Positions: everything that was handed out so far. */
  positions(of: readonly PartitionIndex[] = this.owned): Committed[] {
    const { held } = this.#consumer.fetcher;
    const offsets: Committed[] = [];
    for (const partition of of) {
      const offset = held.get(partition)?.position ?? -1;
      if (offset >= 0) offsets.push({ partition, offset });
    }
    return offsets;
  }

  /** Automatic commits come before a rebalance too. */
  get commitsBeforeRebalance(): boolean {
    return this.#consumer.autoCommit.on && this.#consumer.fetcher.held.size > 0;
  }

  /** Commits what was handed out and waits for it, at most as long as the rebalance may last. */
  *commitHandedOut(): Program {
    if (!this.commitsBeforeRebalance) return;
    const { membership, config } = this.#consumer;
    yield* membership.commitSync(this.positions(), config.maxPollInterval);
  }

  /** onPartitionsRevoked: still ours, for the last time. */
  *revoke(partitions: readonly PartitionIndex[]): Program {
    const { plan, membership, config, fetcher, out, layout } = this.#consumer;
    if (plan.handling.commit?.onRevoke === true && plan.handling.acknowledge === 'after') {
      const offsets = this.positions(partitions);
      const committed =
        offsets.length === 0 || (yield* membership.commitSync(offsets, config.maxPollInterval));
      if (!committed) out.count(out.names.id('commits.failed'));
    }
    this.#consumer.application.revoked(partitions.map((p) => layout.partitions[p].stream));
    fetcher.drop(partitions);
    this.changes++;
  }

  /** onPartitionsLost: somebody else may have them already. */
  lose(): void {
    const { fetcher, application } = this.#consumer;
    application.revoked(
      [...fetcher.held.values()].map((held) => held.stream),
      true,
    );
    fetcher.revoke();
    this.changes++;
  }

  /** onPartitionsAssigned: these are ours from now on, besides those that we kept. */
  assign(partitions: readonly PartitionIndex[]): void {
    const { fetcher, layout, autoCommit, application } = this.#consumer;
    const streams = partitions.map((p) => layout.partitions[p].stream);
    fetcher.add(partitions.map((partition, i) => ({ partition, stream: streams[i] })));
    application.assigned(streams);
    autoCommit.restart();
    this.changes++;
  }
}
