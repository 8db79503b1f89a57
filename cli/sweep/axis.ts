import { InvalidArgumentError } from 'commander';

/** One `--vary`: a path and the values it takes. */
export interface Axis {
  readonly path: string;
  readonly values: readonly string[];
}

const VALUES_MAX = 1_000;

/** `--vary path=v1,v2` or `path=1..5`, as often as wanted. */
export function axis(word: string, earlier: readonly Axis[] = []): readonly Axis[] {
  const at = word.indexOf('=');
  if (at < 1 || at === word.length - 1) {
    throw new InvalidArgumentError('It should be path=v1,v2: producers.checkout.config.acks=1,all');
  }
  const path = word.slice(0, at);
  if (earlier.some((known) => known.path === path)) {
    throw new InvalidArgumentError(`"${path}" is varied twice: write all its values in one list.`);
  }
  const values = split(word.slice(at + 1)).flatMap(range);
  if (values.length > VALUES_MAX) {
    throw new InvalidArgumentError(`${values.length} values; ${VALUES_MAX} are allowed.`);
  }
  return [...earlier, { path, values }];
}

/** At commas, but not inside of [], {} or quotes: a value is YAML. */
function split(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let quote = '';
  let value = '';
  for (const c of text) {
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '[' || c === '{') depth++;
    else if (c === ']' || c === '}') depth--;
    else if (c === ',' && depth === 0) {
      values.push(value.trim());
      value = '';
      continue;
    }
    value += c;
  }
  return [...values, value.trim()];
}

/** "1..5" is 1, 2, 3, 4, 5. */
function range(value: string): string[] {
  const match = /^(-?\d{1,9})\.\.(-?\d{1,9})$/.exec(value);
  if (match === null) return [value];
  const [first, last] = [Number(match[1]), Number(match[2])];
  const count = Math.min(last - first + 1, VALUES_MAX + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => String(first + i));
}
