import fc from 'fast-check';
import { alea } from 'seedrandom';
import { describe, expect, test } from 'vitest';
import {
  keyOfSeed,
  parseLabel,
  QUIET,
  Recorded,
  Replayed,
  Seeded,
  SelfCheck,
  Site,
  SITE_KINDS,
  type Choices,
} from '../../../sim/kernel/choices.ts';
import { Distribution } from '../../../sim/kernel/distribution.ts';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { finish, fold, hashText, scale } from '../../../sim/kernel/hash.ts';
import { Names } from '../../../sim/kernel/names.ts';
import { ALL, Bench, chance, MS } from './fixture.ts';

interface Named {
  readonly from: string;
  readonly to?: string;
  readonly what: string;
  readonly about: string;
  readonly nr: number;
  readonly attempt?: number;
  readonly kind?: Site['kind'];
}

function siteOf(names: Names, { from, to, what, about, nr, attempt = 1, kind = 'lose' }: Named) {
  const site = new Site();
  site.kind = kind;
  site.from = names.id(from);
  site.to = to === undefined ? -1 : names.id(to);
  site.what = names.id(what);
  site.about = names.id(about);
  site.nr = nr;
  site.attempt = attempt;
  return site;
}

const PRODUCE: Named = {
  ...{ from: 'checkout', to: 'broker-1', what: 'ProduceRequest' },
  ...{ about: 'orders-0', nr: 17, attempt: 2 },
};

const word = fc.stringMatching(/^[A-Za-z0-9_./-]{1,12}$/);
const sites: fc.Arbitrary<Named> = fc.record({
  ...{ from: word, to: fc.option(word, { nil: undefined }), what: word, about: word },
  ...{ nr: fc.integer(), attempt: fc.nat(), kind: fc.constantFrom(...SITE_KINDS) },
});

describe('labels', () => {
  test('say what is decided about', () => {
    const names = new Names();
    const label = siteOf(names, PRODUCE).label(names);
    expect(label).toBe('lose checkout>broker-1 ProduceRequest orders-0/17 #2');
    const alone = siteOf(names, { ...PRODUCE, to: undefined, kind: 'span' }).label(names);
    expect(alone).toBe('span checkout ProduceRequest orders-0/17 #2');
  });

  test('are read back as they were written', () => {
    fc.assert(
      fc.property(sites, (named) => {
        const names = new Names();
        expect(parseLabel(siteOf(names, named).label(names))).toEqual({ to: undefined, ...named });
      }),
    );
  });

  test('other texts are no labels', () => {
    const good = 'lose a>b Fetch t/1 #1';
    expect(parseLabel(good)).toBeDefined();
    const bad = ['', 'loose a>b Fetch t/1 #1', 'lose a>b Fetch t/1', 'lose a>b Fetch t #1'];
    for (const text of [...bad, `${good} `, `x ${good}`]) expect(parseLabel(text)).toBe(undefined);
  });
});

