import type { Paint } from '../../reports/text.ts';
import type { Assignment } from '../../scenarios/scenario.ts';
import { ENGINE } from '../../scenarios/version.ts';
import { batchSize } from '../../sim/explore/sweep/plan.ts';
import { countSeeds, parseSeeds, type Seeds } from '../../sim/explore/sweep/seeds.ts';
import { open, tellProblems } from '../door.ts';
import { UsageError } from '../exit.ts';
import { nameOf } from '../named.ts';
import type { Axis } from './axis.ts';
import { configurationsOf, type Configuration, type Subject } from './subject.ts';

/** What `sweep` and `compare` take alike. */
export interface SubjectOptions {
  readonly seeds?: string;
  readonly count?: string;
  readonly set?: readonly Assignment[];
  readonly vary?: readonly Axis[];
  readonly variant?: string;
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

export interface Prepared {
  readonly subject: Subject;
  readonly configurations: readonly Configuration[];
}

const RUNS_MAX = 1_000_000_000;

/** Reads and checks all that shall be run; undefined once it has been told what is wrong. */
export async function prepare(
  files: readonly string[],
  options: SubjectOptions,
  seedsByDefault: number,
  paint: Paint,
): Promise<Prepared | undefined> {
  const seeds = seedsOf(options, seedsByDefault);
  const sources: { file: string; text: string }[] = [];
  for (const path of files) {
    const text = await open(path, paint);
    if (text !== undefined) sources.push({ file: nameOf(path), text });
  }
  if (sources.length < files.length) return undefined;
  const { set = [], vary = [], variant, strict = false, quiet = false } = options;
  const subject: Subject = {
    ...{ engine: ENGINE, sources, set, vary },
    ...(variant === undefined ? {} : { variant }),
    ...{ seeds, size: 0 },
  };
  const { configurations, problems } = configurationsOf(subject, strict);
  const [first] = sources;
  tellProblems(first.file, problems, paint, quiet);
  if (problems.some((p) => p.severity === 'error')) return undefined;
  const runs = countSeeds(seeds) * configurations.length;
  if (runs > RUNS_MAX) {
    throw new UsageError(`${runs} runs; ${RUNS_MAX} are allowed`, 'sweep fewer seeds at once');
  }
  const size = batchSize(messagesOf(configurations), countSeeds(seeds), configurations.length);
  return { subject: { ...subject, size }, configurations };
}

function seedsOf({ seeds, count }: SubjectOptions, byDefault: number): Seeds {
  if (seeds === undefined) {
    const wanted = count === undefined ? byDefault : Number(count);
    if (!Number.isSafeInteger(wanted) || wanted < 1) {
      throw new UsageError(`--count ${count}: is no number of seeds`, 'write --count 1000');
    }
    return [[1, wanted]];
  }
  if (count !== undefined) throw new UsageError('--seeds and --count both say how many');
  const parsed = parseSeeds(seeds);
  if (parsed !== undefined) return parsed;
  throw new UsageError(`--seeds ${seeds}: are no seeds`, 'write --seeds 1..1000, or 7,12,20..30');
}

/** Of the largest configuration, in one run. */
function messagesOf(configurations: readonly Configuration[]): number {
  return configurations.reduce((most, { scenario }) => {
    const sent = scenario.systems
      .flatMap((s) => s.deployment.producers)
      .reduce((sum, p) => sum + p.workload.count, 0);
    return Math.max(most, sent);
  }, 1);
}
