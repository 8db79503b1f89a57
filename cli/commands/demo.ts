import { padEnd } from '../../reports/text.ts';
import { didYouMean, listed } from '../../scenarios/nearest.ts';
import { attackFile } from '../demo/attack.ts';
import { Keyboard } from '../demo/keyboard.ts';
import type { Opened } from '../demo/lesson.ts';
import { LESSONS } from '../demo/list.ts';
import { teach } from '../demo/show.ts';
import { Exit, UsageError } from '../exit.ts';
import { out, paintFor } from '../streams.ts';

export interface DemoOptions {
  readonly list?: boolean;
  readonly auto?: boolean;
  readonly teacher?: boolean;
  readonly color?: boolean;
}

/** `lost-ack demo`: lessons that are run. Predict, run, see. */
export async function demo(
  word: string | undefined,
  file: string | undefined,
  options: DemoOptions,
  entry: URL,
): Promise<Exit> {
  if (options.list === true) return list();
  const lessons = word === undefined ? LESSONS : [lessonOf(word)];
  if (file !== undefined) {
    if (word === 'adversary') return await attackFile(file, entry, options.color);
    throw new UsageError(`the lesson "${word}" takes no file`, 'lost-ack demo adversary FILE does');
  }
  return await show(lessons, options);
}

function list(): Exit {
  for (const { name, title } of LESSONS) out(`${padEnd(name, 17)}${title}\n`);
  return Exit.asExpected;
}

function lessonOf(word: string): Opened {
  const names = LESSONS.map(({ name }) => name);
  const found = LESSONS.find(({ name }) => name === word);
  if (found === undefined) {
    throw new UsageError(`no lesson "${word}"`, didYouMean(word, names, listed(names)));
  }
  return found;
}

/** One lesson after the other; nobody is asked who is not there. */
async function show(lessons: readonly Opened[], options: DemoOptions): Promise<Exit> {
  const paint = paintFor(process.stdout, options.color);
  const asks = options.auto !== true && process.stdin.isTTY && process.stdout.isTTY;
  const keyboard = asks ? new Keyboard() : undefined;
  const ask = keyboard && ((prompt: string) => keyboard.ask(prompt));
  const desk = { out, paint, teacher: options.teacher === true, ask };
  try {
    for (const [i, lesson] of lessons.entries()) {
      if (i > 0) out(`\n${paint.dim('-'.repeat(80))}\n\n`);
      if (!(await teach(lesson, desk))) break;
      const more = i < lessons.length - 1;
      if (more && ask !== undefined && (await ask('\n  Enter for the next lesson: ')) === undefined)
        break;
    }
  } finally {
    keyboard?.close();
  }
  if (keyboard?.interrupted !== true) return Exit.asExpected;
  out('\n');
  return Exit.interrupted;
}
