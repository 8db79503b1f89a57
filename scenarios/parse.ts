import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
  Scalar,
  type YAMLError,
} from 'yaml';
import { BOUNDS } from './codes.ts';
import {
  BlockOrigin,
  type Complaints,
  type Origin,
  type Span,
  TextOrigin,
  WholeOrigin,
} from './place.ts';
import type { Entry, Leaf, Tree } from './tree.ts';

/* eslint-disable-next-line no-control-regex -- That there are none is what is being checked. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** The text of a file as a tree, or undefined when it cannot be one. Bounded in size and depth. */
export function parseFile(text: string, file: string, complaints: Complaints): Tree | undefined {
  // Anything too large or binary is not even split into lines.
  const head = new TextOrigin(file, text.slice(0, 200));
  const top: Span = { origin: head, start: 0, end: 1 };
  if (text.length > BOUNDS.characters) {
    const says = `the file has ${text.length} characters; ${BOUNDS.characters} (1 MiB) are allowed`;
    complaints.add('SCN002', top, says, 'a scenario describes a run; keep data elsewhere');
    return undefined;
  }
  const control = CONTROL.exec(text);
  if (control !== null) {
    const number = text.charCodeAt(control.index).toString(16).padStart(4, '0');
    const says = `not a text file: it contains the control character U+${number.toUpperCase()}`;
    const span = {
      origin: new TextOrigin(file, text),
      start: control.index,
      end: control.index + 1,
    };
    complaints.add('SCN001', span, says, 'save it as UTF-8 text');
    return undefined;
  }
  const tree = parseText(text, new TextOrigin(file, text), complaints);
  if (tree !== 'empty') return tree;
  complaints.add('SCN003', top, 'the file is empty', 'start with `scenario: <a name>`');
  return undefined;
}

/** One YAML document; `origin` says where its offsets are shown. */
export function parseText(
  text: string,
  origin: Origin,
  complaints: Complaints,
): Tree | 'empty' | undefined {
  const tokens = tokensOf(text, origin, complaints);
  if (tokens === undefined) return undefined;
  // Keys are compared here instead: the library compares each with each, which long files would
  // feel.
  const composer = new Composer({ uniqueKeys: false, version: '1.2', logLevel: 'silent' });
  const documents = [...composer.compose(tokens, true, text.length)];
  const before = complaints.errors;
  // One slip is often several errors to a parser: the first of each line is told.
  const lines = new Set<number>();
  for (const document of documents) {
    for (const error of document.errors) {
      const { line } = origin.locate(error.pos[0]);
      if (lines.size > BOUNDS.problems) break;
      if (!lines.has(line)) complainSyntax(error, origin, complaints);
      lines.add(line);
    }
    for (const warning of document.warnings) {
      const [start, end] = warning.pos;
      const hint = 'scenarios use plain YAML values; remove it, or quote the text';
      complaints.add('SCN008', { origin, start, end }, said(warning), hint);
    }
  }
  const [document, second] = documents;
  if (second !== undefined) {
    const start = second.range[0];
    const hint = 'remove the line `---`; variants of one scenario go under `vary:`';
    complaints.add(
      'SCN009',
      { origin, start, end: start + 3 },
      'a second document begins here',
      hint,
    );
  }
  if (complaints.errors > before) return undefined;
  const contents = document?.contents as ParsedNode | null | undefined;
  if (contents == null || (isScalar(contents) && contents.value === null)) return 'empty';
  return new Planter(text, origin, complaints).plant(document as Document.Parsed);
}

/** Deep nesting is refused before anything recurses over it. */
function tokensOf(text: string, origin: Origin, complaints: Complaints) {
  const parser = new Parser();
  const tokens = [];
  // The parser's stack holds about two entries a level.
  const deepest = 2 * BOUNDS.depth + 4;
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > deepest) {
      tooDeep({ origin, start: offset, end: offset + 1 }, complaints);
      return undefined;
    }
    offset = parser.offset;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function tooDeep(span: Span, complaints: Complaints): void {
  const says = `nested more than ${BOUNDS.depth} levels deep`;
  complaints.add('SCN006', span, says, 'no part of a scenario nests deeper than about 8 levels');
}

function complainSyntax(error: YAMLError, origin: Origin, complaints: Complaints): void {
  const [start, end] = error.pos;
  const line = origin.locate(start).source;
  let hint = HINTS[error.code] ?? 'quote the text, or look at the line above';
  // `stored: >= 1` begins a folded block in YAML: the likeliest slip in this format.
  if (/:\s*[<>]=?\s*[\d.]/.test(line) && error.code === 'UNEXPECTED_TOKEN') {
    hint = 'quote comparisons: ">= 1"';
  }
  complaints.add('SCN004', { origin, start, end }, `not YAML: ${said(error)}`, hint);
}

function said(error: YAMLError): string {
  const first = error.message.split('\n', 1)[0];
  return first.charAt(0).toLowerCase() + first.slice(1);
}

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent it like its neighbours, and close every bracket',
  MISSING_CHAR: 'close the bracket or the quotation mark',
  BLOCK_AS_IMPLICIT_KEY: 'put the inner mapping on a line of its own, or in { }',
  MULTILINE_IMPLICIT_KEY: 'indent it like the keys beside it',
  BAD_SCALAR_START: 'quote the text',
  UNEXPECTED_TOKEN: 'quote the text, or indent the line like its neighbours',
  BAD_DIRECTIVE: 'remove the line that starts with %',
};

