import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cut, padEnd, visible, WIDTH, widthOf } from '../../reports/text.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { Exit, UsageError } from '../exit.ts';
import { readScenario } from '../input.ts';
import { packageRoot, scenarioFiles } from '../library.ts';
import { nameOf } from '../named.ts';
import { err, out, paintFor } from '../streams.ts';

export interface LsOptions {
  readonly color?: boolean;
}

interface Row {
  readonly file: string;
  readonly system: string;
  readonly name: string;
  readonly broken: boolean;
}

/**
 * `lost-ack ls`: scenarios of a folder, or those that come with it, a line each. Nothing is run.
 */
export async function ls(folder: string | undefined, options: LsOptions): Promise<Exit> {
  const where = folder ?? join(packageRoot(), 'scenarios');
  if (!existsSync(where)) throw new UsageError(`${where}: no such folder`);
  if (!statSync(where).isDirectory())
    throw new UsageError(`${where}: is no folder`, 'lost-ack check looks at files');
  const files = scenarioFiles(where);
  const rows: Row[] = [];
  for (const file of files) rows.push(await rowOf(file));
  if (rows.length === 0) {
    err(`${visible(nameOf(where))}: no scenarios (*.yaml)\n`);
    return Exit.asExpected;
  }
  const paint = paintFor(process.stdout, options.color);
  const fileWidth = Math.min(44, Math.max(...rows.map((row) => widthOf(row.file))));
  const systemWidth = Math.min(14, Math.max(...rows.map((row) => widthOf(row.system))));
  for (const row of rows) {
    const file = padEnd(row.file, fileWidth);
    const system = padEnd(cut(row.system, systemWidth), systemWidth);
    const room = WIDTH - Math.max(fileWidth, widthOf(row.file)) - systemWidth - 4;
    const name = cut(row.name, Math.max(12, room));
    out(`${file}  ${paint.dim(system)}  ${row.broken ? paint.bad(name) : name}\n`);
  }
  return Exit.asExpected;
}

async function rowOf(path: string): Promise<Row> {
  const file = visible(nameOf(path));
  try {
    const { scenario, problems } = loadScenario(await readScenario(path), file);
    if (scenario !== undefined) {
      const systems = scenario.systems.map((s) => s.system.name);
      const system = [...new Set(systems)].join('+');
      return { file, system, name: visible(scenario.name), broken: false };
    }
    const mistakes = problems.filter((p) => p.severity === 'error').length;
    const name = `${mistakes} mistake${mistakes === 1 ? '' : 's'}: lost-ack check`;
    return { file, system: '-', name, broken: true };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { file, system: '-', name: 'cannot be read: lost-ack check', broken: true };
  }
}
