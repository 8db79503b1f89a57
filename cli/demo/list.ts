import { opened, type Opened } from './lesson.ts';
import { adversary } from './lessons/adversary.ts';
import { beforeOrAfter } from './lessons/before-or-after.ts';
import { dial } from './lessons/dial.ts';
import { finiteMemory } from './lessons/finite-memory.ts';
import { silenceLesson } from './lessons/silence.ts';
import { twoGenerals } from './lessons/two-generals.ts';

/** In the order in which they build on each other. */
export const LESSONS: readonly Opened[] = [
  opened(silenceLesson),
  opened(twoGenerals),
  opened(beforeOrAfter),
  opened(dial),
  opened(finiteMemory),
  opened(adversary),
];
