import { describe, expect, test } from 'vitest';
import { Ledger } from '../../../sim/history/ledger.ts';
import { summarise } from '../../../sim/history/summary.ts';
import { Fact } from '../../../sim/kernel/entry.ts';
import { Names } from '../../../sim/kernel/names.ts';
import { Story } from './story.ts';

const only = (story: Story) => story.summary().subscriptions[0].measures;

describe('loss', () => {
  test('an acknowledged message that nobody stores or applies is lost', () => {
    const story = new Story().invoked(0).ok(0);
    expect(only(story)).toMatchObject({ lost: 1, lostBy: { 'never stored': 1 } });
    expect(story.expect('loss', 0).verdict).toBe('violated');
  });

  test('the same message, not acknowledged, is owed to nobody', () => {
    const story = new Story().invoked(0).fact(Fact.unknown, 0);
    expect(only(story)).toMatchObject({ owed: 0, lost: 0 });
    expect(story.expect('loss', 0)).toMatchObject({
      verdict: 'unknown',
      why: 'nothing was acknowledged',
    });
  });

  test('what is still stored is pending, not lost', () => {
    expect(only(new Story().sent(0).remaining(0))).toMatchObject({ lost: 0, pending: 1 });
    expect(only(new Story().sent(0))).toMatchObject({ lost: 1, pending: 0 });
  });

  test('a message settled before its handler finished is lost, although it was handed over', () => {
    const story = new Story().sent(0).settled(0).delivered(0).fact(Fact.crashed, 0);
    expect(only(story).lostBy).toEqual({ 'acknowledged, and its handler never finished': 1 });
    expect(only(new Story().sent(0).settled(0).delivered(0).effect(0)).lost).toBe(0);
  });

  test('a message that a commit passed unread is lost by that commit', () => {
    const story = new Story().sent(0, 1).fact(Fact.settledTo, 0, 0, 2).delivered(1).effect(1);
    expect(only(story).lostBy).toEqual({ 'skipped by a commit': 1 });
  });

  test('a truncated message names its cause', () => {
    const story = new Story().sent(0);
    story.fact(Fact.dropped, 0, 0, story.names.id('truncated'));
    expect(only(story).lostBy).toEqual({ truncated: 1 });
  });

  test('a dead-lettered message is not lost', () => {
    const story = new Story().sent(0);
    story.fact(Fact.deadLettered, 0, 0, story.names.id('maxReceiveCount'));
    expect(only(story)).toMatchObject({ lost: 0, deadLettered: 1 });
  });

  test('a run cut by a bound proves no loss', () => {
    expect(new Story().invoked(0).ok(0).cut().expect('loss', 0).verdict).toBe('unknown');
  });
});

describe('duplicates', () => {
  test('each level counts its own copies beyond the first', () => {
    const story = new Story().sent(0).stored(0, 1).delivered(0).effect(0).delivered(0, 0, 1);
    expect(only(story).duplicates).toEqual({ stored: 1, delivered: 1, effects: 0 });
    story.effect(0);
    expect(only(story).duplicates).toEqual({ stored: 1, delivered: 1, effects: 1 });
  });

  test('one copy at each level is no duplicate', () => {
    expect(only(new Story().sent(0).done(0)).duplicates).toEqual({
      stored: 0,
      delivered: 0,
      effects: 0,
    });
  });

  test('the second stored copy names the retry that made it', () => {
    const story = new Story().invoked(0).stored(0, 0);
    story.fact(Fact.retried, 0, 2, story.names.id('REQUEST_TIMED_OUT')).stored(0, 1).ok(0);
    expect(story.expect('duplicates.stored', 0).witnesses).toEqual([
      {
        says: 'stored again at orders-0/1: sent again after REQUEST_TIMED_OUT',
        message: 'producer-0/0',
        atUs: 0,
      },
    ]);
  });

  test('the second delivery names why reading started again', () => {
    const story = new Story().sent(0).delivered(0);
    story.fact(Fact.assigned, 0, 0, 0, story.names.id('rebalance')).delivered(0);
    expect(story.expect('duplicates.delivered', 0).witnesses[0].says).toBe(
      'delivered again from orders-0/0: reading restarted at 0, rebalance',
    );
  });

  test('a duplicate that a cut run saw is a violation all the same', () => {
    const story = new Story().sent(0).delivered(0).effect(0).effect(0).cut();
    expect(story.expect('duplicates.effects', 0).verdict).toBe('violated');
    expect(
      new Story().sent(0).delivered(0).effect(0).cut().expect('duplicates.effects', 0).verdict,
    ).toBe('unknown');
  });
});

