import { certificateReport, type Certificate } from '../../reports/hunt.ts';
import { plural, wrap, WIDTH } from '../../reports/text.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { open, tellProblems } from '../door.ts';
import { Exit, UsageError } from '../exit.ts';
import { ask } from '../hunt/door.ts';
import { orderOf } from '../hunt/options.ts';
import { nameOf } from '../named.ts';
import { out, paintFor } from '../streams.ts';

const MOST_RULES = 10;
const FAULTS = 2;

/** The adversary against a learner's own protocol: every placement of two faults. */
export async function attackFile(
  path: string,
  entry: URL,
  color: boolean | undefined,
): Promise<Exit> {
  const text = await open(path, paintFor(process.stderr, color));
  if (text === undefined) return Exit.usage;
  const file = nameOf(path);
  const { scenario, problems } = loadScenario(text, file);
  if (scenario === undefined) {
    tellProblems(file, problems, paintFor(process.stderr, color), true);
    return Exit.usage;
  }
  checkProtocol(scenario);
  const receivers = scenario.systems[0].deployment.consumers.map((consumer) => consumer.name);
  const order = orderOf(
    { hunt: 'verify', text, file },
    {
      kinds: 'lose,duplicate,crash',
      nodes: receivers.join(','),
      restart: '500ms',
      maxFaults: String(FAULTS),
      // What goes wrong is the adversary's business, and what is promised the lesson's.
      set: [
        { path: 'faults', value: '[]' },
        { path: 'expect', value: promiseOf(scenario) },
      ],
    },
  );
  const answer = await ask(order, entry, { color });
  if (typeof answer === 'number') return answer;
  if (answer.is !== 'verified') return Exit.bug;
  const { report } = answer;
  const paint = paintFor(process.stdout, color);
  out(`${certificateReport(report, paint)}\n\n${paint.strong(outcome(report))}\n`);
  if (report.finding !== undefined) return Exit.failed;
  if (report.stopped === 'interrupted') return Exit.interrupted;
  return report.exhausted && report.unproved === 0 ? Exit.asExpected : Exit.inconclusive;
}

function checkProtocol({ systems, file }: Scenario): void {
  const [{ system, deployment }] = systems;
  if (systems.length !== 1 || system.name !== 'letters') {
    const hint = 'write system: letters, and rules; scenarios/letters/ has some to begin with';
    throw new UsageError(`${file}: the adversary attacks protocols of letters`, hint);
  }
  const parties = [...deployment.producers, ...deployment.consumers];
  const rules = parties.reduce((sum, { config }) => {
    return sum + (JSON.parse(config.text('rules')) as unknown[]).length;
  }, 0);
  if (rules > MOST_RULES) {
    const says = `${file}: ${rules} rules; ${MOST_RULES} are allowed, both sides together`;
    throw new UsageError(says, 'a protocol that needs more can be said shorter');
  }
}

/** Carried out once, and the sender hears of it: of each message. */
function promiseOf({ systems }: Scenario): string {
  const heard = systems
    .flatMap(({ deployment }) => deployment.producers)
    .map(({ name, workload }) => `${name}: { ok: ${workload.count} }`);
  return `{ loss: 0, duplicates: { effects: 0 }, producers: { ${heard.join(', ')} } }`;
}

function outcome({ finding, exhausted, unproved, stopped, sizes }: Certificate): string {
  const total = plural(
    sizes.reduce((sum, n) => sum + n, 0),
    'placement',
  );
  const says =
    finding !== undefined
      ? `The adversary wins: ${finding.anomaly}, by ${finding.placed.join(' and ') || 'nothing at all'}.`
      : exhausted && unproved === 0
        ? `You win: none of ${total} of at most ${FAULTS} faults breaks it. One fault more is another game.`
        : `Nobody wins: ${total} were tried, and ${stopped === '' ? 'some of them prove nothing' : `then it stopped (${stopped})`}.`;
  return wrap(says, WIDTH - 2)
    .map((line) => `  ${line}`)
    .join('\n');
}
