import type { NodeId } from '../kernel/node.ts';

/** Handlers at work, by node, and in all. */
export class Work {
  total = 0;
  readonly #busy: number[] = [];

  add(node: NodeId, by: number): void {
    this.#busy[node] = (this.#busy[node] ?? 0) + by;
    this.total += by;
  }

  /** Nobody works there any more. */
  stop(node: NodeId): void {
    this.add(node, -(this.#busy[node] ?? 0));
  }
}