describe('ordering', () => {
  test('a first delivery after a younger message is an inversion', () => {
    expect(only(new Story().sent(0, 1).delivered(1).delivered(0)).ordering).toMatchObject({
      inversions: 1,
      rewinds: 0,
    });
    expect(only(new Story().sent(0, 1).delivered(0).delivered(1)).ordering).toMatchObject({
      inversions: 0,
      rewinds: 0,
    });
  });

  test('a repeated delivery after a younger message is a rewind, right after itself it is not', () => {
    expect(
      only(new Story().sent(0, 1).delivered(0).delivered(1).delivered(0)).ordering.rewinds,
    ).toBe(1);
    expect(
      only(new Story().sent(0, 1).delivered(0).delivered(0).delivered(1)).ordering.rewinds,
    ).toBe(0);
  });

  test('keys are ordered apart from each other', () => {
    const story = new Story()
      .invoked(0, 1)
      .invoked(1, 2)
      .invoked(2, 1)
      .delivered(2)
      .delivered(1)
      .delivered(0);
    const { by } = only(story).ordering;
    expect([by.key.inversions, by.partition.inversions]).toEqual([1, 2]);
  });

  test('two producers owe each other no order, except globally', () => {
    // Producer 0 sends message 0 at 1 us, producer 1 sends message 1 at 2 us.
    const story = new Story(1, 2).at(1).invoked(0).at(2).invoked(1).delivered(1).delivered(0);
    const { by } = only(story).ordering;
    expect([by.partition.inversions, by.global.inversions]).toEqual([0, 1]);
  });
});

describe('lag', () => {
  test('messages behind and the age of the oldest of them', () => {
    const story = new Story().at(0).sent(0).at(1_000).sent(1).at(5_000).done(0).at(9_000);
    // At the end message 1, sent at 1 ms, has waited 8 ms; message 0 had waited 5 ms.
    expect(only(story).lag.messages).toMatchObject({ max: 2, final: 1 });
    expect(only(story).lag.time).toMatchObject({ max: 8_000, final: 8_000 });
  });

  test('a settled message waits no longer', () => {
    const story = new Story().at(0).sent(0).at(5_000).done(0).at(9_000);
    expect(only(story).lag.time).toMatchObject({ max: 5_000, final: 0 });
  });
});

describe('phantom', () => {
  test('a delivered message whose send failed, whichever came first', () => {
    expect(
      new Story().invoked(0).fact(Fact.failed, 0).delivered(0).expect('phantom', 0).verdict,
    ).toBe('violated');
    expect(
      new Story().invoked(0).delivered(0).fact(Fact.failed, 0).expect('phantom', 0).verdict,
    ).toBe('violated');
    expect(
      new Story().invoked(0).delivered(0).fact(Fact.unknown, 0).expect('phantom', 0).verdict,
    ).toBe('holds');
  });
});

