import type { Trace } from '../../kernel/entry.ts';

/** Two that hear the same run. */
export function both(a: Trace, b: Trace): Trace {
  return {
    sent: (entry) => {
      a.sent(entry);
      b.sent(entry);
    },
    event: (...told) => {
      a.event(...told);
      b.event(...told);
    },
    fact: (...told) => {
      a.fact(...told);
      b.fact(...told);
    },
    tell: (...told) => {
      a.tell(...told);
      b.tell(...told);
    },
  };
}
