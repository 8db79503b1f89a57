import { basename } from 'node:path';
import { loadScenario } from '../../scenarios/load.ts';
import { listed } from '../../scenarios/nearest.ts';
import { ASSIGNMENTS } from '../../scenarios/place.ts';
import type { Problem } from '../../scenarios/problem.ts';
import type { Assignment, Scenario } from '../../scenarios/scenario.ts';
import type { ConfigurationHead, ShownExample } from '../../sim/explore/sweep/record.ts';
import type { Seeds } from '../../sim/explore/sweep/seeds.ts';
import type { Example } from '../../sim/explore/sweep/tally.ts';
import { UsageError } from '../exit.ts';
import { asFile, quoted } from '../named.ts';
import { writeToken } from '../../runs/token.ts';
import type { Axis } from './axis.ts';
import { cellsOf, countCells } from './grid.ts';

/**
 * What is swept: plain data, which workers and shard files carry. Everything that a batch comes to
 * follows from it.
 */
export interface Subject {
  readonly engine: string;
  readonly sources: readonly { readonly file: string; readonly text: string }[];
  readonly set: readonly Assignment[];
  readonly vary: readonly Axis[];
  /** Only this entry of `vary:`. */
  readonly variant?: string;
  readonly seeds: Seeds;
  /** Is kept what each run measured? Then seeds can be compared one by one. */
  readonly keepsSamples?: true;
  /** Seeds in a batch; 0 until it is settled. */
  readonly size: number;
}

/** One of the things compared: a file, a cell of the grid, a variant. */
export interface Configuration {
  readonly source: number;
  readonly cell: number;
  readonly variant: string;
  readonly scenario: Scenario;
  readonly name: string;
}

export const CONFIGURATIONS_MAX = 1_000;

/** All configurations, or all that is wrong with them; each problem is told once. */
export function configurationsOf(
  subject: Subject,
  strict: boolean,
): { readonly configurations: readonly Configuration[]; readonly problems: readonly Problem[] } {
  const cells = countCells(subject.vary) * subject.sources.length;
  if (cells > CONFIGURATIONS_MAX) throw tooMany(cells);
  const problems = new Map<string, Problem>();
  const configurations: Configuration[] = [];
  subject.sources.forEach((_, source) => {
    cellsOf(subject.vary).forEach((_cell, cell) => {
      const loaded = load(subject, source, cell, strict);
      for (const problem of loaded.problems) {
        const key = JSON.stringify([problem.file, problem.line, problem.says]);
        if (!problems.has(key)) problems.set(key, asVaried(problem, subject.vary));
      }
      for (const scenario of loaded.scenarios) {
        const { variant } = scenario;
        const name = nameOf(subject, source, cell, variant);
        configurations.push({ source, cell, variant, scenario, name });
      }
    });
  });
  if (configurations.length > CONFIGURATIONS_MAX) throw tooMany(configurations.length);
  return { configurations, problems: [...problems.values()] };
}

/** What is wrong with a value of the grid is wrong with `--vary`, not with `--set`. */
function asVaried(problem: Problem, axes: readonly Axis[]): Problem {
  if (problem.file !== ASSIGNMENTS) return problem;
  const varied = axes.some(({ path }) => problem.source.startsWith(`${path}=`));
  return varied ? { ...problem, file: '--vary' } : problem;
}

const tooMany = (n: number) =>
  new UsageError(`${n} configurations; ${CONFIGURATIONS_MAX} are allowed`, 'vary less at once');

/** A file with the settings of one cell, and its variants; several files are compared without. */
export function load(
  { sources, set, vary, variant }: Subject,
  source: number,
  cell: number,
  strict = false,
): { readonly scenarios: readonly Scenario[]; readonly problems: readonly Problem[] } {
  const { text, file } = sources[source];
  const settings = [...set, ...cellsOf(vary)[cell].set];
  const { scenario, problems } = loadScenario(text, file, { set: settings, strict });
  if (scenario === undefined) return { scenarios: [], problems };
  if (variant === undefined) {
    const variants = sources.length === 1 ? scenario.variants : [];
    return { scenarios: [scenario, ...variants], problems };
  }
  const found = scenario.variants.find((v) => v.variant === variant);
  if (found !== undefined) return { scenarios: [found], problems };
  const names = scenario.variants.map((v) => `"${v.variant}"`);
  const has =
    names.length === 0 ? 'it has no variants (no "vary:")' : `its variants are ${listed(names)}`;
  throw new UsageError(`${file}: no variant "${variant}"`, has);
}

function nameOf(subject: Subject, source: number, cell: number, variant: string): string {
  const { file } = subject.sources[source];
  const parts = [
    subject.sources.length > 1 ? basename(file).replace(/\.ya?ml$/, '') : '',
    cellsOf(subject.vary)[cell].name,
    variant,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** How a configuration is called, and how one of its runs is shown again. */
export function headOf(subject: Subject, configuration: Configuration): ConfigurationHead {
  const { source, cell, variant, name } = configuration;
  const { file } = subject.sources[source];
  const set = [...subject.set, ...cellsOf(subject.vary)[cell].set];
  const show = (example: Example): ShownExample => ({
    seed: example.seed,
    digest: example.digest,
    replay: replayOf(file, set, variant, example),
    token: tokenOf(subject, configuration, example),
  });
  return { name, file, variant, set, show };
}

function replayOf(
  file: string,
  set: readonly Assignment[],
  variant: string,
  { seed, digest }: Example,
): string {
  if (file === '-') return 'lost-ack replay TOKEN';
  return [
    'lost-ack run',
    quoted(asFile(file)),
    `--seed ${seed}`,
    ...set.map(({ path, value }) => `--set ${quoted(`${path}=${value}`)}`),
    ...(variant === '' ? [] : [`--variant ${quoted(variant)}`]),
    `--digest ${digest}`,
  ].join(' ');
}

/** A run in one word; without a digest when it was not finished. */
export function tokenOf(
  subject: Subject,
  { source, cell, variant }: Pick<Configuration, 'source' | 'cell' | 'variant'>,
  { seed, digest, path }: Pick<Example, 'seed' | 'digest' | 'path'>,
): string {
  const { engine, sources, set, vary } = subject;
  const { file, text } = sources[source];
  const settings = [...set, ...cellsOf(vary)[cell].set];
  return writeToken({
    ...{ engine, text, file: basename(file), seed, variant, overrides: [], digest, path },
    set: settings,
  });
}
