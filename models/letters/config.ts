import type { Key } from '../parts/config.ts';
import type { Place } from '../parts/system.ts';

const rules = (says: string, written: readonly unknown[]): Key => ({
  name: 'rules',
  type: 'json',
  unit: '',
  default: JSON.stringify(written),
  modelled: true,
  says,
});

const silence: Key = {
  name: 'silence',
  type: 'int',
  unit: 'ms',
  default: 1000,
  min: 1,
  max: 86_400_000,
  modelled: true,
  says: 'How long nothing must be heard of a message before a rule on silence applies.',
};

/** Send until it is confirmed; apply, then confirm. */
export const KEYS: Readonly<Record<Place, readonly Key[]>> = {
  cluster: [],
  channel: [],
  producer: [
    rules('What the sender does, and when.', [
      { when: 'start', do: 'send Order' },
      { when: 'silence', times: 10, do: 'send Order' },
      { when: 'Confirm1', do: 'ok' },
    ]),
    silence,
  ],
  consumer: [
    rules('What the receiver does, and when.', [{ when: 'Order', do: ['apply', 'send Confirm1'] }]),
    silence,
  ],
};
