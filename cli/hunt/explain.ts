import type { Explanation } from '../../reports/explanation.ts';
import { execute } from '../../scenarios/execute.ts';
import { remedies } from '../../scenarios/remedies.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { findingOf } from '../../runs/explain.ts';
import { UsageError } from '../exit.ts';
import type { Pulse } from '../pulse.ts';
import { perform } from '../work.ts';
import { enoughAfter } from './job.ts';
import type { HuntOrder } from './order.ts';

/** Why a run came out as it did: its story, each fault left out, each setting changed. */
export function explainRun(
  scenario: Scenario,
  seed: string,
  order: HuntOrder,
  pulse: Pulse,
): Explanation {
  const { text, file, set, strict, variant } = order;
  const plain = { text, file, seed, set, strict, variant, alone: true, overrides: [] };
  const asked = { explains: 'always', showsToken: 'failures', trace: undefined } as const;
  const answer = perform({ ...plain, ...asked }, pulse);
  if (answer.is !== 'done') throw new UsageError(`${file}: stopped before its run was over`);
  const run = execute(scenario, { seed });
  const finding = findingOf(run);
  const [view] = answer.views;
  if (finding === undefined) return { view, measure: '', settings: [] };
  const enough = enoughAfter(order.budgetMs, pulse);
  const place = run.expectations.indexOf(finding);
  const settings = remedies(scenario, seed, place, () => enough() !== '');
  return { view, measure: finding.name, settings };
}
