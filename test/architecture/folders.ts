import path from 'node:path';
import { importsOf, isCode, type Complaint, type Source } from './source.ts';

/** Folders that a reader enters: each says in its README what it is for. */
const ENTERED =
  /^(sim|models)\/[^/]+$|^(sim|models|scenarios|reports|runs|cli|testing|test|bench)$/;

export function foldersHaveReadmes(sources: readonly Source[]): Complaint[] {
  const there = new Set(sources.map((source) => source.path));
  const folders = new Set<string>();
  for (const source of sources.filter(isCode)) {
    let folder = path.posix.dirname(source.path);
    for (; folder !== '.'; folder = path.posix.dirname(folder)) folders.add(folder);
  }
  return [...folders]
    .filter((folder) => ENTERED.test(folder) && !there.has(`${folder}/README.md`))
    .map((folder) => `${folder} has no README.md: say what it promises and where to start`);
}

function systemsOf(sources: readonly Source[]): string[] {
  const names = sources
    .filter(isCode)
    .map((source) => /^models\/([^/]+)\//.exec(source.path)?.[1])
    .filter((name): name is string => name !== undefined && name !== 'parts');
  return [...new Set(names)];
}

export function systemsAreRegistered(sources: readonly Source[]): Complaint[] {
  const registry = sources.find((source) => source.path === 'models/registry.ts');
  const listed = registry === undefined ? [] : importsOf(registry).map(({ target }) => target);
  return systemsOf(sources)
    .filter((system) => !listed.some((target) => target.startsWith(`models/${system}/`)))
    .map((system) => `models/${system} is not in models/registry.ts: add its line`);
}

/** Deleting a system is deleting its folder, its tests, its scenarios and its registry line. */
export function systemsCanBeDeleted(sources: readonly Source[]): Complaint[] {
  const complaints: Complaint[] = [];
  for (const system of systemsOf(sources)) {
    const folder = `models/${system}/`;
    const tests = [`test/models/${system}/`, `test/models/broken/${system}/`];
    const own = [folder, ...tests, 'models/registry.ts'];
    for (const source of sources.filter(isCode)) {
      if (own.some((prefix) => source.path.startsWith(prefix))) continue;
      const imported = importsOf(source).some(({ target }) => target.startsWith(folder));
      // Where its tests keep what they need is no way to the system.
      const text = tests.reduce((rest, own) => rest.replaceAll(own, ''), source.text);
      if (!imported && !text.includes(folder)) continue;
      complaints.push(
        `${source.path} names ${folder}: reach it through models/registry.ts, by its \`name\``,
      );
    }
  }
  return complaints;
}
