import type { Choices, Site } from '../../kernel/choices.ts';
import type { Distribution } from '../../kernel/distribution.ts';
import type { Names } from '../../kernel/names.ts';
import type { Micros, Ppm } from '../../kernel/time.ts';
import type { Offer, Take } from './space.ts';

/** Answers what is on offer by `take`, and leaves everything else to the seed. */
export class Placed implements Choices {
  readonly offers: Offer[] = [];
  readonly placed: string[] = [];
  readonly #names: Names;
  readonly #rest: Choices;
  readonly #take: Take;
  readonly #asked = new Map<string, number>();

  constructor(names: Names, rest: Choices, take: Take) {
    this.#names = names;
    this.#rest = rest;
    this.#take = take;
  }

  choose(site: Site, n: number, ppm?: Ppm): number {
    // Nobody draws what has no chance: it is an offer.
    if (ppm !== 0) return this.#rest.choose(site, n, ppm);
    const names = this.#names;
    const onNode = site.kind === 'strike';
    const offer: Offer = {
      label: this.#unique(site.label(names)),
      kind: onNode ? names.text(site.what) : site.kind,
      type: names.text(onNode ? site.about : site.what),
      from: names.text(site.from),
      to: site.to < 0 ? '' : names.text(site.to),
    };
    this.offers.push(offer);
    if (!this.#take(offer)) return 0;
    this.placed.push(offer.label);
    return 1;
  }

  /** A model that names two messages alike still gets one fault for one placed: "...~2". */
  #unique(label: string): string {
    const times = (this.#asked.get(label) ?? 0) + 1;
    this.#asked.set(label, times);
    return times === 1 ? label : `${label}~${times}`;
  }

  sample(site: Site, table: Distribution): Micros {
    return this.#rest.sample(site, table);
  }
}
