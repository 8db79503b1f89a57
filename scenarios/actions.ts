import type { ActionKind, ActionPlan } from '../models/parts/system.ts';
import type { Micros } from '../sim/kernel/time.ts';
import type { Deployed } from './deployment.ts';
import { didYouMean } from './nearest.ts';
import type { Reader } from './read.ts';
import type { PlannedAction } from './scenario.ts';
import { readSettings } from './settings.ts';
import { type Branch, find, keysOf, keySpan, type Path, type Tree, valueSpan } from './tree.ts';

type Systems = Deployed['systems'];

/** The actions of a scenario, and the systems with those that are theirs. */
export interface Acted {
  readonly actions: readonly PlannedAction[];
  readonly systems: Systems;
}

/** Reads `actions:`, what operators do with the systems while they run. */
export function readActions(deployed: Deployed, until: Micros, reader: Reader): Acted {
  const { systems } = deployed;
  const tree = find(reader.root, ['actions']);
  if (tree === undefined || (tree.is === 'leaf' && tree.value === null)) {
    return { actions: [], systems };
  }
  if (tree.is !== 'sequence') {
    const hint = 'write `- add-partitions: { topic: orders, to: 6 }` and `at: 5s` below it';
    reader.complaints.add(
      'SCN013',
      valueSpan(reader.root, ['actions']),
      '"actions" is a list',
      hint,
    );
    return { actions: [], systems };
  }
  const plans = systems.map((): ActionPlan[] => []);
  const actions: PlannedAction[] = [];
  tree.items.forEach((item, i) => {
    const read = readOne(item, ['actions', i], systems, until, reader);
    if (read === undefined) return;
    const index = plans[read.system].push(read.plan) - 1;
    const { line } = item.span.origin.locate(item.span.start);
    actions.push({
      text: textOf(item as Branch, read.plan.kind),
      line,
      system: read.system,
      index,
    });
  });
  return {
    actions,
    systems: systems.map(({ system, deployment }, i) => ({
      system,
      deployment: plans[i].length === 0 ? deployment : { ...deployment, actions: plans[i] },
    })),
  };
}

function readOne(
  item: Tree,
  path: Path,
  systems: Systems,
  until: Micros,
  reader: Reader,
): { readonly system: number; readonly plan: ActionPlan } | undefined {
  const { complaints, root } = reader;
  if (item.is !== 'branch') {
    const hint = 'write `- add-partitions: { topic: orders, to: 6 }` and `at: 5s`';
    complaints.add('SCN013', valueSpan(root, path), 'an action is a mapping', hint);
    return undefined;
  }
  const words = keysOf(item).filter((key) => key !== 'at');
  const known = systems.flatMap(({ system }) => (system.actions ?? []).map((kind) => kind.name));
  if (systems.length === 0) return undefined;
  const [word] = words;
  if (words.length !== 1 || !known.includes(word)) {
    const odd = words.find((key) => !known.includes(key)) ?? words[1];
    const span = odd === undefined ? item.span : keySpan(root, [...path, odd]);
    const both = words.length > 1 && odd !== undefined && known.includes(odd);
    const says = both
      ? `two actions in one entry: ${words.join(', ')}`
      : `unknown action "${odd ?? ''}"`;
    const list = known.length === 0 ? 'this system knows none' : `known: ${known.join(', ')}`;
    const hint = both ? 'begin a new entry with "-"' : didYouMean(odd ?? '', known, list);
    complaints.add('SCN055', span, says, hint);
    return undefined;
  }
  const system = systems.findIndex((s) => s.system.actions?.some((kind) => kind.name === word));
  const kind = systems[system].system.actions?.find((k) => k.name === word) as ActionKind;
  const at = readTime(item, path, word, until, reader);
  const values = readValues(path, kind, systems[system], reader);
  if (at === undefined || values === undefined) return undefined;
  return { system, plan: { kind: word, at, values } };
}

function readTime(item: Branch, path: Path, word: string, until: Micros, reader: Reader) {
  const { complaints, root } = reader;
  const written = item.entries.get('at')?.tree;
  if (written?.is !== 'leaf') {
    const says = `when is "${word}" done?`;
    complaints.add('SCN056', keySpan(root, [...path, word]), says, 'add `at: 5s`');
    return undefined;
  }
  const at = reader.duration(written.text, [...path, 'at'], 0);
  if (at < until) return at;
  const says = `an action at ${written.text}, after the end of the run`;
  complaints.add('SCN045', written.span, says, 'act earlier, or raise `limits: { until: ... }`');
  return undefined;
}

function readValues(path: Path, kind: ActionKind, { deployment }: Systems[number], reader: Reader) {
  const { complaints, root } = reader;
  const before = complaints.errors;
  const at = [...path, kind.name];
  const tree = find(root, at);
  const given = new Map<string, { key: ReturnType<typeof keySpan>; tree: Tree }>();
  for (const name of keysOf(tree)) {
    const value = find(tree, [name]);
    if (value !== undefined) given.set(name, { key: keySpan(root, [...at, name]), tree: value });
  }
  const place = `"${kind.name}" action`;
  const table = { keys: kind.keys, version: deployment.version, place, elsewhere: () => '' };
  const values = readSettings(given, table, complaints, new Map());
  for (const key of kind.keys) {
    if (key.default !== null || given.has(key.name)) continue;
    const says = `"${kind.name}" needs "${key.name}"`;
    complaints.add('SCN011', keySpan(root, at), says, key.says);
  }
  const named = (key: string, code: 'SCN023' | 'SCN051', names: readonly string[]) => {
    if (!values.given(key) || names.includes(values.text(key))) return;
    const says = `there is no ${key} "${values.text(key)}"`;
    complaints.add(code, valueSpan(root, [...at, key]), says, didYouMean(values.text(key), names));
  };
  const channels = deployment.channels.map((channel) => channel.name);
  if (kind.keys.some((key) => key.name === 'topic')) named('topic', 'SCN023', channels);
  if (kind.keys.some((key) => key.name === 'queue')) named('queue', 'SCN023', channels);
  if (kind.keys.some((key) => key.name === 'subscription')) {
    named('subscription', 'SCN023', channels);
  }
  const groups = deployment.consumers.map((consumer) => consumer.name);
  if (kind.keys.some((key) => key.name === 'group')) named('group', 'SCN051', groups);
  return complaints.errors > before ? undefined : values;
}

/** "add-partitions topic orders to 6, at 5s". */
function textOf(item: Branch, kind: string): string {
  const tree = item.entries.get(kind)?.tree;
  const words = keysOf(tree).map((key) => `${key} ${textAt(find(tree, [key]))}`);
  return `${[kind, ...words].join(' ')}, at ${textAt(item.entries.get('at')?.tree)}`;
}

function textAt(tree: Tree | undefined): string {
  if (tree?.is === 'leaf') return tree.text;
  return tree?.is === 'sequence' ? tree.items.map(textAt).join('+') : '';
}
