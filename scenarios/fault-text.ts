import type { FaultKind } from '../sim/kernel/fault.ts';
import { type Branch, type Tree } from './tree.ts';

/** A planned fault in one line, as a person would say it: "lose ProduceResponse, nth 3". */
export function faultText(tree: Branch, what: FaultKind): string {
  const parts = [`${what} ${phrase(tree.entries.get(what)?.tree)}`];
  for (const [key, { tree: value }] of tree.entries) {
    if (key === what) continue;
    if (key === 'when' && value.is === 'branch') parts.push(event(value));
    else if (key === 'restart') parts.push(`restart after ${phrase(value)}`);
    else parts.push(`${key} ${phrase(value)}`);
  }
  return parts.join(', ');
}

function phrase(tree: Tree | undefined): string {
  if (tree === undefined) return '';
  if (tree.is === 'leaf') return tree.text;
  if (tree.is === 'sequence') {
    const nested = tree.items.some((item) => item.is === 'sequence');
    const words = tree.items.map((i) =>
      i.is === 'sequence' ? i.items.map(phrase).join('+') : phrase(i),
    );
    return words.join(nested ? ' | ' : '+');
  }
  const { entries } = tree;
  const ends = [entries.get('from'), entries.get('to')];
  const arrow = ends.every((e) => e !== undefined)
    ? [ends.map((e) => phrase(e?.tree)).join(' > ')]
    : [];
  const rest = [...entries].filter(
    ([key]) => arrow.length === 0 || (key !== 'from' && key !== 'to'),
  );
  return [...arrow, ...rest.map(([key, e]) => `${key} ${phrase(e.tree)}`)].join(' ');
}

/** "when stored nth 40 on broker-1". */
function event(tree: Branch): string {
  const part = (key: string) => phrase(tree.entries.get(key)?.tree);
  const nth = tree.entries.has('nth') ? ` nth ${part('nth')}` : '';
  const node = tree.entries.has('node') ? ` on ${part('node')}` : '';
  return `when ${part('event')}${nth}${node}`;
}
