import { InvalidArgumentError, type Command } from 'commander';
import type { Exit } from './exit.ts';
import { declareHunts } from './hunt/declare.ts';
import * as help from './help.ts';
import { reportOrder } from './report-order.ts';
import { axis } from './sweep/axis.ts';

interface Setting {
  readonly path: string;
  readonly value: string;
}

/** `--set path=value`, as often as wanted. */
function assignment(word: string, earlier: readonly Setting[] = []): readonly Setting[] {
  const at = word.indexOf('=');
  if (at < 1)
    throw new InvalidArgumentError('It should be path=value: producers.checkout.config.acks=all.');
  return [...earlier, { path: word.slice(0, at), value: word.slice(at + 1) }];
}

type Decide = (code: Exit) => void;

/** The commands and what they take. What they do is loaded when one of them is called. */
export function declare(program: Command, entry: URL, decide: Decide): void {
  declareRun(program, entry, decide);
  declareSweep(program, entry, decide);
  declareMerge(program, decide);
  declareCompare(program, entry, decide);
  declareReplay(program, entry, decide);
  declareHunts(program, entry, decide, assignment);
  declareDemo(program, entry, decide);
  declareCheck(program, decide);
  declareLs(program, decide);
  declareInit(program, decide);
  declareSchema(program, decide);
}

function declareRun(program: Command, entry: URL, decide: Decide): void {
  program
    .command('run')
    .summary('run scenarios and hold them to what they expect')
    .description(
      'Runs scenarios and holds them to what they expect. `lost-ack FILE` does the same.',
    )
    .argument('<files...>', 'scenario files; - for stdin')
    .option('--seed <seed>', "what decides by chance (default: the scenario's own)")
    .option('--set <path=value>', 'change a value of the scenario (repeatable)', assignment)
    .option('--variant <name>', 'run only this entry of its "vary:"')
    .option(
      '--report <kind>',
      'junit, github, md; junit=FILE goes to a file (repeatable)',
      reportOrder,
    )
    .option('--json', 'one JSON document on stdout, an array for several files')
    .option('--trace <file>', 'write every step as JSON Lines; - for stdout')
    .option('--strict', 'warnings are mistakes')
    .option('--quiet', 'only what is not as expected')
    .option('--no-shrink', 'do not look for the smallest scenario that fails so')
    .option('--token', 'print the replay token of a run that passes, too')
    .option('--save-token <file>', 'write the replay token to a file')
    .option('--digest <digest>', 'what the run must come to; exit 4 if it does not')
    .addHelpText('before', help.RUN_HELP)
    .addHelpText('after', help.RUN_AFTER)
    .action(async (files: string[], _options: unknown, command: Command) => {
      const { run } = await import('./commands/run.ts');
      decide(await run(files, command.optsWithGlobals(), entry));
    });
}

function declareSweep(program: Command, entry: URL, decide: Decide): void {
  program
    .command('sweep')
    .summary('run a scenario with many seeds and settings')
    .description('Runs a scenario with many seeds, and its variants and settings beside it.')
    .argument('<file>', 'a scenario file; - for stdin')
    .option('--seeds <seeds>', 'which: 1..1000, or 7,12,20..30')
    .option('--count <n>', 'how many, from 1 (default: 100)')
    .option('--vary <path=v1,v2>', 'values to combine; 1..5 is a range (repeatable)', axis)
    .option('--set <path=value>', 'change a value of the scenario (repeatable)', assignment)
    .option('--variant <name>', 'only this entry of its "vary:"')
    .option('-j, --jobs <n>', 'threads (default: auto, one for each core)')
    .option('--stop-after <n>', 'end after so many failing runs')
    .option('--budget <time>', 'end after this time: 60s, 10min')
    .option('--save <file>', 'write finished batches to a file as they come')
    .option('--resume <file>', 'go on where such a file ends; begin it if there is none')
    .option('--shard <i/n>', 'only this share; writes a file for "merge"')
    .option('--no-shrink', 'do not look for the smallest scenario that fails so')
    .option(
      '--report <kind>',
      'junit, github, md; junit=FILE goes to a file (repeatable)',
      reportOrder,
    )
    .option('--json', 'one JSON document on stdout')
    .option('--strict', 'warnings are mistakes')
    .option('--quiet', 'no progress, no warnings')
    .addHelpText('before', help.SWEEP_HELP)
    .addHelpText('after', help.SWEEP_AFTER)
    .action(async (file: string, _options: unknown, command: Command) => {
      const { sweep } = await import('./commands/sweep.ts');
      decide(await sweep(file, command.optsWithGlobals(), entry));
    });
}