describe('agreement', () => {
  test('two readers that see two orders disagree; in one order they agree', () => {
    const apart = new Story(2)
      .sent(0, 1)
      .delivered(0, 0)
      .delivered(1, 0)
      .delivered(1, 1)
      .delivered(0, 1);
    expect(apart.expect('agreement', 0).verdict).toBe('violated');
    const same = new Story(2)
      .sent(0, 1)
      .delivered(0, 0)
      .delivered(0, 1)
      .delivered(1, 1)
      .delivered(1, 0);
    expect(same.expect('agreement', 0).verdict).toBe('holds');
  });

  test('one reader has nobody to agree with', () => {
    expect(new Story(1).sent(0).delivered(0).expect('agreement', 0).verdict).toBe('unknown');
  });
});

describe('progress', () => {
  test('the longest time with something pending and nothing done', () => {
    // Pending from 0; done at 4 ms; the second one is done at 13 ms: 9 ms of nothing.
    const story = new Story().at(0).sent(0, 1).at(4_000).done(0).at(13_000).done(1);
    expect(only(story).stalledUs).toBe(9_000);
  });

  test('time with nothing pending is no stall', () => {
    const story = new Story().at(0).sent(0).at(1_000).done(0).at(90_000).sent(1).at(91_000).done(1);
    expect(only(story).stalledUs).toBe(1_000);
  });

  test('a run is drained when all is settled and no handler is at work', () => {
    const story = new Story().sent(0).delivered(0).effect(0).settled(0);
    expect(story.ledger.drained).toBe(false);
    expect(story.handled(0).ledger.drained).toBe(true);
  });

  test('a handler that dies with its process is at work no more', () => {
    const story = new Story().sent(0).settled(0).delivered(0);
    expect(story.ledger.drained).toBe(false);
    expect(story.fact(Fact.crashed, 0).ledger.drained).toBe(true);
  });

  test('a message settled before it is handed over keeps the run going', () => {
    const story = new Story().sent(0).settled(0);
    expect(story.ledger.drained).toBe(false);
    expect(story.delivered(0).effect(0).handled(0).ledger.drained).toBe(true);
  });

  test('an acknowledged message that is not yet readable keeps the run going', () => {
    const story = new Story().invoked(0).ok(0);
    expect(story.ledger.drained).toBe(false);
    expect(story.stored(0, 0).done(0).ledger.drained).toBe(true);
  });
});

describe('copies', () => {
  test('a run is not drained while a second copy of a settled message waits', () => {
    const story = new Story().sent(0).done(0).stored(0, 1);
    expect(story.ledger.drained).toBe(false);
    expect(story.done(0).ledger.drained).toBe(true);
  });

  test('two copies that wait at once are settled one by one', () => {
    const story = new Story().sent(0).stored(0, 1).done(0);
    expect(story.ledger.drained).toBe(false);
    expect(story.settled(0).ledger.drained).toBe(true);
  });

  test('a message settled before it is said to be stored is not waited for', () => {
    expect(new Story().invoked(0).done(0).stored(0, 0).ok(0).ledger.drained).toBe(true);
  });
});

describe('guarantee', () => {
  test.each([
    ['exactly-once', (s: Story) => s.sent(0).done(0)],
    ['at-least-once', (s: Story) => s.sent(0).done(0).delivered(0).effect(0).handled(0)],
    ['at-most-once', (s: Story) => s.sent(0)],
    ['none', (s: Story) => s.sent(0, 1).done(0).delivered(0).effect(0).handled(0)],
    ['unknown', (s: Story) => s.invoked(0).fact(Fact.unknown, 0)],
  ])('%s is what such a run gave', (guarantee, tell) => {
    const story = new Story();
    tell(story);
    expect(only(story).guarantee).toBe(guarantee);
  });
});

test('memory follows what is in flight: settled messages leave only bits', () => {
  const story = new Story();
  for (let m = 0; m < 2_000_000; m++) story.at(m).sent(m).done(m);
  expect(story.ledger.subscriptions[0].effects.count).toBe(2_000_000);
  expect(story.ledger.inFlight).toBeLessThan(1_100_000); // The window of a million, not two.
});

