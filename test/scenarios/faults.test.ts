import { expect, test } from 'vitest';
import { bindFault } from '../../scenarios/bind.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import { load } from './fake-systems.ts';

const HEAD = `scenario: x
system: kafka
cluster: { brokers: 3 }
topics: { t: {} }
producers: { p: { to: t } }
consumers: { c: { from: t, instances: 2, process: { effect: database } } }
`;

function fault(line: string) {
  const { scenario, problems } = load(`${HEAD}faults:\n  - ${line}\n`);
  expect(problems).toEqual([]);
  return scenario?.faults[0];
}

const match = (type: string, rest = {}) => ({ type, from: [], to: [], about: '', ...rest });

test('message faults: each kind, each time, each filter', () => {
  expect(fault('{ lose: any, nth: [4, 3, 3] }')?.fault).toEqual({
    what: 'lose',
    match: match(''),
    when: { is: 'nth', nth: [3, 4] },
    for: -1,
  });
  expect(
    fault('{ delay: FetchResponse, by: 2s, at: 5s, for: 3s, from: brokers, to: c }')?.fault,
  ).toEqual({
    what: 'delay',
    by: 2_000_000,
    match: match('FetchResponse', {
      from: ['broker-1', 'broker-2', 'broker-3'],
      to: ['c-1', 'c-2'],
    }),
    when: { is: 'at', at: 5_000_000 },
    for: 3_000_000,
  });
  expect(
    fault('{ reset: ProduceRequest, chance: 1%, until: 10s, about: t-0, from: p }')?.fault,
  ).toEqual({
    what: 'reset',
    match: match('ProduceRequest', { from: ['p'], about: 't-0' }),
    when: { is: 'chance', ppm: 10_000, every: 0 },
    for: 10_000_000,
  });
  expect(
    fault('{ lose: TransactionResponse, when: { event: stored, nth: 2, node: broker-2 } }')?.fault,
  ).toEqual({
    what: 'lose',
    match: match('TransactionResponse'),
    when: { is: 'event', fact: Fact.stored, nth: 2, node: 'broker-2' },
    for: -1,
  });
});

test('datagrams may be duplicated and reordered', () => {
  const queue =
    'scenario: x\nsystem: sqs\nqueues: { q: {} }\nfaults: [{ duplicate: SendMessage, nth: 1 }, { reorder: any, chance: 5% }]\n';
  const { scenario, problems } = load(queue);
  expect(problems).toEqual([]);
  expect(scenario?.faults.map((f) => f.fault)).toMatchObject([
    { what: 'duplicate', after: 1_000 },
    { what: 'reorder' },
  ]);
});

test('node faults: each kind', () => {
  const at = { is: 'at', at: 1_000_000 };
  expect(fault('{ crash: broker-1, at: 1s, restart: 5s }')?.fault).toEqual({
    what: 'crash',
    nodes: ['broker-1'],
    when: at,
    for: 5_000_000,
  });
  expect(fault('{ power-loss: brokers, at: 1s }')?.fault).toEqual({
    what: 'power-loss',
    nodes: ['broker-1', 'broker-2', 'broker-3'],
    when: at,
    for: -1,
  });
  expect(fault('{ stop: c, at: 1s, restart: 1s }')?.fault).toMatchObject({
    what: 'stop',
    nodes: ['c-1', 'c-2'],
  });
  expect(fault('{ pause: c-2, at: 1s, until: 4s }')?.fault).toMatchObject({
    what: 'pause',
    for: 3_000_000,
  });
  expect(fault('{ clock-jump: database, at: 1s, by: -5s }')?.fault).toMatchObject({
    nodes: ['database'],
    by: -5_000_000,
    for: -1,
  });
  expect(fault('{ clock-drift: broker-1, at: 1s, ppm: -200 }')?.fault).toMatchObject({ ppm: -200 });
  expect(fault('{ slow-disk: broker-1, at: 1s, factor: 2.5 }')?.fault).toMatchObject({
    factor: 2_500,
  });
  expect(fault('{ crash: broker-1, chance: 1%, every: 10s, restart: 1s }')?.fault).toMatchObject({
    when: { is: 'chance', ppm: 10_000, every: 10_000_000 },
  });
});

test('link faults: both ways, one way, slower', () => {
  expect(fault('{ partition: [[broker-1], [broker-2, p]], at: 1s, for: 5s }')?.fault).toMatchObject(
    {
      what: 'partition',
      from: ['broker-1'],
      to: ['broker-2', 'p'],
      oneWay: false,
      for: 5_000_000,
    },
  );
  expect(fault('{ partition: { from: p, to: brokers }, at: 1s }')?.fault).toMatchObject({
    oneWay: true,
    from: ['p'],
  });
  expect(fault('{ slow-link: { from: p, to: broker-1, by: 200ms }, at: 1s }')?.fault).toMatchObject(
    { what: 'slow-link', by: 200_000 },
  );
});

test('a fault is told in one line, as a person would say it', () => {
  expect(fault('{ lose: ProduceResponse, nth: [3, 4], to: p }')?.text).toBe(
    'lose ProduceResponse, nth 3+4, to p',
  );
  expect(fault('{ partition: [[broker-1], [broker-2, p]], at: 1s }')?.text).toBe(
    'partition broker-1 | broker-2+p, at 1s',
  );
  expect(fault('{ slow-link: { from: p, to: broker-1, by: 200ms }, at: 1s }')?.text).toBe(
    'slow-link p > broker-1 by 200ms, at 1s',
  );
});

test('what carries the name of a component with mistakes is not called missing as well', () => {
  const { problems } = load(
    `${HEAD.replace('from: t', 'from: tt')}faults: [{ crash: c-1, at: 1s }]\n`,
  );
  expect(problems.map((p) => p.code)).toEqual(['SCN023']);
});

test('binding puts numbers in place of names', () => {
  const ids = new Map(
    ['broker-1', 'broker-2', 'broker-3', 'p', 'c-1', 'c-2', 'database'].map((n, i) => [n, i]),
  );
  const bound = (line: string) => {
    const planned = fault(line);
    return planned && bindFault(planned.fault, (name) => ids.get(name) ?? -1);
  };
  expect(bound('{ lose: any, nth: 1, from: brokers, to: [p, c] }')).toMatchObject({
    match: { from: [0, 1, 2], to: [3, 4, 5] },
  });
  expect(bound('{ partition: [[p], [broker-1]], at: 1s }')).toMatchObject({ from: [3], to: [0] });
  expect(bound('{ crash: c-2, when: { event: stored, node: broker-2 } }')).toMatchObject({
    nodes: [5],
    when: { node: 1 },
  });
  expect(bound('{ crash: c-2, when: { event: stored } }')).toMatchObject({
    when: { node: undefined },
  });
});