/** Makes a tree of a document: resolves aliases, refuses what scenarios have no use for. */
class Planter {
  readonly #text: string;
  readonly #origin: Origin;
  readonly #complaints: Complaints;
  readonly #anchors = new Map<string, { tree: Tree; size: number } | 'open'>();
  #values = 0;
  #stopped = false;

  constructor(text: string, origin: Origin, complaints: Complaints) {
    this.#text = text;
    this.#origin = origin;
    this.#complaints = complaints;
  }

  plant(document: Document.Parsed): Tree | undefined {
    const tree = this.#node(document.contents as ParsedNode, 0);
    return this.#stopped ? undefined : tree;
  }

  #span(node: ParsedNode): Span {
    const [start, end] = node.range;
    return { origin: this.#origin, start, end };
  }

  #stop(span: Span, says: string, hint: string): Tree {
    if (!this.#stopped) this.#complaints.add('SCN006', span, says, hint);
    this.#stopped = true;
    return nothing(span);
  }

  #node(node: ParsedNode | null, depth: number, fallback?: Span): Tree {
    if (node === null) return nothing(fallback ?? { origin: this.#origin, start: 0, end: 1 });
    const span = this.#span(node);
    if (this.#stopped) return nothing(span);
    if (depth > BOUNDS.depth) {
      tooDeep(span, this.#complaints);
      this.#stopped = true;
    }
    if (isAlias(node)) return this.#alias(node.source, span);
    const before = this.#values;
    if (++this.#values > BOUNDS.values) {
      return this.#stop(span, `more than ${BOUNDS.values} values`, 'split the scenario');
    }
    const anchor = node.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    let tree: Tree;
    if (isMap(node)) tree = this.#branch(node.items as Pair[], span, depth);
    else if (isSeq(node)) {
      const items = node.items as ParsedNode[];
      const trees = items.map((item) => this.#node(item, depth + 1, span));
      tree = { is: 'sequence', items: trees.filter((t) => t !== BROKEN), span };
    } else if (isScalar(node)) tree = this.#leaf(node as Scalar.Parsed, span);
    else tree = nothing(span);
    if (anchor !== undefined) this.#anchors.set(anchor, { tree, size: this.#values - before });
    return tree;
  }

  #alias(name: string, span: Span): Tree {
    const target = this.#anchors.get(name);
    if (target === undefined || target === 'open') {
      const says =
        target === undefined ? `nothing is anchored as "&${name}"` : `"*${name}" contains itself`;
      const hint = 'anchor a value with & above its first use; quote texts that start with *';
      this.#complaints.add('SCN008', span, says, hint);
      return BROKEN;
    }
    this.#values += target.size;
    if (this.#values > BOUNDS.values) {
      const says = `aliases unfold to more than ${BOUNDS.values} values`;
      return this.#stop(span, says, 'write out what is meant, with fewer aliases of aliases');
    }
    return target.tree;
  }

  #branch(pairs: readonly Pair[], span: Span, depth: number): Tree {
    const entries = new Map<string, Entry>();
    for (const pair of pairs) {
      const key = pair.key;
      if (key === null || !isScalar(key) || key.value === null) {
        const at = key === null ? span : this.#span(key);
        this.#complaints.add('SCN007', at, 'a key must be a plain text', 'write `name: value`');
        continue;
      }
      const at = this.#span(key);
      const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
      const value = this.#node(pair.value, depth + 1, at);
      if (name === '__proto__') {
        this.#complaints.add('SCN007', at, '"__proto__" cannot be a key', 'choose another name');
      } else if (name === '<<') {
        const hint = 'write the keys out, or use an alias for a whole value: `config: *shared`';
        this.#complaints.add('SCN007', at, 'merge keys (<<) are not part of YAML 1.2', hint);
      } else if (entries.has(name)) {
        const first = entries.get(name)?.key.origin.locate(entries.get(name)?.key.start ?? 0);
        const says = `"${name}" is written twice, first in line ${first?.line}`;
        this.#complaints.add('SCN005', at, says, 'remove one of them');
      } else if (value !== BROKEN) entries.set(name, { key: at, tree: value });
    }
    return { is: 'branch', entries, span };
  }

  #leaf(node: Scalar.Parsed, span: Span): Leaf {
    const value = node.value as unknown;
    const known =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const text = typeof value === 'string' ? value : (node.source ?? String(value ?? ''));
    return {
      is: 'leaf',
      value: known ? value : null,
      text,
      span,
      inside: this.#inside(node, text, span),
    };
  }

  #inside(node: Scalar.Parsed, text: string, span: Span): Origin {
    if (node.type === Scalar.BLOCK_LITERAL && this.#origin instanceof TextOrigin) {
      return new BlockOrigin(this.#origin, this.#origin.locate(span.start).line, text);
    }
    if (this.#text.slice(span.start, span.end) === text) return new ShiftedOrigin(span);
    return new WholeOrigin(span);
  }
}

type Pair = { key: ParsedNode | null; value: ParsedNode | null };

/** Text that stands in its file exactly as it is. */
class ShiftedOrigin implements Origin {
  readonly file: string;
  readonly #span: Span;

  constructor(span: Span) {
    this.file = span.origin.file;
    this.#span = span;
  }

  locate(offset: number) {
    return this.#span.origin.locate(this.#span.start + offset);
  }
}

/** Stands for an alias of nothing, which was complained about: it is left out. */
const BROKEN = nothing({ origin: new TextOrigin('', ''), start: 0, end: 0 });

function nothing(span: Span): Leaf {
  return { is: 'leaf', value: null, text: '', span, inside: new WholeOrigin(span) };
}
