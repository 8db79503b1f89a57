import { expect, test } from 'vitest';
import { execute } from '../../scenarios/execute.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { remedies } from '../../scenarios/remedies.ts';
import { loaded } from '../library.ts';

const FILE = 'scenarios/kafka/lost-ack-retried.yaml';

test('a setting is named only when a rerun with it comes out differently', () => {
  const scenario = loaded(FILE);
  const place = scenario.expectations.findIndex((e) => e.measure === 'duplicates.stored');
  const found = remedies(scenario, scenario.seed, place, () => false);
  expect(found.map(({ setting }) => setting)).toContain('producers: enable.idempotence true');
  // An acknowledgement by more replicas is lost just as easily.
  expect(found.map(({ setting }) => setting)).not.toContain('producers: acks all');
  const [remedy] = found;
  expect(remedy).toMatchObject({ actual: '0' });
  const path = 'producers.checkout.config.enable.idempotence';
  // One of its variants is refused with it.
  const set = [
    { path, value: 'true' },
    { path: 'vary', value: '[]' },
  ];
  const changed = loadScenario(scenario.text, FILE, { set }).scenario;
  if (changed === undefined) throw new Error('the setting is a legal one');
  expect(execute(changed, { seed: scenario.seed }).expectations[place].actual).toBe('0');
});

test('what is stopped names nothing', () => {
  expect(remedies(loaded(FILE), '1', 1, () => true)).toEqual([]);
});
