import type { Code } from '../../../scenarios/codes.ts';
import type { LoadOptions } from '../../../scenarios/load.ts';

/** A file that is right but for what is added to it. */
export const HEAD = `scenario: x
system: kafka
cluster: { brokers: 3 }
topics: { orders: { partitions: 3 } }
producers: { checkout: { to: orders } }
consumers: { fulfilment: { from: orders, instances: 2 } }
`;

/** What a system says is a line of its own; the rest of a file stands around it. */
export function withSystem(line: string): string {
  return `scenario: x\nsystem: kafka\ntopics: { orders: {} }\n${line}\n`;
}

export interface Case {
  readonly text: string;
  /** Part of what the problem says, and of the remedy. */
  readonly says: string;
  readonly hint: string;
  readonly options?: LoadOptions;
}

/**
 * The text between « and » is what the caret underlines; a file has as many problems as marks. The
 * marks are taken out before loading.
 */
export type Mistakes = readonly (readonly [code: Code, ...cases: Case[]])[];

/** Takes out the marks; says where they were. */
export function marked(text: string): { text: string; marks: string[] } {
  const marks: string[] = [];
  let plain = '';
  for (const [, before, inner] of text.matchAll(/([^«]*)(?:«([^»]*)»)?/g)) {
    plain += before;
    if (inner === undefined) continue;
    const lines = plain.split('\n');
    marks.push(`${lines.length}:${(lines.at(-1) ?? '').length + 1}+${Math.max(1, inner.length)}`);
    plain += inner;
  }
  return { text: plain, marks };
}
