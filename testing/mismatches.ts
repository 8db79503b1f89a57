import { didYouMean } from '../scenarios/nearest.ts';
import type { Problem } from '../scenarios/problem.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { complaint, plainOf, type Source } from './input.ts';
import type { SubjectOptions } from './subject.ts';

/** Nodes that come with own code. */
export const SINKS = ['database', 'payment-api'];

/** Code for groups that are not there, and handlings that own code cannot take the place of. */
export function mismatches(
  scenario: Scenario | undefined,
  { text, own = [] }: Source,
  { handlers = {}, services = {} }: SubjectOptions,
): Problem[] {
  const found: Problem[] = [];
  const consumers = scenario?.systems.flatMap(({ deployment }) => deployment.consumers) ?? [];
  const names = scenario === undefined ? namesIn(text) : consumers.map((c) => c.name);
  const missing = (where: string, name: string) => {
    const hint = didYouMean(name, names, `groups: ${names.join(', ')}`);
    found.push(complaint(where, `there is no consumer "${name}"`, hint));
  };
  for (const name of Object.keys(handlers)) {
    const plan = consumers.find((c) => c.name === name);
    if (!names.includes(name)) missing('handlers', name);
    else if (plan?.handling.acknowledge === 'with-effect') {
      const says = `"${name}" acknowledges with its effect, which own code does by itself`;
      const hint = 'acknowledge after, and keep the offset in your transaction';
      found.push(complaint('handlers', says, hint));
    }
  }
  for (const [name, { of }] of Object.entries(services)) {
    if (!names.includes(of)) missing(`services.${name}.of`, of);
    const taken = scenario?.systems.flatMap((s) => s.system.nodes(s.deployment)) ?? [];
    if (![...taken, ...SINKS].includes(name)) continue;
    const hint = 'choose another name';
    found.push(complaint('services', `two nodes would be called "${name}"`, hint));
  }
  for (const name of own.filter(
    (each) => !Object.hasOwn(handlers, each) && !Object.hasOwn(services, each),
  )) {
    const hint = 'a token holds no code: hand it over with the same handlers and services';
    found.push(complaint('token', `it is of a run with code for "${name}"`, hint));
  }
  return found;
}

/** Names of consumers in a text that does not load. */
function namesIn(text: string): string[] {
  const consumers = plainOf(text)?.consumers;
  return typeof consumers === 'object' && consumers !== null ? Object.keys(consumers) : [];
}