describe('channels that pass messages on', () => {
  /** A topic (channel 0, no streams) in front of two queues (1 and 2), and a dead-letter queue. */
  function fanOut() {
    const names = new Names();
    const ledger = new Ledger({
      names,
      producers: ['checkout'],
      channels: [0],
      channelCount: 4,
      subscriptions: [1, 2, 3].map((channel) => ({ name: `reader-${channel}`, channel })),
      alarms: [],
    });
    const streams = [1, 2, 3].map((channel) => ledger.addStream(`queue-${channel}`, channel));
    const fact = (kind: number, ...args: number[]) => {
      const [a = 0, b = 0, c = 0, d = 0] = args;
      ledger.fact(1, 0, kind, a, b, c, d);
    };
    const measures = () => {
      const scopes = streams.map(() => 'queue' as const);
      const { subscriptions } = summarise(ledger, 'drained', 2, scopes, () => undefined);
      return subscriptions.map((s) => s.measures);
    };
    fact(Fact.invoked, 0, 0, -1);
    return { ledger, names, fact, measures };
  }
  const apply = (fact: ReturnType<typeof fanOut>['fact'], message: number, reader: number) => {
    fact(Fact.delivered, message, reader, reader, 0);
    fact(Fact.effect, message, reader, -1);
    fact(Fact.handled, message, reader, 0);
    fact(Fact.settled, message, reader);
  };

  test('a message is owed where it was routed, and lost where it never arrived', () => {
    const { ledger, fact, measures } = fanOut();
    fact(Fact.routed, 0, 0);
    fact(Fact.routed, 0, 1);
    fact(Fact.ok, 0, 1);
    fact(Fact.stored, 0, 0, 0);
    apply(fact, 0, 0);
    expect(ledger.drained).toBe(false); // It is still under way to the second queue.
    expect(measures().map((m) => [m.owed, m.lost])).toEqual([
      [1, 0],
      [1, 1],
      [0, 0],
    ]);
  });

  test('where it was not routed it is owed nothing, and the run ends', () => {
    const { ledger, fact, measures } = fanOut();
    fact(Fact.routed, 0, 0);
    fact(Fact.ok, 0, 1);
    fact(Fact.stored, 0, 0, 0);
    apply(fact, 0, 0);
    expect(ledger.drained).toBe(true);
    expect(measures().map((m) => m.owed)).toEqual([1, 0, 0]);
  });

  test('given up on its way, it is lost for the reason that is stated', () => {
    const { ledger, names, fact, measures } = fanOut();
    fact(Fact.routed, 0, 0);
    fact(Fact.ok, 0, 1);
    fact(Fact.dropped, 0, 0, names.id('retries exhausted'));
    expect(ledger.drained).toBe(true);
    expect(measures()[0].lostBy).toEqual({ 'retries exhausted': 1 });
  });

  test('moved back out of a dead-letter queue it is owed again, and is no second copy', () => {
    const { ledger, names, fact, measures } = fanOut();
    fact(Fact.routed, 0, 0);
    fact(Fact.ok, 0, 1);
    fact(Fact.stored, 0, 0, 0);
    fact(Fact.deadLettered, 0, 0, names.id('maxReceiveCount'));
    fact(Fact.stored, 0, 2, 0);
    expect(measures()[0]).toMatchObject({ deadLettered: 1, lost: 0 });
    fact(Fact.moved, 0, 2, 0, 1);
    expect(ledger.drained).toBe(false);
    // Owed again: as long as nothing has become of it, it is lost there, and not in the other.
    expect(measures().map((m) => m.lost)).toEqual([1, 0, 0]);
    apply(fact, 0, 0);
    expect(ledger.drained).toBe(true);
    const [source, , dead] = measures();
    expect(source).toMatchObject({ lost: 0, deadLettered: 0, effects: 1 });
    expect(source.duplicates).toEqual({ stored: 0, delivered: 0, effects: 0 });
    expect(dead.lost).toBe(0);
  });
});
