import { API_MESSAGES } from '../models/parts/payment-api.ts';
import { DATABASE_MESSAGES } from '../models/parts/database.ts';
import { Fact, type FactName } from '../sim/kernel/entry.ts';
import type { Fault, FaultKind, Match, When } from '../sim/kernel/fault.ts';
import { MILLISECOND, SECOND, type Micros } from '../sim/kernel/time.ts';
import type { Deployed } from './deployment.ts';
import { FAULT_KINDS, FAULTS } from './fault-schema.ts';
import { faultText } from './fault-text.ts';
import { didYouMean, nearest } from './nearest.ts';
import { DATABASE, type Nodes } from './nodes.ts';
import type { Reader } from './read.ts';
import type { PlannedFault } from './scenario.ts';
import { salvage } from './shape.ts';
import { type Branch, find, keysOf, keySpan, type Path, type Tree, valueSpan } from './tree.ts';
import { readThousandths } from './units.ts';

/** Any message at all, in place of a message's name. */
const ANY = 'any';
const WHENS = ['at', 'nth', 'when', 'chance'] as const;
/** Node faults by chance are drawn once a second unless `every` says otherwise. */
const EVERY = SECOND;

type Names = string | readonly string[];

/** Every key that any fault may have; which of them a kind has, its schema says. */
interface Written {
  readonly at?: string | 0;
  readonly nth?: number | readonly number[];
  readonly when?: { readonly event: FactName; readonly nth?: number; readonly node?: string };
  readonly chance?: string;
  readonly every?: string | 0;
  readonly for?: string | 0;
  readonly until?: string | 0;
  readonly restart?: string | 0;
  readonly apart?: string | 0;
  readonly from?: Names;
  readonly to?: Names;
  readonly about?: string | number;
  readonly by?: string | 0;
  readonly after?: string | 0;
  readonly ppm?: number;
  readonly factor?: number;
}

/** Reads one entry of `faults:` after another. */
export class FaultReader {
  readonly #reader: Reader;
  readonly #root: Tree;
  readonly #deployed: Deployed;
  readonly #nodes: Nodes;
  readonly #until: Micros;
  readonly #messages: readonly string[];

