import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A file of the tree, by its path from the root with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What is wrong, where, and what to do about it. */
export type Complaint = string;

/** A claim about the whole tree, as a pure function: every rule is tried on made-up files. */
export type Rule = (sources: readonly Source[]) => Complaint[];

export interface Import {
  /** As resolved from the root; the bare name of a package. */
  readonly target: string;
  /** Erased before the program runs. */
  readonly typeOnly: boolean;
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.lost-ack', '.bin']);

/** Every file of code or text under `root`. */
export function readTree(root: string): Source[] {
  const sources: Source[] = [];
  const visit = (folder: string): void => {
    const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
    for (const entry of entries) {
      const name = path.posix.join(folder, entry.name);
      if (SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) visit(name);
      else if (/\.(ts|js|mjs|md|yaml)$/.test(name)) {
        sources.push({ path: name, text: readFileSync(path.join(root, name), 'utf8') });
      }
    }
  };
  visit('');
  return sources.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

export const isCode = ({ path: name }: Source): boolean => /\.(ts|js|mjs)$/.test(name);
export const isTest = ({ path: name }: Source): boolean => name.startsWith('test/');

/** Folders in which nothing may differ between two machines or two runs. */
export function isBelowTheDoors({ path: name }: Source): boolean {
  return /^(sim|models|scenarios|reports)\//.test(name) && name.endsWith('.ts');
}

const parsed = new WeakMap<Source, ts.SourceFile>();

export function parse(source: Source): ts.SourceFile {
  let file = parsed.get(source);
  if (file === undefined) {
    file = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2022, true);
    parsed.set(source, file);
  }
  return file;
}

/** Line of a node, from 1. */
export function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    const relative = specifier.startsWith('.');
    const folder = path.posix.dirname(source.path);
    const target = relative ? path.posix.normalize(path.posix.join(folder, specifier)) : specifier;
    found.push({ target, typeOnly });
  };
  walk(parse(source), (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, isTypeOnly(node.importClause));
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      if (ts.isStringLiteral(node.moduleSpecifier)) add(node.moduleSpecifier.text, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteral(argument)) add(argument.text, false);
    }
  });
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}
