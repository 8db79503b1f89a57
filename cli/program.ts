import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { visible } from '../reports/text.ts';
import { ENGINE } from '../scenarios/version.ts';
import { reportBug, stackOf } from './bug.ts';
import { Exit, UsageError } from './exit.ts';
import { EXAMPLES } from './help.ts';
import { declare } from './declare.ts';
import { err, leaveQuietlyOnBrokenPipe, out, paintFor } from './streams.ts';

/** What `-V` says: whoever reports something says with one line what it was found with. */
const VERSION = `lost-ack ${ENGINE}, trace format lost-ack/trace/1, replay token la1`;

/**
 * From the words of a command line to the exit code of the process. `entry` is the main module,
 * which other threads are started with.
 */
export async function start(words: readonly string[], entry: URL): Promise<void> {
  leaveQuietlyOnBrokenPipe();
  process.exitCode = await codeOf(words, entry);
}

async function codeOf(words: readonly string[], entry: URL): Promise<Exit> {
  try {
    let code: Exit = Exit.asExpected;
    const program = build(entry, (decided) => (code = decided));
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(withCommand(words, program), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return HELPFUL.has(error.code) ? Exit.asExpected : Exit.usage;
    if (error instanceof UsageError) {
      const { tellUsage } = await import('./tell.ts');
      tellUsage(error, paintFor(process.stderr, colourFlag(words)));
      return Exit.usage;
    }
    reportBug(stackOf(error));
    return Exit.bug;
  }
}

/** What commander throws when it has done what it was asked. */
const HELPFUL = new Set(['commander.helpDisplayed', 'commander.help', 'commander.version']);

function colourFlag(words: readonly string[]): boolean | undefined {
  if (words.includes('--no-color')) return false;
  return words.includes('--color') ? true : undefined;
}

function build(entry: URL, decide: (code: Exit) => void): Command {
  const program = new Command('lost-ack')
    .description('Can this pipeline lose, duplicate or reorder a message, and when?')
    .version(VERSION, '-V, --version', 'versions of the engine and of its formats')
    .helpOption('-h, --help', 'what a command takes')
    .option('--color', 'colour, also when stdout is no terminal')
    .option('--no-color', 'no colour (NO_COLOR does the same)')
    .exitOverride()
    .showHelpAfterError('(add --help for details)')
    .configureOutput({
      writeOut: (text) => out(text),
      writeErr: (text) => err(text.split('\n').map(visible).join('\n')),
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    });
  program.addHelpText('before', EXAMPLES);
  declare(program, entry, decide);
  return program;
}

/**
 * `lost-ack x.yaml` means `lost-ack run x.yaml`; a word that is no file stays a (mistyped)
 * command.
 */
function withCommand(words: readonly string[], program: Command): readonly string[] {
  const known = new Set(['help', ...program.commands.map((command) => command.name())]);
  if (words.some((word) => known.has(word))) return words;
  const [first] = words;
  if (/^(-h|--help|-V|--version)$/.test(first)) return words;
  const operand = words.find((word) => !/^-./.test(word) && !/^\d+$/.test(word));
  const isFile = operand !== undefined && (/[./\\*?]|^-$/.test(operand) || existsSync(operand));
  return isFile || /^-./.test(first) ? ['run', ...words] : words;
}
