import { parseLabel } from '../sim/kernel/choices.ts';
import { isMessageFault } from '../sim/kernel/fault.ts';
import { recordChoices } from './execute.ts';
import type { PlannedFault, Scenario } from './scenario.ts';
import { OFFER_KINDS, SPACE, type SpaceOptions } from './space.ts';
import { isMapping, type Mapping, type Value } from './value.ts';
import { spelled } from './written.ts';

export interface WrittenFault {
  readonly fault: PlannedFault;
  readonly value: Value;
}

/** A scenario's faults with what chance did written down: nothing is left to the seed. */
export interface Drawn {
  readonly planned: readonly WrittenFault[];
  /** Strikes on nodes, at the times at which chance had them. */
  readonly strikes: readonly WrittenFault[];
  /** Faults on messages, to be placed in a run of the planned ones. */
  readonly placed: readonly string[];
  readonly space: SpaceOptions;
}

/** `values`: the faults as they are written, in the same order. */
export function drawn(scenario: Scenario, seed: string, values: readonly Value[]): Drawn {
  const all = scenario.faults.map((fault, i) => ({ fault, value: values[i] }));
  const planned = all.filter(({ fault }) => fault.fault.when.is !== 'chance');
  const strikes: WrittenFault[] = [];
  const placed: string[] = [];
  for (const label of recordChoices(scenario, { seed }).keys()) {
    const parts = parseLabel(label);
    if (parts === undefined) continue;
    if (parts.kind !== 'strike') {
      if ((OFFER_KINDS as readonly string[]).includes(parts.kind)) placed.push(label);
      continue;
    }
    const twins = all.filter(({ fault: { fault } }) => {
      if (isMessageFault(fault) || fault.what !== parts.what) return false;
      const first = 'nodes' in fault ? fault.nodes[0] : fault.from[0];
      return first === parts.from;
    });
    const struck = twins[parts.attempt - 1];
    if (struck !== undefined) strikes.push(struckAt(struck.fault, struck.value, parts.nr));
  }
  const kinds = OFFER_KINDS.filter((kind) => {
    return kind === 'lose' || placed.some((label) => label.startsWith(`${kind} `));
  });
  const late = scenario.faults.find(({ fault }) => fault.what === 'delay')?.fault;
  const delay = late?.what === 'delay' ? late.by : SPACE.delay;
  return { planned, strikes, placed, space: { ...SPACE, kinds, delay } };
}

/** The strike that chance had at its nth time, as one planned for that time. */
function struckAt(planned: PlannedFault, value: Value, round: number): WrittenFault {
  const { when } = planned.fault;
  const time = when.is === 'chance' ? when.every * round : 0;
  const fault = { ...planned.fault, when: { is: 'at', at: time } } as PlannedFault['fault'];
  const entries = [...(isMapping(value) ? value : (new Map() as Mapping))].map(
    ([key, inner]): [string, Value] => (key === 'chance' ? ['at', spelled(time)] : [key, inner]),
  );
  const written = new Map(entries.filter(([key]) => key !== 'every'));
  return { fault: { ...planned, fault }, value: written };
}