describe('Seeded', () => {
  const draws = (names: Names, list: readonly Named[], seed = 's') => {
    const choices = new Seeded(names, seed);
    return list.map((named) => choices.choose(siteOf(names, named), 1_000_000));
  };
  const many = Array.from({ length: 20_000 }, (_, nr): Named => ({ ...PRODUCE, nr }));

  test('the same site gets the same answer, whatever else is asked and in which order', () => {
    const forth = draws(new Names(), many.slice(0, 100));
    const back = draws(new Names(), many.slice(0, 100).reverse());
    expect(back.reverse()).toEqual(forth);
    expect(draws(new Names(), [many[50]])).toEqual([forth[50]]);
  });

  test('the answer does not depend on the numbers that names happen to have', () => {
    const names = new Names();
    for (const text of ['orders-0', 'x', 'broker-1', 'y']) names.id(text);
    expect(draws(names, [PRODUCE])).toEqual(draws(new Names(), [PRODUCE]));
  });

  test('every part of a site counts, and the seed', () => {
    const changed: Named[] = [
      PRODUCE,
      { ...PRODUCE, kind: 'delay' },
      { ...PRODUCE, from: 'billing' },
      { ...PRODUCE, to: 'broker-2' },
      { ...PRODUCE, to: undefined },
      { ...PRODUCE, what: 'FetchRequest' },
      { ...PRODUCE, about: 'orders-1' },
      { ...PRODUCE, nr: 18 },
      { ...PRODUCE, attempt: 3 },
    ];
    const all = [...draws(new Names(), changed), ...draws(new Names(), [PRODUCE], 't')];
    expect(new Set(all).size).toBe(changed.length + 1);
  });

  test('parts per million are what they say', () => {
    const names = new Names();
    const choices = new Seeded(names, 's');
    for (const ppm of [0, 1000, 250_000, 500_000, 1_000_000]) {
      const hits = many.filter((named) => choices.choose(siteOf(names, named), 2, ppm) === 1);
      // Within four standard deviations of a fair draw.
      const p = ppm / 1_000_000;
      const bound = 4 * Math.sqrt(many.length * p * (1 - p));
      expect(Math.abs(hits.length - many.length * p)).toBeLessThanOrEqual(bound);
    }
  });

  test('without a chance all outcomes are equally likely; with one, all but the benign', () => {
    const names = new Names();
    const choices = new Seeded(names, 's');
    const counts = (ppm?: number) => {
      const seen = [0, 0, 0, 0, 0];
      for (const named of many) seen[choices.choose(siteOf(names, named), 5, ppm)]++;
      return seen;
    };
    // 4000 each; four standard deviations are 226. With 20 %: 16 000, and 1000 each (four: 123).
    for (const count of counts()) expect(Math.abs(count - 4000)).toBeLessThan(226);
    const [benign, ...others] = counts(200_000);
    expect(Math.abs(benign - 16_000)).toBeLessThan(226);
    for (const count of others) expect(Math.abs(count - 1000)).toBeLessThan(123);
  });

  test('neighbouring seeds share nothing', () => {
    const names = new Names();
    const first = Array.from({ length: 1000 }, (_, i) => {
      return new Seeded(names, String(i)).choose(siteOf(names, PRODUCE), 2 ** 20);
    });
    expect(new Set(first).size).toBeGreaterThan(995);
    const mean = first.reduce((sum, draw) => sum + draw, 0) / first.length / 2 ** 20;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.04); // Four standard deviations.
  });

  test('a forced choice is not asked', () => {
    const names = new Names();
    const ask = () => new Seeded(names, 's').choose(siteOf(names, PRODUCE), 1);
    expect(ask).toThrow('a forced choice is not asked');
  });
});

describe('Replayed and Recorded', () => {
  test('overrides win, up to the last outcome; what they do not name is asked elsewhere', () => {
    const names = new Names();
    const label = 'lose checkout>broker-1 ProduceRequest orders-0/17 #2';
    const choices = new Replayed(names, new Map([[label, 7]]), QUIET);
    expect(choices.unasked()).toEqual([label]);
    expect(choices.choose(siteOf(names, PRODUCE), 10)).toBe(7);
    expect(choices.choose(siteOf(names, PRODUCE), 3)).toBe(2);
    expect(choices.choose(siteOf(names, { ...PRODUCE, nr: 18 }), 10)).toBe(0);
    expect(choices.unasked()).toEqual([]);
  });

  test('reading overrides hands out no name: a run numbers its names as without them', () => {
    const names = new Names();
    new Replayed(names, new Map([['lose a>b Fetch t/1 #1', 1]]), QUIET);
    expect(names.id('the first one')).toBe(0);
  });

  const faults: Fault[] = [
    { what: 'lose', match: ALL, when: chance(300_000), for: -1 },
    { what: 'duplicate', match: ALL, after: MS, when: chance(300_000), for: -1 },
    { what: 'crash', nodes: [1], when: chance(200_000, 7 * MS), for: 2 * MS },
  ];
  const run = (choices: (names: Names) => Choices) => {
    const latency = Distribution.uniform(MS, 5 * MS);
    const bench = new Bench({ faults, choices, latency, transport: 'datagram' });
    bench.server.echoes = true;
    for (let n = 0; n < 40; n++) bench.ping(n * MS, n);
    bench.run(60 * MS);
    return { digest: bench.world.digest.text(), fired: bench.injector.fired };
  };

  test('what was recorded, replayed under no chance at all, is the same run', () => {
    let recorded: Recorded | undefined;
    const first = run((names) => (recorded = new Recorded(names, new Seeded(names, 's'))));
    const overrides = recorded?.overrides ?? new Map<string, number>();
    expect(Math.min(...first.fired)).toBeGreaterThan(0);
    expect(overrides.size).toBe(first.fired.reduce((sum, fired) => sum + fired));
    // Latencies are samples: drawn by the seed, never recorded.
    const quiet = (names: Names): Choices => {
      const seeded = new Seeded(names, 's');
      return { choose: () => 0, sample: (site, table) => seeded.sample(site, table) };
    };
    expect(run((names) => new Replayed(names, overrides, quiet(names)))).toEqual(first);
    expect(run(quiet).digest).not.toBe(first.digest);
  });

  test('a run answers for one label alone: without it, all others keep their outcome', () => {
    let recorded: Recorded | undefined;
    run((names) => (recorded = new Recorded(names, new Seeded(names, 's'))));
    const loss = [...(recorded?.overrides.keys() ?? [])].find((label) => label.startsWith('lose'));
    expect(loss).toBeDefined();
    let again: Recorded | undefined;
    run((names) => {
      const without = new Replayed(names, new Map([[String(loss), 0]]), new Seeded(names, 's'));
      return (again = new Recorded(names, without));
    });
    const others = [...(recorded?.overrides ?? [])].filter(([label]) => label !== loss);
    // The message that now arrives is asked about, and so may have an outcome of its own.
    expect([...(again?.overrides ?? [])]).toEqual(expect.arrayContaining(others));
  });
});

