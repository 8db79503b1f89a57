import { word } from './word.ts';
import { isMapping, type Mapping, type Value } from './value.ts';

/** With the four columns that a report indents it by, a terminal holds it. */
const WIDTH = 76;
/** Everything below these keys is a thing of its own, with a line of its own. */
const BLOCKS = new Set(['producers', 'consumers', 'faults', 'systems', 'vary']);

/** A scenario as YAML in the style of the library: short mappings in one line. */
export function writeScenario(root: Mapping): string {
  return (
    [...root].flatMap(([key, value]) => entry(key, value, '', BLOCKS.has(key))).join('\n') + '\n'
  );
}

function entry(key: string, value: Value, indent: string, open: boolean): string[] {
  const name = word(key);
  const flow = `${indent}${name}: ${inline(value)}`;
  if (typeof value === 'string' || sizeOf(value) === 0) return [flow];
  if (!open && flow.length <= WIDTH && sizeOf(value) <= 8) return [flow];
  const deeper = `${indent}  `;
  if (isMapping(value)) {
    return [
      `${indent}${name}:`,
      ...[...value].flatMap(([inner, v]) => entry(inner, v, deeper, indent === '' && !flat(v))),
    ];
  }
  return [`${indent}${name}:`, ...(value as readonly Value[]).flatMap((v) => item(v, deeper))];
}

/** A component with mappings of its own is read better over several lines. */
function flat(value: Value): boolean {
  return !isMapping(value) || [...value.values()].every((inner) => typeof inner === 'string');
}

function item(value: Value, indent: string): string[] {
  if (!isMapping(value) || value.size === 0) return [`${indent}- ${inline(value)}`];
  const lines = [...value].flatMap(([key, inner]) => entry(key, inner, `${indent}  `, false));
  return [`${indent}- ${lines[0].trimStart()}`, ...lines.slice(1)];
}

/** In one line: "{ crash: broker-1, at: 5s }". */
export function inline(value: Value): string {
  if (typeof value === 'string') return value;
  if (isMapping(value)) {
    if (value.size === 0) return '{}';
    return `{ ${[...value].map(([key, v]) => `${word(key)}: ${inline(v)}`).join(', ')} }`;
  }
  return `[${(value as readonly Value[]).map(inline).join(', ')}]`;
}

function sizeOf(value: Value): number {
  if (typeof value === 'string') return 1;
  const inner = isMapping(value) ? [...value.values()] : (value as readonly Value[]);
  return inner.reduce((sum, v) => sum + sizeOf(v), 0);
}