  constructor(deployed: Deployed, nodes: Nodes, until: Micros, reader: Reader) {
    this.#reader = reader;
    this.#root = reader.root;
    this.#deployed = deployed;
    this.#nodes = nodes;
    this.#until = until;
    this.#messages = [
      ...deployed.systems.flatMap((s) => s.system.messages),
      ...DATABASE_MESSAGES,
      ...API_MESSAGES,
    ];
  }

  /** One fault; several, when its nodes are struck one after another. */
  read(path: Path): readonly PlannedFault[] {
    const tree = find(this.#root, path);
    if (tree?.is !== 'branch') {
      const span = valueSpan(this.#root, path);
      this.#add(
        'SCN013',
        span,
        'a fault is a mapping',
        'write `- lose: ProduceResponse` and `nth: 3`',
      );
      return [];
    }
    const what = this.#kind(tree, path);
    if (what === undefined) return [];
    const entry = this.#withoutNth(tree, what, path);
    const written = salvage(FAULTS[what], entry, path, this.#root, this.#reader.complaints);
    if (written === undefined) return [];
    const fault = this.#fault(what, written as Written, path);
    if (fault === undefined) return [];
    const line = tree.span.origin.locate(tree.span.start).line;
    return this.#apart(fault, written as Written, path).map((each) => ({
      text: faultText(tree, what),
      line,
      fault: each,
    }));
  }

  /** A rolling restart: each node for itself, at its own time. */
  #apart(fault: Fault<string>, { apart }: Written, path: Path): Fault<string>[] {
    if (apart === undefined || !('nodes' in fault)) return [fault];
    const at = [...path, 'apart'];
    const span = this.#reader.positive(apart, at, 1, 'at one time: leave it out');
    const { when } = fault;
    if (when.is !== 'at') {
      const hint = 'write `at: 5s`';
      this.#add('SCN046', keySpan(this.#root, at), '"apart" needs a time to start from', hint);
      return [fault];
    }
    return fault.nodes.map((node, i) => {
      return { ...fault, nodes: [node], when: { is: 'at', at: when.at + i * span } };
    });
  }

  #add(...complaint: Parameters<Reader['complaints']['add']>): void {
    this.#reader.complaints.add(...complaint);
  }

  #value(path: Path) {
    return valueSpan(this.#root, path);
  }

  #kind(tree: Branch, path: Path): FaultKind | undefined {
    const keys = keysOf(tree);
    const found = FAULT_KINDS.filter((kind) => keys.includes(kind));
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      const span = keySpan(this.#root, [...path, found[1]]);
      const says = `two faults in one entry: ${found.join(', ')}`;
      this.#add('SCN012', span, says, 'begin a new entry with "-"');
      return undefined;
    }
    // The key that no fault has is the one that was meant to name it.
    const known = new Set(Object.values(FAULTS).flatMap((schema) => Object.keys(schema.shape)));
    const odd = keys.find((key) => nearest(key, FAULT_KINDS) !== undefined && !known.has(key));
    const word = odd ?? keys.find((key) => !known.has(key)) ?? keys[0];
    const span = word === undefined ? tree.span : keySpan(this.#root, [...path, word]);
    const says = word === undefined ? 'an empty fault' : `unknown fault "${word}"`;
    this.#add(
      'SCN012',
      span,
      says,
      didYouMean(word ?? '', FAULT_KINDS, `known: ${FAULT_KINDS.join(', ')}`),
    );
    return undefined;
  }

  #withoutNth(tree: Branch, what: FaultKind, path: Path): Branch {
    if (!tree.entries.has('nth') || 'nth' in FAULTS[what].shape) return tree;
    const hint = 'write `when: { event: stored, nth: 40 }`, or `at: 5s`';
    const says = `"nth" counts messages; "${what}" is not about messages`;
    this.#add('SCN044', keySpan(this.#root, [...path, 'nth']), says, hint);
    const entries = new Map(tree.entries);
    entries.delete('nth');
    return { ...tree, entries };
  }

  #fault(what: FaultKind, written: Written, path: Path): Fault<string> | undefined {
    const when = this.#when(what, written, path);
    const lasts = this.#for(what, written, when, path);
    const body = this.#body(what, written, path);
    if (when === undefined || body === undefined) return undefined;
    return { ...body, when, for: lasts } as Fault<string>;
  }

  #when(what: FaultKind, written: Written, path: Path): When<string> | undefined {
    const given = WHENS.filter((key) => find(this.#root, [...path, key]) !== undefined);
    const usable = given.filter((key) => what in MESSAGE_KINDS || key !== 'nth');
    if (usable.length === 0) {
      // A misplaced `nth` was the time that was meant.
      if (given.length > 0) return undefined;
      const choices =
        what in MESSAGE_KINDS ? '`at`, `nth`, `when` or `chance`' : '`at`, `when` or `chance`';
      this.#add(
        'SCN042',
        keySpan(this.#root, [...path, what]),
        `when does "${what}" strike?`,
        `add ${choices}`,
      );
      return undefined;
    }
    if (usable.length > 1) {
      const span = keySpan(this.#root, [...path, usable[1]]);
      const says = `"${usable[0]}" and "${usable[1]}" both say when`;
      this.#add('SCN043', span, says, 'keep one of them; two faults are two entries');
      return undefined;
    }
    if (written.every !== undefined && written.chance === undefined) {
      const span = keySpan(this.#root, [...path, 'every']);
      this.#add('SCN046', span, '"every" is how often a `chance` is drawn', 'remove it');
    }
    const { at, nth, when, chance } = written;
    if (at !== undefined) return { is: 'at', at: this.#at(at, [...path, 'at']) };
    if (nth !== undefined) {
      const list = typeof nth === 'number' ? [nth] : [...new Set(nth)].sort((a, b) => a - b);
      return { is: 'nth', nth: list };
    }
    if (when !== undefined) {
      const node = this.#one(when.node, [...path, 'when', 'node']);
      return { is: 'event', fact: Fact[when.event], nth: when.nth ?? 1, node };
    }
    if (chance === undefined) return undefined;
    const ppm = this.#reader.chance(chance, [...path, 'chance'], 0);
    const why = 'it is drawn anew after each such time';
    const every = this.#reader.positive(written.every, [...path, 'every'], EVERY, why);
    return { is: 'chance', ppm, every: what in MESSAGE_KINDS ? 0 : every };
  }

  #at(written: string | 0, path: Path): Micros {
    const at = this.#reader.duration(written, path, 0);
    if (at >= this.#until) {
      const hint = 'strike earlier, or raise `limits: { until: ... }`';
      this.#add(
        'SCN045',
        this.#value(path),
        `a fault at ${written}, after the end of the run`,
        hint,
      );
    }
    return at;
  }

  #one(name: string | undefined, path: Path): string | undefined {
    if (name === undefined) return undefined;
    const nodes = this.#nodes.resolve(name, this.#value(path), this.#reader.complaints);
    if (nodes !== undefined && nodes.length > 1) {
      const says = `"${name}" is ${nodes.length} nodes`;
      this.#add('SCN049', this.#value(path), says, `name one of them: ${nodes[0]}`);
    }
    return nodes?.[0];
  }

  /** How long it lasts; -1 for as long as anything may happen. */
  #for(what: FaultKind, written: Written, when: When<string> | undefined, path: Path): Micros {
    const lasts = written.restart ?? written.for;
    const key = written.restart !== undefined ? 'restart' : 'for';
    const meaningless = (name: string, says: string, hint: string) =>
      this.#add('SCN046', keySpan(this.#root, [...path, name]), says, hint);
    if (written.restart !== undefined && written.for !== undefined) {
      meaningless('for', '"for" and "restart" say the same of a node', 'keep `restart`');
    }
    if (lasts !== undefined && written.until !== undefined) {
      meaningless('until', `"${key}" and "until" both say when it ends`, 'keep one of them');
    }
    const limit = lasts !== undefined ? key : 'until';
    if (lasts === undefined && written.until === undefined) return -1;
    if (what === 'clock-jump') {
      meaningless(limit, 'a clock jumps at one moment', 'remove it; jump back with another fault');
      return -1;
    }
    if (when?.is === 'nth') {
      meaningless(
        limit,
        `"nth" names single messages, so "${limit}" says nothing`,
        'remove it, or use `at`',
      );
      return -1;
    }
    const why =
      key === 'restart' ? 'starting takes some time: 1ms' : 'a fault of no duration does nothing';
    if (lasts !== undefined) return this.#reader.positive(lasts, [...path, key], -1, why);
    const until = this.#reader.duration(written.until, [...path, 'until'], 0);
    if (when?.is === 'event' || (when?.is === 'chance' && !(what in MESSAGE_KINDS))) {
      meaningless('until', 'when it begins is not known beforehand', 'write `for:`');
      return -1;
    }
    const begins = when?.is === 'at' ? when.at : 0;
    if (until <= begins)
      meaningless('until', 'it ends before it begins', 'write a later time, or `for:`');
    return Math.max(1, until - begins);
  }

  #body(what: FaultKind, written: Written, path: Path): object | undefined {
    if (what in MESSAGE_KINDS) return this.#onMessages(what, written, path);
    if (what === 'partition') return this.#partition(written, path);
    const value = (written as Readonly<Record<string, unknown>>)[what];
    const target = [...path, what];
    if (what === 'slow-link') {
      const link = value as { from: Names; to: Names; by: string | 0 };
      const from = this.#names(link.from, [...target, 'from']);
      const to = this.#names(link.to, [...target, 'to']);
      const by = this.#reader.positive(link.by, [...target, 'by'], 1, 'by how much is it slower?');
      return from && to && { what, from, to, by };
    }
    const nodes = this.#names(value as Names, target);
    if (nodes === undefined) return undefined;
    switch (what) {
      case 'clock-jump':
        return { what, nodes, by: this.#reader.duration(written.by, [...path, 'by'], 0, true) };
      case 'clock-drift':
        return { what, nodes, ppm: written.ppm ?? 0 };
      case 'slow-disk':
        return { what, nodes, factor: this.#factor(written.factor ?? 1, [...path, 'factor']) };
      default:
        return { what, nodes };
    }
  }

  #factor(factor: number, path: Path): number {
    const thousandths = readThousandths(String(factor));
    if (thousandths === undefined) {
      this.#add(
        'SCN019',
        this.#value(path),
        `"factor" cannot be ${factor}`,
        'three decimals at most',
      );
    }
    return thousandths ?? 1000;
  }

  #names(names: Names | undefined, path: Path): readonly string[] | undefined {
    if (names === undefined) return [];
    const list = typeof names === 'string' ? [names] : names;
    const resolved = list.map((name, i) => {
      const at = typeof names === 'string' ? path : [...path, i];
      const leaf = find(this.#root, at);
      const span = leaf?.is === 'leaf' ? leaf.span : this.#value(path);
      return this.#nodes.resolve(name, span, this.#reader.complaints);
    });
    if (resolved.includes(undefined)) return undefined;
    return [...new Set(resolved.flatMap((nodes) => nodes ?? []))];
  }

  #partition(written: Written, path: Path): object | undefined {
    const at = [...path, 'partition'];
    const sides = (
      written as unknown as { partition: readonly Names[] | { from: Names; to: Names } }
    ).partition;
    const oneWay = !Array.isArray(sides);
    const [a, b] = Array.isArray(sides)
      ? (sides as readonly Names[])
      : [(sides as { from: Names }).from, (sides as { to: Names }).to];
    const from = this.#names(a, [...at, oneWay ? 'from' : 0]);
    const to = this.#names(b, [...at, oneWay ? 'to' : 1]);
    if (from === undefined || to === undefined) return undefined;
    const both = from.filter((node) => to.includes(node));
    if (both.length > 0) {
      const says = `"${both.join('", "')}" cannot be on both sides`;
      this.#add('SCN048', this.#value(at), says, 'name each node on one side only');
      return undefined;
    }
    return { what: 'partition', from, to, oneWay };
  }

  #onMessages(what: FaultKind, written: Written, path: Path): object | undefined {
    const word = String((written as Readonly<Record<string, unknown>>)[what]);
    const type = word === ANY ? '' : word;
    const known = type === '' || this.#messages.includes(type);
    const judged = this.#deployed.systems.length > 0;
    if (!known && judged) {
      const hint = didYouMean(word, [...this.#messages, ANY]);
      this.#add('SCN041', this.#value([...path, what]), `no message is called "${word}"`, hint);
    }
    if (known && (what === 'reorder' || what === 'duplicate')) this.#stream(what, type, path);
    const from = this.#names(written.from, [...path, 'from']);
    const to = this.#names(written.to, [...path, 'to']);
    const by = this.#reader.positive(written.by, [...path, 'by'], 1, 'by how much is it late?');
    const after = this.#reader.duration(written.after, [...path, 'after'], MILLISECOND);
    if (!known || from === undefined || to === undefined) return undefined;
    const match: Match<string> = { type, from, to, about: String(written.about ?? '') };
    if (what === 'delay') return { what, match, by };
    if (what === 'duplicate') return { what, match, after };
    return { what, match };
  }

  /** The database is talked to over a stream, the external service is not; systems say it. */
  #stream(what: FaultKind, type: string, path: Path): void {
    if (API_MESSAGES.includes(type)) return;
    const systems = this.#deployed.systems.map((s) => s.system);
    const own = systems.filter((s) => type === '' || s.messages.includes(type));
    const database = type === '' ? this.#nodes.has(DATABASE) : own.length === 0;
    const stream = database ? DATABASE : own.find((s) => s.transport === 'stream')?.name;
    if (stream === undefined) return;
    const says = `${stream} talks over TCP, which does not ${what} messages`;
    const hint = 'use `delay`, `lose` or `reset`; a client that sends again makes the duplicate';
    this.#add('SCN047', keySpan(this.#root, [...path, what]), says, hint);
  }
}

const MESSAGE_KINDS: Partial<Record<FaultKind, true>> = {
  lose: true,
  delay: true,
  duplicate: true,
  reorder: true,
  reset: true,
};
