import type { Assignment } from '../../scenarios/scenario.ts';
import type { Axis } from './axis.ts';

/** One combination of values; "" and nothing to set without `--vary`. */
export interface Cell {
  readonly name: string;
  readonly set: readonly Assignment[];
}

export function countCells(axes: readonly Axis[]): number {
  return axes.reduce((n, { values }) => n * values.length, 1);
}

/** Every combination; the last axis changes fastest. */
export function cellsOf(axes: readonly Axis[]): readonly Cell[] {
  const short = shortNames(axes.map(({ path }) => path));
  return axes.reduce<readonly Cell[]>(
    (cells, { path, values }) =>
      cells.flatMap((cell) =>
        values.map((value) => {
          const name = `${short.get(path) ?? path}=${value}`;
          return {
            name: cell.name === '' ? name : `${cell.name}, ${name}`,
            set: [...cell.set, { path, value }],
          };
        }),
      ),
    [{ name: '', set: [] }],
  );
}

/**
 * Of each path the end, as long as it tells the paths apart: `count` for
 * `producers.checkout.send.count`. Below `config` the whole rest is one key.
 */
function shortNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const parts = new Map(paths.map((path) => [path, partsOf(path)]));
  const end = (path: string, length: number) => (parts.get(path) ?? []).slice(-length).join('.');
  const shortest = (path: string): string => {
    for (let length = 1; length < (parts.get(path)?.length ?? 0); length++) {
      const name = end(path, length);
      if (paths.every((other) => other === path || end(other, length) !== name)) return name;
    }
    return path;
  };
  return new Map(paths.map((path) => [path, shortest(path)]));
}

function partsOf(path: string): readonly string[] {
  const [head, ...config] = path.split('.config.');
  return config.length === 0 ? path.split('.') : [...head.split('.'), config.join('.config.')];
}
