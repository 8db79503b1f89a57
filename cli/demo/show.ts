import { command, labelled } from '../../reports/lines.ts';
import { wrap, WIDTH, type Paint } from '../../reports/text.ts';
import type { Opened, Seen } from './lesson.ts';

/** Where a lesson is shown, and who answers. */
export interface Desk {
  readonly out: (text: string) => unknown;
  readonly paint: Paint;
  readonly teacher: boolean;
  /** What was typed; undefined when nobody will type any more. Without it nobody is asked. */
  readonly ask?: ((prompt: string) => Promise<string | undefined>) | undefined;
}

/** Predict, run, see. False when the learner wants to leave. */
export async function teach(lesson: Opened, desk: Desk): Promise<boolean> {
  const { out, paint } = desk;
  out(`${paint.strong(lesson.title)}\n\n`);
  for (const says of lesson.story) out(`${paragraph(says)}\n`);
  out(`\n${paragraph(lesson.question, '? ', paint.strong)}\n`);
  lesson.choices.forEach((choice, i) => out(`${paragraph(choice, `  ${letterOf(i)}) `)}\n`));
  const guess = await guessOf(lesson, desk);
  if (guess === 'left') return false;
  const seen = lesson.run(guess);
  out(`\n${seen.picture.join('\n')}\n\n`);
  out(`${verdict(lesson, seen, guess, paint)}\n\n`);
  for (const says of seen.claims) out(`${paragraph(says, '- ')}\n`);
  if (desk.teacher) out(`\n${notes(lesson, seen, paint)}\n`);
  out(`\n${command('go on', lesson.next, paint).join('\n')}\n`);
  return true;
}

const letterOf = (place: number): string => String.fromCharCode('a'.charCodeAt(0) + place);

/** A place among the choices; -1: it was not asked, or they would rather see. */
async function guessOf({ choices }: Opened, { ask, out }: Desk): Promise<number | 'left'> {
  if (ask === undefined) return -1;
  const last = letterOf(choices.length - 1);
  for (;;) {
    const typed = await ask(`\n  a to ${last}, Enter to see, q to leave: `);
    if (typed === undefined || /^q(uit)?$/i.test(typed.trim())) return 'left';
    const word = typed.trim().toLowerCase().replace(/\)$/, '');
    if (word === '') return -1;
    const place = choices.findIndex((_, i) => letterOf(i) === word);
    if (place >= 0) return place;
    out(`  that is none of them: type a letter from a to ${last}\n`);
  }
}

function verdict({ choices }: Opened, { answer }: Seen, guess: number, paint: Paint): string {
  const right = `${letterOf(answer)}) ${choices[answer]}`;
  if (guess < 0) return paragraph(`The runs say ${right}.`, '', paint.strong);
  if (guess === answer) return paragraph(`Right: ${right}.`, '', paint.good);
  return paragraph(`You said ${letterOf(guess)}; the runs say ${right}.`, '', paint.bad);
}

function notes({ choices }: Opened, { answer, teacher }: Seen, paint: Paint): string {
  const wrong = choices.flatMap((_, i) => (i === answer ? [] : [letterOf(i)])).join(', ');
  return [
    ...labelled('teacher', `the right choice is ${letterOf(answer)}, expect ${wrong}`, paint),
    ...teacher.flatMap((says) => labelled('', says, paint)),
  ].join('\n');
}

/** Indented by two, its mark hanging. */
function paragraph(text: string, mark = '', tone = (line: string) => line): string {
  const indent = ' '.repeat(2 + mark.length);
  return wrap(text, WIDTH - indent.length)
    .map((line, i) => (i === 0 ? `  ${mark}` : indent) + tone(line))
    .join('\n');
}
