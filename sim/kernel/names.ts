import { assert } from './assert.ts';
import { hashText } from './hash.ts';

/** A dense number standing for a name: of a node, a message type, a partition, a reason. */
export type NameId = number;

/** Names are numbers inside a run and words only at its edges. */
export class Names {
  readonly #ids = new Map<string, NameId>();
  readonly #texts: string[] = [];
  readonly #hashes: number[] = [];

  id(text: string): NameId {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.length;
    this.#ids.set(text, id);
    this.#texts.push(text);
    this.#hashes.push(hashText(text));
    return id;
  }

  text(id: NameId): string {
    const text = this.#texts[id];
    assert(text !== undefined, 'a name is handed out before it is read');
    return text;
  }

  /** Depends on the text alone, so a site keeps its fate when other names come or go. */
  hash(id: NameId): number {
    return this.#hashes[id] as number;
  }
}
