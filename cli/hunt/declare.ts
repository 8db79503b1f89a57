import type { Command } from 'commander';
import type { Exit } from '../exit.ts';
import { EXPLORE_HELP, HUNT_AFTER, EXPLAIN_HELP, SHRINK_HELP, VERIFY_HELP } from './help.ts';

type Decide = (code: Exit) => void;
interface Setting {
  readonly path: string;
  readonly value: string;
}
type Read = (word: string, earlier?: readonly Setting[]) => readonly Setting[];

/** The commands that run one scenario many times. */
export function declareHunts(program: Command, entry: URL, decide: Decide, set: Read): void {
  declareExplore(program, entry, decide, set);
  declareVerify(program, entry, decide, set);
  declareShrink(program, entry, decide, set);
  declareExplain(program, entry, decide, set);
}

function scenarioOptions(command: Command, set: Read): Command {
  return command
    .option('--seed <seed>', "what decides by chance (default: the scenario's own)")
    .option('--set <path=value>', 'change a value of the scenario (repeatable)', set)
    .option('--variant <name>', 'this entry of its "vary:"')
    .option('--strict', 'warnings are mistakes');
}

function saveOption(command: Command): Command {
  return command.option('--save <file>', 'write the shrunk scenario to a file');
}

function spaceOptions(command: Command): Command {
  return command
    .option('--max-faults <n>', 'how many faults at once (default: 4; with every placement: 2)')
    .option('--kinds <list>', 'lose,delay,reset,crash,stop,pause,power-loss,partition,...')
    .option('--messages <list>', 'only messages of these types')
    .option('--nodes <list>', 'only these nodes are struck; "broker" is all of them')
    .option('--moments <list>', 'nodes are struck when they state one of these facts')
    .option('--before <time>', 'nothing strikes from this time on')
    .option('--delay <span>', 'by how much a message is late (default: 2s, or several)')
    .option('--restart <span>', 'how long a node is down (default: 5s, or several)')
    .option('--runs <n>', 'stop after so many runs')
    .option('--budget <span>', 'stop after so much real time (default: 30s)');
}

function declareExplore(program: Command, entry: URL, decide: Decide, set: Read): void {
  const command = program
    .command('explore')
    .summary('search for faults that break what is expected')
    .description('Searches for faults under which a scenario is not as it expects to be.')
    .argument('<file>', 'scenario file; - for stdin');
  spaceOptions(saveOption(scenarioOptions(command, set)))
    .option('--strategy <list>', 'mixed,lineage,feedback,random,exhaustive or all')
    .option('--indistinguishable <client>', 'two runs that this node cannot tell apart')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', EXPLORE_HELP)
    .addHelpText('after', HUNT_AFTER)
    .action(async (file: string, _options: unknown, own: Command) => {
      const { explore } = await import('../commands/explore.ts');
      decide(await explore(file, own.optsWithGlobals(), entry));
    });
}

function declareVerify(program: Command, entry: URL, decide: Decide, set: Read): void {
  const command = program
    .command('verify')
    .summary('try every placement of a few faults')
    .description('Tries every placement of a few faults: a certificate, or a counterexample.')
    .argument('<file>', 'scenario file; - for stdin');
  spaceOptions(saveOption(scenarioOptions(command, set)))
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', VERIFY_HELP)
    .addHelpText('after', HUNT_AFTER)
    .action(async (file: string, _options: unknown, own: Command) => {
      const { verify } = await import('../commands/verify.ts');
      decide(await verify(file, own.optsWithGlobals(), entry));
    });
}

function declareShrink(program: Command, entry: URL, decide: Decide, set: Read): void {
  const command = program
    .command('shrink')
    .summary('make a failing scenario as small as it gets')
    .description('Makes a failing scenario smaller: fewer and milder faults, fewer messages.')
    .argument('<file>', 'scenario file, - for stdin, or a replay token');
  saveOption(scenarioOptions(command, set))
    .option('--budget <span>', 'stop after so much real time (default: 30s)')
    .option('--json', 'the record of the shrunk run on stdout')
    .addHelpText('before', SHRINK_HELP)
    .action(async (file: string, _options: unknown, own: Command) => {
      const { shrink } = await import('../commands/shrink.ts');
      decide(await shrink(file, own.optsWithGlobals(), entry));
    });
}

function declareExplain(program: Command, entry: URL, decide: Decide, set: Read): void {
  const command = program
    .command('explain')
    .summary('why a run came out as it did')
    .description('Tells why: the story, each fault left out, each setting changed, all by reruns.')
    .argument('<file>', 'scenario file, - for stdin, or a replay token');
  scenarioOptions(command, set)
    .option('--budget <span>', 'stop after so much real time (default: 30s)')
    .option('--point-of-no-return', 'when it was lost: its chance as luck is drawn anew')
    .option('--faults <keep|drop>', 'planned faults, once luck is drawn anew (default: keep)')
    .option('--runs <n>', 'for each point of that curve (default: 100)')
    .option('--json', 'that curve as one JSON document on stdout')
    .addHelpText('before', EXPLAIN_HELP)
    .action(async (file: string, _options: unknown, own: Command) => {
      const { explain } = await import('../commands/explain.ts');
      decide(await explain(file, own.optsWithGlobals(), entry));
    });
}
