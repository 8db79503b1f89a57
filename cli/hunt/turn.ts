import type { TurnReport } from '../../reports/turn.ts';
import { pointOfNoReturn } from '../../scenarios/decide.ts';
import { execute } from '../../scenarios/execute.ts';
import { anomalies } from '../../scenarios/runner.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { UsageError } from '../exit.ts';
import type { Pulse } from '../pulse.ts';
import { enoughAfter } from './job.ts';
import type { HuntOrder } from './order.ts';

/** When a failing run was lost. */
export function turnOf(
  scenario: Scenario,
  seed: string,
  order: HuntOrder,
  pulse: Pulse,
): TurnReport {
  const { file, runs, faults = 'keep' } = order;
  const run = execute(scenario, { seed });
  const [anomaly] = anomalies(run, scenario.expectations);
  if (anomaly === undefined) {
    const says = `${file}: nothing was lost, its run is ${run.verdict} with seed ${seed}`;
    throw new UsageError(says, 'a point of no return needs an expectation that is violated');
  }
  const enough = enoughAfter(order.budgetMs, pulse);
  const turn = pointOfNoReturn(scenario, { seed, anomaly, faults, runs, enough });
  const { curve, times, decisive } = turn;
  return {
    file,
    scenario: scenario.name,
    seed,
    anomaly,
    faults,
    planned: scenario.faults.some(({ fault }) => fault.when.is !== 'chance'),
    runs,
    curve,
    times,
    ...decisive,
    struck: decisive.struck.map((index) => scenario.faults[index]?.text ?? `fault ${index}`),
  };
}
