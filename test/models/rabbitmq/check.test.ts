import { expect, test } from 'vitest';
import { complaints } from './deployed.ts';

const exchange = (parts: object) => ({ exchanges: { events: parts }, producers: {} });
const consumer = (config: object, process: object = {}) => {
  return { consumers: { reader: { from: 'orders', config, process } } };
};

test('a deployment of defaults is accepted', () => {
  expect(complaints({})).toEqual([]);
});

test.each([
  [
    'a binding to a queue that is not there',
    exchange({ bindings: [{ destination: 'nowhere' }] }),
    "NOT_FOUND - no queue 'nowhere' in vhost '/'",
  ],
  [
    'a binding to an exchange that is not there',
    exchange({ bindings: [{ destination: 'orders', destination_type: 'exchange' }] }),
    "NOT_FOUND - no exchange 'orders' in vhost '/'",
  ],
  [
    'a binding with a word that it does not have',
    exchange({ bindings: [{ destination: 'orders', key: 'order' }] }),
    '"key" is no key of a binding',
  ],
  ['bindings that are no list', exchange({ bindings: { to: 'orders' } }), 'a list of bindings: '],
  [
    'a reserved name',
    { queues: { orders: {}, 'amq.gen': {} } },
    "ACCESS_REFUSED - queue name 'amq.gen' contains reserved prefix 'amq.*'",
  ],
  ['a node too many', { queues: { orders: { node: 2 } } }, 'there is no node 2: the cluster has 1'],
  [
    'a policy without a pattern',
    { cluster: { policies: [{ name: 'short', definition: {} }] } },
    'a policy has a name, a pattern and a definition',
  ],
  [
    'headers that are no mapping',
    { producers: { checkout: { to: 'orders', config: { headers: ['a'] } } } },
    'headers: it is no mapping',
  ],
  [
    'AMQP transactions',
    { producers: { checkout: { to: 'orders', send: { transaction: { messages: 2 } } } } },
    'transactions of AMQP (tx.select) are not modelled',
  ],
  [
    'automatic acknowledgement without no_ack',
    consumer({}, { acknowledge: 'auto' }),
    'automatic acknowledgement is asked for by basic.consume',
  ],
  [
    'no_ack with acknowledgements',
    consumer({ no_ack: true }, { acknowledge: 'after' }),
    'with no_ack nothing is acknowledged',
  ],
  [
    'an acknowledgement in a database transaction',
    consumer({}, { acknowledge: 'with-effect', effect: 'database' }),
    'basic.ack takes part in no transaction with a database',
  ],
  ['a priority in words', consumer({ 'x-priority': 'high' }), 'x-priority "high" is no list'],
])('%s is refused, in words that say what', (_, parts, says) => {
  const found = complaints(parts);
  expect(found.some((one) => one.includes(says))).toBe(true);
});

test('what is close to those is accepted', () => {
  const fine = [
    exchange({ bindings: [{ destination: 'orders', routing_key: 'order.*' }] }),
    { cluster: { nodes: 2 }, queues: { orders: { node: 2 } } },
    { cluster: { policies: [{ name: 'a', pattern: '^o', definition: { 'max-length': 5 } }] } },
    { producers: { checkout: { to: 'orders', config: { headers: { CC: 'a, b', tenant: 7 } } } } },
    consumer({ no_ack: true }),
    consumer({ 'x-priority': '10, -1' }),
  ];
  for (const parts of fine) expect(complaints(parts)).toEqual([]);
});
