import { assert } from './assert.ts';
import { hashText } from './hash.ts';

/** A dense number standing for a name: of a node, a message type, a partition, a reason. */
export type NameId = number;

/** Names are numbers inside a run and words only at its edges. */
export class Names {
  readonly #ids = new Map<string, NameId>();
  readonly #texts: string[] = [];
  readonly #hashes: number[] = [];
  readonly #asides: string[] = [];

  id(text: string): NameId {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.length;
    this.#ids.set(text, id);
    this.#texts.push(text);
    this.#hashes.push(hashText(text));
    return id;
  }

  /**
   * A number, below -1, for a name that an instrument brings along: the run's own names keep the
   * numbers that they have without it, and so the run keeps its digest.
   */
  aside(text: string): NameId {
    const place = this.#asides.indexOf(text);
    return -2 - (place >= 0 ? place : this.#asides.push(text) - 1);
  }

  text(id: NameId): string {
    const text = id >= 0 ? this.#texts[id] : this.#asides[-2 - id];
    assert(text !== undefined, 'a name is handed out before it is read');
    return text;
  }

  /** Depends on the text alone, so a site keeps its fate when other names come or go. */
  hash(id: NameId): number {
    return id >= 0 ? (this.#hashes[id] as number) : hashText(this.text(id));
  }
}
