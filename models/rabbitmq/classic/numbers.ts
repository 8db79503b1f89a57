import type { Disk } from '../../../sim/kernel/disk.ts';

/** Numbers reserved at a time. */
const BLOCK = 1000;

/**
 * Sequence ids of a queue's messages: rising, and never given twice, over restarts and when the
 * queue is deleted and declared anew. (The real ones begin again; this keeps messages apart.)
 */
export class Numbers {
  readonly #disk: Disk;
  readonly #file: string;
  #next: number;
  #end: number;

  constructor(disk: Disk, file: string) {
    this.#disk = disk;
    this.#file = file;
    this.#next = disk.read<number>(file) ?? 0;
    this.#end = this.#next;
  }

  next(): number {
    if (this.#next === this.#end) {
      this.#end += BLOCK;
      this.#disk.write(this.#file, this.#end);
      this.#disk.harden(this.#file, Infinity);
    }
    return this.#next++;
  }
}