function declareMerge(program: Command, decide: Decide): void {
  program
    .command('merge')
    .summary('put the shards of a sweep together')
    .argument('<files...>', 'what "sweep --shard" or "sweep --save" wrote')
    .option(
      '--report <kind>',
      'junit, github, md; junit=FILE goes to a file (repeatable)',
      reportOrder,
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('before', help.MERGE_HELP)
    .action(async (files: string[], _options: unknown, command: Command) => {
      const { merge } = await import('./commands/merge.ts');
      decide(merge(files, command.optsWithGlobals()));
    });
}

function declareCompare(program: Command, entry: URL, decide: Decide): void {
  program
    .command('compare')
    .summary('set configurations side by side, under the same luck')
    .description(
      'Runs files, variants and settings with the same seeds, and sets them side by side.',
    )
    .argument('<files...>', 'one scenario with variants, or several scenarios')
    .option('--seeds <seeds>', 'which: 1..1000, or 7,12,20..30')
    .option('--count <n>', 'how many, from 1 (default: 100)')
    .option('--vary <path=v1,v2>', 'values to combine; 1..5 is a range (repeatable)', axis)
    .option('--set <path=value>', 'change a value in all of them (repeatable)', assignment)
    .option('-j, --jobs <n>', 'threads (default: auto, one for each core)')
    .option('--budget <time>', 'end after this time: 60s, 10min')
    .option('--baseline <file>', 'compare with what "compare --json" printed before')
    .option('--fail-on <rules>', 'what decides: duplicates>+0, lag.p99>+10%')
    .option(
      '--report <kind>',
      'junit, github, md; junit=FILE goes to a file (repeatable)',
      reportOrder,
    )
    .option('--json', 'one JSON document on stdout')
    .option('--strict', 'warnings are mistakes')
    .option('--quiet', 'no progress, no warnings')
    .addHelpText('before', help.COMPARE_HELP)
    .addHelpText('after', help.COMPARE_AFTER)
    .action(async (files: string[], _options: unknown, command: Command) => {
      const { compare } = await import('./commands/compare.ts');
      decide(await compare(files, command.optsWithGlobals(), entry));
    });
}

function declareReplay(program: Command, entry: URL, decide: Decide): void {
  program
    .command('replay')
    .summary('run again what a token holds')
    .description('Runs again what a replay token holds, and compares the digests.')
    .argument('<token>', 'a token, or a file that holds one (also as @file)')
    .option('--json', 'one JSON document on stdout')
    .option('--quiet', 'no report, only whether it is the same run')
    .addHelpText('before', help.REPLAY_HELP)
    .action(async (token: string, _options: unknown, command: Command) => {
      const { replay } = await import('./commands/replay.ts');
      decide(await replay(token, command.optsWithGlobals(), entry));
    });
}

function declareDemo(program: Command, entry: URL, decide: Decide): void {
  program
    .command('demo')
    .summary('lessons that are run: predict, run, see')
    .description(
      'Shows by real runs why some guarantees cannot exist. Without a name, all of them.',
    )
    .argument('[lesson]', 'one of --list')
    .argument('[file]', 'of "adversary": a protocol of yours, which it attacks')
    .option('--list', 'the lessons, a line each')
    .option('--auto', 'no questions, no waiting; so when stdin is no terminal')
    .option('--teacher', 'notes for whoever teaches it')
    .addHelpText('before', help.DEMO_HELP)
    .action(
      async (lesson: string | undefined, file: string | undefined, _: unknown, own: Command) => {
        const { demo } = await import('./commands/demo.ts');
        decide(await demo(lesson, file, own.optsWithGlobals(), entry));
      },
    );
}

function declareCheck(program: Command, decide: Decide): void {
  program
    .command('check')
    .summary('find all mistakes in scenarios, run nothing')
    .argument('<files...>', 'scenario files; - for stdin')
    .option('--set <path=value>', 'change a value of the scenario (repeatable)', assignment)
    .option('--strict', 'warnings are mistakes')
    .option('--quiet', 'only the mistakes')
    .addHelpText('before', help.CHECK_HELP)
    .action(async (files: string[], _options: unknown, command: Command) => {
      const { check } = await import('./commands/check.ts');
      decide(await check(files, command.optsWithGlobals()));
    });
}

function declareLs(program: Command, decide: Decide): void {
  program
    .command('ls')
    .summary('list scenarios: file, system, name')
    .argument('[folder]', 'where to look (default: those that come with lost-ack)')
    .addHelpText('before', help.LS_HELP)
    .action(async (folder: string | undefined, _options: unknown, command: Command) => {
      const { ls } = await import('./commands/ls.ts');
      decide(await ls(folder, command.optsWithGlobals()));
    });
}

function declareInit(program: Command, decide: Decide): void {
  program
    .command('init')
    .summary('write a commented scenario to start from')
    .argument('[file]', 'what to call it', 'scenario.yaml')
    .addHelpText('before', help.INIT_HELP)
    .action(async (file: string) => {
      const { init } = await import('./commands/init.ts');
      decide(init(file));
    });
}

function declareSchema(program: Command, decide: Decide): void {
  program
    .command('schema')
    .summary('print the JSON Schema of scenario files')
    .addHelpText('before', help.SCHEMA_HELP)
    .action(async () => {
      const { schema } = await import('./commands/schema.ts');
      decide(schema());
    });
}
