import { existsSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { Exit, UsageError } from '../exit.ts';
import { packageRoot } from '../library.ts';
import { asFile, nameOf, quoted } from '../named.ts';
import { cannotWrite } from '../outfile.ts';
import { err } from '../streams.ts';
import { STARTER } from '../starter.ts';

/** `lost-ack init`: writes a scenario to start from; writes over nothing. */
export function init(name: string): Exit {
  const path = extname(name) === '' ? `${name}.yaml` : name;
  if (!/\.ya?ml$/.test(path)) {
    throw new UsageError(`${path}: a scenario's file name ends in .yaml`);
  }
  const folder = dirname(resolve(path));
  if (!existsSync(folder))
    throw new UsageError(`${nameOf(folder)}: no such folder`, 'make it first');
  const schema = schemaFrom(folder);
  try {
    writeFileSync(path, `# yaml-language-server: $schema=${schema.path}\n${STARTER}`, {
      flag: 'wx',
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(path, error);
    throw new UsageError(
      `${path}: exists, and is left as it is`,
      'name another file: lost-ack init orders.yaml',
    );
  }
  const file = quoted(asFile(nameOf(path)));
  err(`wrote ${file}\n`);
  if (!schema.there)
    err(`for an editor that completes and checks: lost-ack schema > ${schema.path}\n`);
  err(`next: lost-ack run ${file}\n`);
  return Exit.asExpected;
}

/** The schema of the package, when it is installed in the project; else one beside the scenario. */
function schemaFrom(folder: string): { path: string; there: boolean } {
  const root = packageRoot();
  const inside = !relative(process.cwd(), root).startsWith('..');
  const shipped = join(root, 'schema.json');
  if (inside && existsSync(shipped)) {
    return { path: relative(folder, shipped).split(sep).join('/'), there: true };
  }
  const own = 'lost-ack.schema.json';
  return { path: own, there: existsSync(join(folder, own)) };
}
