import ts from 'typescript';
import { isBelowTheDoors, isCode, lineOf, parse, walk } from './source.ts';
import type { Complaint, Source } from './source.ts';

const FILE_LIMIT = 400;
const FUNCTION_LIMIT = 70;
const LINE_LIMIT = 100;

export function filesAreShort(sources: readonly Source[]): Complaint[] {
  return sources.filter(isCode).flatMap(({ path, text }) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (lines <= FILE_LIMIT) return [];
    return [`${path} has ${lines} lines: find the second thing in it and give it a file`];
  });
}

/** A formatter wraps what code it can and leaves comments: only a test sees a long one. */
export function commentsAreNarrow(sources: readonly Source[]): Complaint[] {
  return sources.filter(isCode).flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => {
      // A column is a character as people count them.
      const columns = [...line].length;
      if (columns <= LINE_LIMIT || !/^\s*(\*|\/\*|\/\/)|^[^'"`]* \/\/ /.test(line)) return [];
      return [`${path}:${i + 1} has ${columns} columns: wrap it at ${LINE_LIMIT}`];
    }),
  );
}

/** In tests the callback of a `describe` is a chapter, not a function. */
export function functionsAreShort(sources: readonly Source[]): Complaint[] {
  return sources
    .filter((source) => isCode(source) && !source.path.endsWith('.test.ts'))
    .flatMap((source) => {
      const file = parse(source);
      const complaints: Complaint[] = [];
      walk(file, (node) => {
        if (!ts.isFunctionLike(node)) return;
        const first = lineOf(file, node);
        const last = file.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
        const lines = last - first + 1;
        if (lines <= FUNCTION_LIMIT) return;
        const place = `${source.path}:${first} ${node.name?.getText(file) ?? 'a function'}`;
        complaints.push(`${place} has ${lines} lines: keep the decisions, move out the rest`);
      });
      return complaints;
    });
}

const DRAWERS = /(^|\/)(utils?|helpers?|types|misc|common|shared)(\/|\.ts$|\.js$|\.mjs$)/;

export function namesSayWhatIsInside(sources: readonly Source[]): Complaint[] {
  return sources.filter(isCode).flatMap(({ path }) => {
    const match = DRAWERS.exec(path);
    if (match === null) return [];
    return [`${path}: "${match[2]}" says nothing; name it after what it is for`];
  });
}

// Spelled in two parts, so that this file does not complain about itself.
const LEFT_OVER = new RegExp(`\\b(${'TO'}${'DO'}|${'FIX'}${'ME'}|${'XX'}${'X'})\\b`);
const HALF_RUN = /\b(test|it|describe)\.(only|skip|todo)\b/;

export function nothingIsLeftOver(sources: readonly Source[]): Complaint[] {
  return sources.filter(isCode).flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => {
      const place = `${path}:${i + 1}`;
      if (LEFT_OVER.test(line)) return [`${place} is unfinished: do it, or open an issue`];
      if (HALF_RUN.test(line)) return [`${place} leaves tests out: run them or delete them`];
      return [];
    }),
  );
}

const GLOBALS: Readonly<Record<string, string>> = {
  Date: 'time is virtual: `out.clock`, `world.now`',
  performance: 'time is virtual: `out.clock`, `world.now`',
  setTimeout: 'nothing waits for real: `out.timer`',
  setInterval: 'nothing waits for real: `out.timer`',
  setImmediate: 'nothing waits for real: `out.timer`',
  queueMicrotask: 'nothing waits for real: `out.timer`',
  Promise: 'handlers return and programs yield; nothing is awaited',
  process: 'a door passes it in',
  crypto: 'a door passes it in',
  console: 'return text; a door prints it',
  Intl: 'locales differ between machines: format by hand',
};

const METHODS: Readonly<Record<string, string>> = {
  localeCompare: 'locales differ between machines: compare with < and >',
  toLocaleString: 'locales differ between machines: format by hand',
};

const FLOATS = /^(exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot|a?(sin|cos|tan)h?|atan2)$/;

/** The linter says the same with carets; this holds also where somebody turned it off. */
export function nothingDiffersBetweenMachines(sources: readonly Source[]): Complaint[] {
  return sources.filter(isBelowTheDoors).flatMap((source) => {
    const file = parse(source);
    const complaints: Complaint[] = [];
    const own = declaredIn(file);
    walk(file, (node) => {
      const why = ts.isIdentifier(node) && own.has(node.text) ? undefined : remedyFor(node);
      if (why === undefined) return;
      const [words] = node.getText(file).split('\n');
      complaints.push(`${source.path}:${lineOf(file, node)} ${words.slice(0, 40)}: ${why}`);
    });
    return complaints;
  });
}

function remedyFor(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && isFree(node)) {
    return Object.hasOwn(GLOBALS, node.text) ? GLOBALS[node.text] : undefined;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.name.text;
    if (Object.hasOwn(METHODS, name)) return METHODS[name];
    if (!ts.isIdentifier(node.expression) || node.expression.text !== 'Math') return undefined;
    if (name === 'random') return 'ask `choices`: its answers have names';
    if (FLOATS.test(name)) return 'engines may round it differently: use integers or a table';
  }
  if (ts.isCallExpression(node) && node.arguments.length === 0) {
    const callee = node.expression;
    const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : '';
    if (name === 'sort' || name === 'toSorted') return 'give a comparator that ends in a tie-break';
  }
  if (ts.isAwaitExpression(node)) return 'nothing is awaited below the doors';
  if (ts.isStringLiteral(node) && /^node:/.test(node.text) && ts.isImportDeclaration(node.parent)) {
    return 'only the doors touch the machine: take it as an argument';
  }
  return undefined;
}

/** Is it the name of something in scope, not of a property or a type's member? */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  return !ts.isTypeElement(parent) && !ts.isClassElement(parent) && !ts.isTypeNode(parent);
}

/** Names that the file gives to something of its own: `const { process } = plan`. */
function declaredIn(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  walk(file, (node) => {
    if (!ts.isVariableDeclaration(node) && !ts.isBindingElement(node) && !ts.isParameter(node)) {
      return;
    }
    if (ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
}