describe('SelfCheck', () => {
  const ask = (choices: Choices, names: Names, list: readonly Named[]) => {
    for (const named of list) choices.choose(siteOf(names, named), 2);
  };
  const compare = (first: readonly Named[], second: readonly Named[]) => {
    const names = new Names();
    const earlier = new SelfCheck(names, QUIET);
    ask(earlier, names, first);
    const later = new SelfCheck(names, QUIET, earlier);
    ask(later, names, second);
    later.end();
    return later;
  };
  const [a, b, c] = [1, 2, 3].map((nr): Named => ({ from: 'n', what: 'w', about: 't', nr }));
  const label = (nr: number) => `lose n w t/${nr} #1`;

  test('two runs that ask the same have not parted', () => {
    expect(compare([a, b, c], [a, b, c]).parted).toBe(undefined);
  });

  test('the first difference is named', () => {
    const differs = { index: 1, first: label(2), second: label(3) };
    expect(compare([a, b, c], [a, c, b]).parted).toEqual(differs);
  });

  test('asking more, or less, is a difference', () => {
    const more = { index: 1, first: '(nothing asked)', second: label(2) };
    expect(compare([a], [a, b]).parted).toEqual(more);
    const less = { index: 1, first: label(2), second: '(nothing asked)' };
    expect(compare([a, b], [a]).parted).toEqual(less);
  });

  test('a label asked twice is reported; two different ones are not', () => {
    expect(compare([a, b], [a, b, a]).repeated).toEqual([label(1)]);
    expect(compare([a, b], [a, b]).repeated).toEqual([]);
  });
});

test('QUIET: nothing happens, and every quantity is in the middle', () => {
  const names = new Names();
  const site = siteOf(names, PRODUCE);
  expect(QUIET.choose(site, 5, 1_000_000)).toBe(0);
  expect(QUIET.sample(site, Distribution.uniform(100, 300))).toBe(200);
});

// Golden vectors: a change to one of these changes the meaning of every seed ever written down.
describe('golden', () => {
  test("seedrandom's alea", () => {
    const draw = alea('lost-ack');
    expect([draw.int32(), draw.int32()]).toEqual([-1883676005, 445318343]);
    expect([draw(), draw.double()]).toEqual([0.08877090597525239, 0.2036230601344472]);
  });

  test('hashes', () => {
    expect([hashText(''), hashText('lost-ack'), hashText('ä')]).toMatchInlineSnapshot(`
      [
        -2128831035,
        761731295,
        1628134131,
      ]
    `);
    expect([fold(0, 0), fold(1, 2), fold(-1, -1)]).toMatchInlineSnapshot(`
      [
        -430675100,
        2001329867,
        -1203112466,
      ]
    `);
    expect([finish(0), finish(1), finish(-1)]).toMatchInlineSnapshot(`
      [
        0,
        1364076727,
        2180083513,
      ]
    `);
    expect([scale(0, 10), scale(2 ** 31, 10), scale(2 ** 32 - 1, 10)]).toEqual([0, 5, 9]);
  });

  test('keys of seeds', () => {
    expect([keyOfSeed('1'), keyOfSeed('2'), keyOfSeed('')]).toMatchInlineSnapshot(`
      [
        -825303874,
        911850492,
        588461713,
      ]
    `);
  });

  test('a site, and what is drawn for it', () => {
    const names = new Names();
    const site = siteOf(names, PRODUCE);
    const choices = new Seeded(names, '1');
    expect(site.hash(names, 42)).toMatchInlineSnapshot(`457785658`);
    expect(choices.choose(site, 1_000_000)).toMatchInlineSnapshot(`956965`);
    expect(choices.sample(site, Distribution.uniform(0, 1_000_000))).toMatchInlineSnapshot(
      `956965`,
    );
  });
});
