import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '../scenarios/load.ts';
import type { Scenario } from '../scenarios/scenario.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Every scenario of the library, by its path from the root of the tree. */
export const LIBRARY: readonly string[] = readdirSync(join(ROOT, 'scenarios'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => relative('.', join('scenarios', name)).replaceAll('\\', '/'))
  .sort((a, b) => (a < b ? -1 : 1));

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** A scenario of the library, checked strictly: it may not even warn. */
export function loaded(file: string): Scenario {
  const { scenario, problems } = loadScenario(textOf(file), file, { strict: true });
  if (scenario === undefined) {
    throw new Error(
      `${file} is not valid:\n${problems.map((p) => `${p.line}: ${p.says}`).join('\n')}`,
    );
  }
  return scenario;
}

/** The scenario itself and each of its variants. */
export function runsOf(file: string): readonly Scenario[] {
  const scenario = loaded(file);
  return [scenario, ...scenario.variants];
}

export function nameOf(scenario: Scenario): string {
  return scenario.variant === '' ? scenario.file : `${scenario.file} [${scenario.variant}]`;
}
