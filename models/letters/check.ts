import type { ConsumerPlan, Deployment, Finding, ProducerPlan } from '../parts/system.ts';
import { MOST_RULES, readRules, type Side } from './rules.ts';

/** What is no protocol between two parties. */
export function check(deployment: Deployment): readonly Finding[] {
  const { producers, consumers, channels } = deployment;
  return [
    ...producers.flatMap((party) => checkRules('producer', party)),
    ...consumers.flatMap((party) => checkRules('consumer', party)),
    ...consumers.flatMap(checkReceiver),
    ...channels.flatMap(({ name }) => checkLink(name, consumers)),
  ];
}

type Party = ProducerPlan | ConsumerPlan;

function checkRules(place: Side, { name, config }: Party): Finding[] {
  const { rules, slips } = readRules(config.text('rules'), place);
  const hint = 'more than that nobody reads';
  const many = { at: '', says: `${rules.length} rules; a party has ${MOST_RULES} at most`, hint };
  return [...slips, ...(rules.length > MOST_RULES ? [many] : [])].map(({ at, says, hint }) => {
    const key = at === '' ? 'rules' : `rules.${at}`;
    return { severity: 'refused', place, component: name, key, says, hint };
  });
}

function checkReceiver({ name, instances, handling }: ConsumerPlan): Finding[] {
  const refuse = (key: string, says: string, hint: string): Finding => {
    return { severity: 'refused', place: 'consumer', component: name, key, says, hint };
  };
  const found: Finding[] = [];
  if (instances !== 1) {
    found.push(refuse('', `a party of ${instances}: letters are between two`, 'remove instances'));
  }
  if (handling.acknowledge !== 'after') {
    const hint = 'write it as rules: do: [send Confirm1, apply]';
    found.push(refuse('acknowledge', 'the rules say when a letter is answered', hint));
  }
  return found;
}

function checkLink(name: string, consumers: readonly ConsumerPlan[]): Finding[] {
  const parties = consumers.filter((consumer) => consumer.from === name).length;
  if (parties === 1) return [];
  const says = `the link "${name}" has ${parties} parties at its end`;
  const hint = 'one consumer reads each link';
  return [{ severity: 'refused', place: 'channel', component: name, key: '', says, hint }];
}
