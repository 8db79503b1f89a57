import { feedback } from './feedback.ts';
import { lineage } from './lineage.ts';
import type { Scope } from './scope.ts';
import type { Runner, Strategy } from './space.ts';

/** Those that look where it matters take turns: what one is slow at the other one is quick at. */
export function* mixed(run: Runner, scope: Scope): Strategy {
  const left = [
    { by: 'lineage', steps: lineage(run, scope) },
    { by: 'feedback', steps: feedback(run, scope) },
  ];
  while (left.length > 0) {
    for (const strategy of [...left]) {
      const step = strategy.steps.next();
      if (step.done === true) left.splice(left.indexOf(strategy), 1);
      else yield { ...step.value, by: strategy.by };
    }
  }
  return true;
}
