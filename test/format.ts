import { CHANNEL_WORDS } from '../models/parts/system.ts';
import { FAULT_KINDS } from '../scenarios/fault-schema.ts';
import { KINDS, NAME, TARGET } from '../scenarios/quantities.ts';
import { jsonSchema, type Json } from '../scenarios/schema.ts';
import * as units from '../scenarios/units.ts';
import { FACT_NAMES } from '../sim/kernel/entry.ts';
import { code, table } from './markdown.ts';

/** Texts of a form are called by the name of the form. */
const WORDS: ReadonlyMap<string, string> = new Map([
  [NAME.source, 'name'],
  [TARGET.source, 'name, or `system/name`'],
  [units.DURATION.source, 'duration'],
  [units.SIGNED_DURATION.source, 'duration with a sign'],
  [units.SIZE.source, 'size'],
  [units.RATE.source, 'rate'],
  [units.BANDWIDTH.source, 'bandwidth'],
  [units.CHANCE.source, 'chance'],
]);

/** What stands in keys.md: each system has its own. */
const SYSTEM_KEYS: ReadonlySet<string> = new Set(['config', 'cluster', ...CHANNEL_WORDS]);
const OWN = 'the [keys of the system](keys.md)';
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['expect', 'mapping of [measures](measures.md)'],
  ['actions', 'list of [actions](keys.md), each with `at`'],
  ['set', 'mapping of paths to values'],
]);

const HEAD = ['key', 'value', 'default', 'says'];

/** A section per mapping whose keys are described; other mappings are spelled where they stand. */
class Sections {
  readonly #found: string[] = [];

  /** Markdown of a mapping and, after it, of the mappings inside. */
  add(title: string, schema: Json): void {
    const at = this.#found.push('') - 1;
    const rows = keysOf(schema).map(([key, value]) => this.#row(title, schema, key, value));
    this.#found[at] = `## ${title}\n\n${table(HEAD, rows)}\n`;
  }

  text(): string {
    return this.#found.join('\n');
  }

  #row(title: string, schema: Json, key: string, value: Json): string[] {
    const path = title === TOP ? key : `${title} ${key}`;
    return [code(key), this.#value(path, key, value), given(schema, key, value), says(value)];
  }

  #value(path: string, key: string, schema: Json): string {
    if (key === 'config') return `${OWN}, or pasted text`;
    if (SYSTEM_KEYS.has(key)) return key === 'cluster' ? OWN : `mapping of names to ${OWN}`;
    if (key === 'faults') return 'list of [faults](#faults)';
    if (key === 'systems') return 'mapping of names to `system`, `version`, `cluster` and channels';
    return ELSEWHERE.get(key) ?? this.#form(path, schema);
  }

