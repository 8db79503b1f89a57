import { assign } from './assign.ts';
import { BOUNDS } from './codes.ts';
import type { Complaints } from './place.ts';
import type { Assignment } from './scenario.ts';
import { variantSchema } from './form.ts';
import { salvage } from './shape.ts';
import {
  type Branch,
  find,
  type Path,
  replaced,
  type Sequence,
  sizeOf,
  spell,
  type Tree,
  valueSpan,
  without,
} from './tree.ts';

/** One entry of `vary:`: the file with it applied, except for its expectations. */
export interface Variant {
  readonly name: string;
  readonly tree: Tree;
  readonly set: readonly Assignment[];
  /** Where its own `expect:` stands in the original file. */
  readonly expect: Path | undefined;
}

/** The variants of a file, from a grid or a list. */
export function readVariants(root: Branch, complaints: Complaints): Variant[] {
  const vary = root.entries.get('vary');
  if (vary === undefined) return [];
  const base = without(root, 'vary');
  const { tree } = vary;
  if (tree.is === 'leaf') {
    if (tree.value !== null) {
      const hint = 'write a list of `{ name, set }`, or `path: [values]`';
      complaints.add('SCN013', tree.span, '"vary" is a list or a mapping', hint);
    }
    return [];
  }
  const count = tree.is === 'sequence' ? tree.items.length : cells(tree);
  if (count > BOUNDS.variants || count * sizeOf(base) > BOUNDS.work) {
    const most = Math.min(BOUNDS.variants, Math.floor(BOUNDS.work / sizeOf(base)));
    const says = `${count} variants; ${most} are allowed for a file of this size`;
    complaints.add('SCN084', vary.key, says, 'vary less at once');
    return [];
  }
  return tree.is === 'sequence' ? list(root, base, tree, complaints) : grid(base, tree, complaints);
}

function cells(tree: Branch): number {
  let count = 1;
  for (const { tree: axis } of tree.entries.values()) {
    if (axis.is === 'sequence') count *= axis.items.length;
    if (count > BOUNDS.work) return count;
  }
  return count;
}

function list(root: Tree, base: Branch, tree: Sequence, complaints: Complaints): Variant[] {
  const variants: Variant[] = [];
  const names = new Set<string>();
  tree.items.forEach((item, i) => {
    const path = ['vary', i];
    if (item.is !== 'branch') {
      const hint = 'write `- name: ...` and `set: { path: value }`';
      complaints.add('SCN013', item.span, 'a variant is a mapping', hint);
      return;
    }
    // Its faults and expectations are read like those of the file itself.
    const frame = without(without(item, 'faults'), 'expect');
    const shape = salvage(variantSchema, frame, path, root, complaints);
    const leaf = find(item, ['name']);
    const name = leaf?.is === 'leaf' ? leaf.text : '';
    if (names.has(name) && name !== '') {
      const says = `two variants are called "${name}"`;
      complaints.add('SCN061', valueSpan(root, [...path, 'name']), says, 'name them differently');
    }
    names.add(name);
    let applied: Tree = base;
    const set: Assignment[] = [];
    const assignments = find(item, ['set']);
    if (shape !== undefined && assignments?.is === 'branch') {
      for (const [dotted, { key, tree: value }] of assignments.entries) {
        applied = assign(applied, dotted, value, key, complaints) ?? applied;
        set.push({ path: dotted, value: spell(value) });
      }
    }
    const faults = item.entries.get('faults');
    if (faults !== undefined) applied = replaced(applied, ['faults'], faults.tree, faults.key);
    const expect = item.entries.has('expect') ? [...path, 'expect'] : undefined;
    variants.push({ name, tree: applied, set, expect });
  });
  return variants;
}

/** Every combination of one value from each axis; the last axis changes fastest. */
function grid(base: Branch, tree: Branch, complaints: Complaints): Variant[] {
  let variants: Variant[] = [{ name: '', tree: base, set: [], expect: undefined }];
  const short = shortNames([...tree.entries.keys()]);
  for (const [dotted, { key, tree: axis }] of tree.entries) {
    if (axis.is !== 'sequence' || axis.items.length === 0) {
      const says =
        axis.is === 'sequence' ? `"${dotted}" has no values` : `"${dotted}" is a list of values`;
      complaints.add('SCN062', key, says, 'write `path: [one, another]`');
      continue;
    }
    if (assign(base, dotted, axis.items[0], key, complaints) === undefined) continue;
    variants = variants.flatMap((variant) =>
      axis.items.map((value) => {
        const spelled = spell(value);
        const name = `${short.get(dotted)}=${spelled}`;
        return {
          name: variant.name === '' ? name : `${variant.name}, ${name}`,
          tree: assign(variant.tree, dotted, value, key, complaints) ?? variant.tree,
          set: [...variant.set, { path: dotted, value: spelled }],
          expect: undefined,
        };
      }),
    );
  }
  return variants.filter((variant) => variant.name !== '');
}

/** `acks` for `producers.checkout.config.acks`, while that tells the axes apart. */
function shortNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const short = (path: string) => path.split(/\.config\./).at(-1) ?? path;
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(short(path), (counts.get(short(path)) ?? 0) + 1);
  return new Map(paths.map((p) => [p, counts.get(short(p)) === 1 ? short(p) : p]));
}
