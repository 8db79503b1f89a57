import { load, tryAll } from './runs.ts';

/** What a protocol is held to: done once, and the sender hears of it. */
export const PROMISE =
  'expect: { loss: 0, duplicates: { effects: 0 }, producers: { ann: { ok: 1 } } }';

export interface Protocol {
  readonly name: string;
  readonly ann: readonly string[];
  readonly bob: readonly string[];
  readonly process: string;
}

const START = '{ when: start, do: send Order }';
const DONE = '{ when: Confirm1, do: ok }';
const again = (times: number) => `{ when: silence, times: ${times}, do: send Order }`;
const OBEY = '{ when: Order, do: [apply, send Confirm1] }';

/** From the first that comes to mind to one that holds. */
export const PROTOCOLS: readonly Protocol[] = [
  { name: 'send once', ann: [START, DONE], bob: [OBEY], process: '{}' },
  { name: 'send again', ann: [START, again(3), DONE], bob: [OBEY], process: '{}' },
  {
    name: 'bob remembers',
    ann: [START, again(3), DONE],
    bob: [OBEY],
    process: '{ idempotency: message-id }',
  },
  {
    name: 'on his disk',
    ann: [START, again(3), DONE],
    bob: [OBEY],
    process: '{ idempotency: message-id, effect: database }',
  },
];

export function protocolText({ name, ann, bob, process }: Protocol): string {
  return `scenario: ${name}
system: letters
links: { road: {} }
producers:
  ann:
    to: road
    send: { count: 1 }
    config:
      rules:
${ann.map((rule) => `        - ${rule}`).join('\n')}
consumers:
  bob:
    from: road
    config:
      rules:
${bob.map((rule) => `        - ${rule}`).join('\n')}
    process: ${process}
${PROMISE}
`;
}

/** Retries that take up so many lost letters: the price of each further fault. */
export const priced = (retries: number): Protocol => ({
  name: `${retries} retries`,
  ann: [START, ...(retries === 0 ? [] : [again(retries)]), DONE],
  bob: [OBEY],
  process: '{ idempotency: message-id, effect: database }',
});

/** Letters are lost and doubled, and Bob's process dies and is back in half a second. */
export const ADVERSARY = {
  kinds: ['lose', 'duplicate', 'crash'] as const,
  nodes: ['bob'],
  restart: 500_000,
};

export interface Attack {
  readonly name: string;
  readonly rules: number;
  readonly tried: number;
  /** The smallest placement that breaks it, as labels; none: none does. */
  readonly by: readonly string[];
  readonly breaks: string;
  readonly proved: boolean;
}

/** Every placement of so many faults, the smaller ones first. */
export function attack(protocol: Protocol, maxFaults: number, space: object = ADVERSARY): Attack {
  const done = tryAll(load(protocolText(protocol)), maxFaults, space);
  const { tried, found, exhausted, unproved } = done;
  return {
    name: protocol.name,
    rules: protocol.ann.length + protocol.bob.length,
    tried,
    by: found?.placed ?? [],
    breaks: found?.violated[0] ?? '',
    proved: exhausted && unproved === 0 && found === undefined,
  };
}