  #form(path: string, schema: Json): string {
    const options = optionsOf(schema);
    if (options.length > 1) {
      return either(options.map((option) => this.#form(path, option)));
    }
    const [only] = options;
    if (only.type === 'array') return listOf(this.#form(path, only.items as Json));
    if (only.type !== 'object') return plain(only);
    if (only.properties === undefined) return this.#record(path, only);
    if (!keysOf(only).some(([, value]) => says(value) !== '')) return plain(only);
    this.add(path, only);
    return `[these keys](#${path.replaceAll(' ', '-')})`;
  }

  #record(path: string, { additionalProperties, propertyNames }: Json): string {
    const inner = additionalProperties as Json;
    const of = (propertyNames as Json).pattern === undefined ? 'paths' : 'names';
    return `mapping of ${of} to ${Object.keys(inner).length === 0 ? 'values' : this.#form(path, inner)}`;
  }
}

const TOP = 'The file';

const keysOf = ({ properties }: Json): [string, Json][] =>
  Object.entries((properties ?? {}) as Record<string, Json>);

const says = ({ description }: Json): string => (description ?? '') as string;

/** The alternatives of a schema, without those that say "nothing". */
function optionsOf(schema: Json): Json[] {
  const options = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (options === undefined) return schema.type === 'null' ? [] : [schema];
  const flat = options.flatMap(optionsOf);
  // A bare 0 is a form of a quantity.
  return flat.filter((option) => option.const !== 0);
}

function given(schema: Json, key: string, value: Json): string {
  if (((schema.required ?? []) as string[]).includes(key)) return 'required';
  if (value.default === undefined) return '';
  return code(written(value.default));
}

function written(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${written(inner)}`)
    .join(', ')} }`;
}

/** Alternatives in words: "a, b or c". */
function either(words: readonly string[]): string {
  const different = [...new Set(words)];
  // "a, b or list of a or b"
  const [rest, list] = [different.slice(0, -1), different.at(-1) ?? ''];
  if (rest.length > 0 && list === listOf(either(rest)))
    return `${either(rest)}, or a list of these`;
  return rest.length === 0 ? list : `${rest.join(', ')} or ${list}`;
}

const listOf = (word: string): string => `list of ${/^[a-z]+$/.test(word) ? `${word}s` : word}`;

/** A value that holds no mapping with a section of its own. */
function plain(schema: Json): string {
  const options = optionsOf(schema);
  if (options.length > 1) return either(options.map(plain));
  const [{ type, pattern, const: fixed, enum: words, ...only }] = options;
  if (fixed !== undefined) return code(written(fixed));
  if (words !== undefined) {
    const list = words as string[];
    return list.length === FACT_NAMES.length
      ? 'a [fact](measures.md#facts)'
      : either(list.map(code));
  }
  if (type === undefined) return 'value';
  if (type === 'array') return listOf(plain(only.items as Json));
  if (type === 'object') {
    const inner = keysOf(only).map(([key]) => key);
    return code(`{ ${inner.join(', ')} }`);
  }
  if (type === 'integer') return `whole number, ${range(only)}`;
  if (type === 'number' && only.minimum !== undefined) return `number, ${range(only)}`;
  if (type === 'boolean') return '`true` or `false`';
  return WORDS.get(pattern as string) ?? (type === 'number' ? 'number' : 'text');
}

function range({ minimum, maximum }: Json): string {
  return `${minimum as number}..${maximum === Number.MAX_SAFE_INTEGER ? '' : (maximum as number)}`;
}

interface FaultKey {
  readonly cells: readonly string[];
  readonly kinds: string[];
}

/** One row for each kind, then one for each further key, with the kinds that have it. */
function faults(list: readonly Json[]): string {
  const kinds: string[][] = [];
  const keys = new Map<string, FaultKey>();
  list.forEach((schema, i) => {
    const kind = FAULT_KINDS[i];
    for (const [key, value] of keysOf(schema)) {
      if (key === kind) {
        kinds.push([code(kind), kind in FAULT_OF ? FAULT_OF[kind] : plain(value), says(value)]);
        continue;
      }
      const form = key === 'when' ? '[these keys](#faults-when)' : plain(value);
      const cells = [code(key), form, given(schema, key, value), says(value)];
      const entry = keys.get(cells.join()) ?? { cells, kinds: [] };
      entry.kinds.push(kind);
      keys.set(cells.join(), entry);
    }
  });
  const rows = [...keys.values()].map(({ cells, kinds: of }) => [
    ...cells,
    of.length === list.length ? 'all' : of.map(code).join(' '),
  ]);
  const when = new Sections();
  when.add('faults when', Object.fromEntries(keysOf(list[0])).when as Json);
  return `## faults

Each entry has one of these, and one key that says when: \`at\`, \`nth\`, \`when\` or \`chance\`.

${table(['kind', 'value', 'says'], kinds)}

What else an entry may have:

${table([...HEAD, 'of'], rows)}

${when.text()}`;
}

const MESSAGE = "a message's name, or `any`";
const FAULT_OF: Readonly<Record<string, string>> = {
  lose: MESSAGE,
  delay: MESSAGE,
  duplicate: MESSAGE,
  reorder: MESSAGE,
  reset: MESSAGE,
  partition: '`[[a], [b, c]]` or `{ from, to }`',
};

/** docs/reference/format.md: the file format in words. */
export function format(): string {
  const schema = jsonSchema();
  const top = schema.properties as Record<string, Json>;
  const sections = new Sections();
  sections.add(TOP, schema);
  const [list] = optionsOf(top.faults);
  const forms = FORMS.map((form) => [form, KINDS[form]]);
  return `# The format of a scenario file

What \`lost-ack schema\` prints for editors, in words. A file is YAML. Configuration keys of the systems,
their channels and actions are in [keys](keys.md), measures and facts in [measures](measures.md), mistakes in
[problems](problems.md).

## Values

${table(['value', 'is'], forms)}

In \`expect\`, a measure is ${KINDS.number}; \`guarantee\` is ${KINDS.guarantee}.

${sections.text()}
${faults(optionsOf(list.items as Json))}`;
}

const FORMS = ['name', 'duration', 'size', 'rate', 'bandwidth', 'chance'] as const;
