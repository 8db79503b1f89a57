import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ladderText } from '../../cli/demo/ladder.ts';
import { claimsOf, opened, type Lesson } from '../../cli/demo/lesson.ts';
import { adversary } from '../../cli/demo/lessons/adversary.ts';
import { beforeOrAfter } from '../../cli/demo/lessons/before-or-after.ts';
import { dial } from '../../cli/demo/lessons/dial.ts';
import { finiteMemory } from '../../cli/demo/lessons/finite-memory.ts';
import { silenceLesson } from '../../cli/demo/lessons/silence.ts';
import { twoGenerals } from '../../cli/demo/lessons/two-generals.ts';
import { LESSONS } from '../../cli/demo/list.ts';
import { ADVERSARY, attack, PROMISE, PROTOCOLS } from '../../cli/demo/protocols.ts';
import { load, tryAll } from '../../cli/demo/runs.ts';
import { teach } from '../../cli/demo/show.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { PLAIN, widthOf } from '../../reports/text.ts';

/** A lesson whose measurements are anything: what is measured is its own business. */
type Any = Lesson<unknown>;

const ALL = [silenceLesson, twoGenerals, beforeOrAfter, dial, finiteMemory, adversary] as const;

/** Other data in the place of one leaf: what a changed model might come to. */
function others(value: unknown): unknown[] {
  if (typeof value === 'number') return [value + 1, value - 1, 0, 1_000_000];
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'string') return ['', 'something else'];
  return value === undefined ? [1] : [undefined];
}

/** The data with one leaf, or one list, changed; every such change. */
function* mutants(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    yield [];
    yield value.slice(1);
    for (let i = 0; i < value.length; i++) {
      for (const one of mutants(value[i])) yield value.with(i, one);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      for (const one of mutants(inner)) yield { ...value, [key]: one };
    }
  } else yield* others(value);
}

/** A claim about data that is not even there does not hold. */
function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

describe.each(ALL.map((lesson) => [lesson.name, lesson as Any] as const))('%s', (_, lesson) => {
  const measured = lesson.measure();
  const changed = [...mutants(measured)];
  const claims = claimsOf(lesson).map((claim, i) => [i, claim] as const);

  test.each(claims)('sentence %i holds, and another outcome would refute it', (_i, claim) => {
    expect(claim.holds(measured)).toBe(true);
    expect(changed.some((other) => !holds(() => claim.holds(other)))).toBe(true);
  });

  test('the right choice follows from the runs', () => {
    const answer = lesson.answer(measured);
    expect(lesson.choices[answer]).toBeDefined();
    const elsewhere = changed.some((other) => {
      return holds(() => ![answer, -1].includes(lesson.answer(other)));
    });
    expect(elsewhere).toBe(true);
  });

  test('what does not hold is not shown', () => {
    const claim = { says: 'The moon is made of cheese.', holds: () => false };
    const wrong = opened({ ...lesson, measure: () => measured, claims: [claim] });
    expect(() => wrong.run(-1)).toThrow('a lesson says only what its runs show: The moon');
  });

  test('comes out the same twice, in 80 columns', async () => {
    const shown: string[] = [];
    const desk = { out: (text: string) => shown.push(text), paint: PLAIN, teacher: true };
    await teach(opened(lesson), desk);
    const first = shown.splice(0).join('');
    await teach(opened(lesson), desk);
    expect(shown.join('')).toBe(first);
    expect(first.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  });
});

test.each(LESSONS.map(({ name, next }) => [name, next]))(
  'what %s goes on with runs: %s',
  (_, next) => {
    const words = next.replace(/^lost-ack/, `'${process.execPath}' dist/cli/main.js`);
    const { status, stderr } = spawnSync('sh', ['-c', words], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect([0, 1]).toContain(status);
  },
);

test('the protocol in the guide for teachers is one, and holds', () => {
  const guide = readFileSync('docs/TEACHING.md', 'utf8');
  const text = /```yaml\n([^]*?)```/.exec(guide)?.[1] ?? '';
  expect(loadScenario(text, 'TEACHING.md', { strict: true }).problems).toEqual([]);
  const held = load(`${text}${PROMISE}\n`);
  expect(tryAll(held, 2, ADVERSARY)).toMatchObject({
    exhausted: true,
    unproved: 0,
    found: undefined,
  });
});

test('every lesson is in the list, once', () => {
  expect(LESSONS.map(({ name }) => name).sort()).toEqual(ALL.map(({ name }) => name).sort());
});

describe('predict, run, see', () => {
  const lesson = opened({
    ...(dial as Any),
    measure: () => ({}),
    answer: () => 1,
    picture: () => ['  a picture'],
    story: [],
    claims: [{ says: 'So it is.', holds: () => true }],
    teacher: [{ says: 'For you alone.', holds: () => true }],
  });

  async function play(...typed: (string | undefined)[]) {
    const shown: string[] = [];
    const out = (text: string) => shown.push(text);
    const ask = () => Promise.resolve(typed.shift());
    const stays = await teach(lesson, { out, paint: PLAIN, teacher: false, ask });
    return { text: shown.join(''), stays, left: typed.length };
  }

  test('whoever predicts is told whether the runs agree', async () => {
    expect((await play('b')).text).toContain('Right: b) 1.');
    expect((await play('A)')).text).toContain('You said a; the runs say b) 1.');
    expect((await play('')).text).toContain('The runs say b) 1.');
  });

  test('a letter that is no choice is asked for again', async () => {
    const { text, left } = await play('z', '7', 'b');
    expect(text).toContain('type a letter from a to d');
    expect(text).toContain('Right');
    expect(left).toBe(0);
  });

  test('nothing is shown before it was asked, or to whoever leaves', async () => {
    for (const word of ['q', 'quit', undefined]) {
      const { text, stays } = await play(word);
      expect(stays).toBe(false);
      expect(text).not.toContain('a picture');
    }
    expect((await play('b')).text).not.toContain('For you alone');
  });
});

describe('the ladder', () => {
  test('is shown for the number that was predicted', () => {
    const m = twoGenerals.measure();
    const shown = [0, 1, 2, 3, -1].map((guess) => {
      return /n = (\d): the last letter/.exec(twoGenerals.picture(m, guess).join('\n'))?.[1];
    });
    expect(shown).toEqual(['1', '2', '8', '2', '2']);
  });

  test('has a letter for each confirmation, and one more', () => {
    const { deployment } = load(ladderText(8)).systems[0];
    expect(deployment.producers).toHaveLength(1);
    expect(ladderText(8)).toContain('{ when: Confirm8, do: [apply] }');
    expect(ladderText(0)).toContain('do: [send Order, ok]');
    expect(ladderText(3, 2)).toContain('lose: Confirm2');
  });
});

describe('the adversary', () => {
  test('beats the protocol that holds, once Bob writes down before he does it', () => {
    const [, , , held] = PROTOCOLS;
    expect(attack(held, 1).proved).toBe(true);
    const process = '{ idempotency: { by: message-id, check: outside }, effect: database }';
    expect(attack({ ...held, process }, 2).proved).toBe(false);
    const hasty = ['{ when: Order, do: [send Confirm1, apply] }'];
    expect(attack({ ...held, bob: hasty }, 1).breaks).toBe('loss above');
  });
});
