import type { BrokerIndex, Publisher, QueueHost } from '../queue.ts';

/** Stands for publishers that asked for no confirms. */
export class Nobody implements Publisher {
  readonly id: number;
  readonly node: BrokerIndex;

  constructor({ node, boot }: QueueHost) {
    this.node = node;
    this.id = -2 - (boot * 16 + node);
  }

  confirmed(): void {}
  rejected(): void {}
  block(): void {}
  unblock(): void {}
}
