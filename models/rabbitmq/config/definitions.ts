import type { Arguments, ArgumentValue } from '../protocol.ts';

/** A list of a definitions file; `check.ts` has seen that it is one. */
export function readDefinitions<T>(json: string): readonly T[] {
  const list = parseList(json);
  return typeof list === 'string' ? [] : (list as readonly T[]);
}

/** A JSON list of mappings, or what is wrong with the text. */
export function parseList(json: string): readonly object[] | string {
  const value: unknown = JSON.parse(json === '' ? '[]' : json);
  if (!Array.isArray(value)) return 'it is no list';
  const odd = value.find((item) => typeof item !== 'object' || item === null);
  return odd === undefined ? (value as readonly object[]) : `an entry is ${JSON.stringify(odd)}`;
}

/** A JSON mapping of names to simple values, or what is wrong with the text. */
export function parseTable(json: string): Arguments | string {
  const value: unknown = JSON.parse(json === '' ? '{}' : json);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'it is no mapping';
  const entries = Object.entries(value);
  const odd = entries.find(([, item]) => typeof item === 'object' && item !== null);
  return odd === undefined
    ? new Map(entries as [string, ArgumentValue][])
    : `"${odd[0]}" is no simple value`;
}
