import type { Script } from '../script.ts';
import { CONFIRMS } from './confirms.ts';
import { DISPATCH } from './dispatch.ts';
import { ENDS } from './ends.ts';
import { REQUEUE } from './requeue.ts';
import { ROUTING } from './routing.ts';

export const SCRIPTS: readonly Script[] = [
  ...REQUEUE,
  ...DISPATCH,
  ...ENDS,
  ...ROUTING,
  ...CONFIRMS,
];
