import { assert } from '../../sim/kernel/assert.ts';

/** A sentence, and what it rests on: none is shown that its lesson's own runs do not bear out. */
export interface Claim<M> {
  readonly says: string | ((m: M) => string);
  readonly holds: (m: M) => boolean;
}

/** One that is shown before anything was run; the runs are held to it all the same. */
export type Premise<M> = Claim<M> & { readonly says: string };

/** One lesson: predict, run, see. `M` is what its runs came to, as plain data. */
export interface Lesson<M> {
  readonly name: string;
  readonly title: string;
  /** What there is, before anything is asked. */
  readonly story: readonly Premise<M>[];
  readonly question: string;
  readonly choices: readonly string[];
  /** Which choice the runs bear out, by its place. */
  answer(m: M): number;
  /** Simulations; nothing else decides what is shown. */
  measure(): M;
  /** What was measured, as lines of at most 80 columns; `guess`: the choice predicted, or -1. */
  picture(m: M, guess: number): readonly string[];
  readonly claims: readonly Claim<M>[];
  /** For whoever teaches it; what leads to the choices that are wrong. */
  readonly teacher: readonly Claim<M>[];
  /** A command to go on with. */
  readonly next: string;
}

/** All sentences of a lesson, in the order in which they are shown. */
export function claimsOf<M>({ story, claims, teacher }: Lesson<M>): readonly Claim<M>[] {
  return [...story, ...claims, ...teacher];
}

const wordsOf = <M>({ says }: Claim<M>, m: M): string =>
  typeof says === 'string' ? says : says(m);

/** A lesson as it is shown, whatever it measures. */
export interface Opened extends Pick<
  Lesson<unknown>,
  'name' | 'title' | 'question' | 'choices' | 'next'
> {
  readonly story: readonly string[];
  /**
   * Runs it, for whoever predicted this choice (-1: none). A sentence that its runs do not bear out
   * is a bug of ours, never shown.
   */
  run(guess: number): Seen;
}

export interface Seen {
  readonly answer: number;
  readonly picture: readonly string[];
  readonly claims: readonly string[];
  readonly teacher: readonly string[];
}

export function opened<M>(lesson: Lesson<M>): Opened {
  const { name, title, question, choices, next, story } = lesson;
  return {
    name,
    title,
    question,
    choices,
    next,
    story: story.map(({ says }) => says),
    run(guess): Seen {
      const m = lesson.measure();
      for (const claim of claimsOf(lesson)) {
        assert(claim.holds(m), `a lesson says only what its runs show: ${wordsOf(claim, m)}`);
      }
      const words = (claims: readonly Claim<M>[]) => claims.map((claim) => wordsOf(claim, m));
      return {
        answer: lesson.answer(m),
        picture: lesson.picture(m, guess),
        claims: words(lesson.claims),
        teacher: words(lesson.teacher),
      };
    },
  };
}
