import { relative, resolve, sep } from 'node:path';
import { visible } from '../reports/text.ts';
import { STDIN } from './input.ts';

/** A file as reports name it: from here, with forward slashes, the same on every machine. */
export function nameOf(path: string): string {
  if (path === STDIN) return STDIN;
  return relative(process.cwd(), resolve(path)).split(sep).join('/');
}

/** A word as a shell takes it for one word. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  const spelled = visible(word);
  if (spelled !== word) {
    // What a terminal must not see is spelled out, as bash and zsh understand it.
    return `$'${visible(word.replace(/[\\']/g, (c) => `\\${c}`))}'`;
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A file that is named like an option would be taken for one. */
export const asFile = (name: string): string => (/^-./.test(name) ? `./${name}` : name);
