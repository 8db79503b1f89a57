import type { Offer, Outcome } from '../sim/explore/search/space.ts';
import { assert } from '../sim/kernel/assert.ts';
import { formatTime, type Micros } from '../sim/kernel/time.ts';
import { plannedFault } from '../sim/explore/search/planned.ts';
import { FACT_NAMES } from '../sim/kernel/entry.ts';
import { type Fault, isLinkFault, isMessageFault, type When } from '../sim/kernel/fault.ts';
import { isMessageKind, type SpaceOptions } from './space.ts';
import { readDuration } from './units.ts';
import { mapping, type Mapping, type Value } from './value.ts';
import { word } from './word.ts';

/** Up to here a person counts messages of one type; beyond, of one type between two nodes. */
const COUNTABLE = 9;

/**
 * Placed faults as a person would write them: by type and number, or by the moment. `outcome` is a
 * run in which `lose` was on offer, so that every message was asked about.
 */
export function writtenFaults(outcome: Outcome, space: SpaceOptions): Value[] {
  const plans = outcome.placed.flatMap((label) => plannedFault(label) ?? []);
  const taken = outcome.placed.filter((label) => plannedFault(label) === undefined);
  const placed = taken.map((label) => {
    const offer = outcome.offers.find((known) => known.label === label);
    assert(offer !== undefined, 'what was placed was on offer');
    return offer;
  });
  const onMessages = placed.filter(({ kind }) => isMessageKind(kind));
  const onNodes = placed.filter(({ kind }) => !isMessageKind(kind));
  return [
    ...writtenMessages(onMessages, outcome.offers, space),
    ...onNodes.map((offer) => writtenStrike(offer, outcome.offers, space)),
    ...plans.map(writtenPlan),
  ];
}

/** Faults of one kind on messages of one type are one fault: each counts what the others do. */
interface Group {
  readonly kind: string;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly messages: string[];
}

function writtenMessages(
  placed: readonly Offer[],
  offers: readonly Offer[],
  space: SpaceOptions,
): Mapping[] {
  const all = offers.filter((offer) => offer.kind === 'lose');
  const groups: Group[] = [];
  for (const offer of placed) {
    const { kind, type } = offer;
    const place = all.filter((o) => o.type === type).findIndex((o) => same(o, offer));
    const ends = place < COUNTABLE ? { from: '', to: '' } : { from: offer.from, to: offer.to };
    const own = { kind, type, ...ends };
    let group = groups.find((g) => nameOf(g) === nameOf(own));
    if (group === undefined) groups.push((group = { ...own, messages: [] }));
    group.messages.push(subject(offer.label));
  }
  const hit = new Set<string>();
  return groups.map((group) => {
    const { kind, type, from, to, messages } = group;
    // What an earlier fault of the list has hit is not seen by a later one.
    const seen = all.filter(
      (o) =>
        o.type === type &&
        (from === '' || (o.from === from && o.to === to)) &&
        !hit.has(subject(o.label)),
    );
    const places = messages.map((m) => seen.findIndex((o) => subject(o.label) === m) + 1);
    for (const message of messages) hit.add(message);
    places.sort((a, b) => a - b);
    return new Map<string, Value>([
      [kind, word(type)],
      ...(kind === 'delay' ? [['by', spelled(space.delay)] as const] : []),
      ...(from === ''
        ? []
        : ([
            ['from', word(from)],
            ['to', word(to)],
          ] as const)),
      ['nth', places.length === 1 ? String(places[0]) : places.map(String)],
    ]);
  });
}

const nameOf = ({ kind, type, from, to }: Omit<Group, 'messages'>) =>
  [kind, type, from, to].join(' ');
const subject = (label: string) => label.slice(label.indexOf(' ') + 1);
const same = (a: Offer, b: Offer) => subject(a.label) === subject(b.label);

/** "crash: broker-1, when: { event: stored, nth: 3, node: broker-1 }". */
function writtenStrike(offer: Offer, offers: readonly Offer[], space: SpaceOptions): Mapping {
  const { kind, from: node, type: event, label } = offer;
  const moments = offers.filter((o) => o.kind === kind && o.from === node && o.type === event);
  const nth = moments.findIndex((o) => o.label === label) + 1;
  return new Map<string, Value>([
    [kind, word(node)],
    ['when', mapping({ event, nth: String(nth), node: word(node) })],
    [kind === 'pause' ? 'for' : 'restart', spelled(space.restart)],
  ]);
}

/** A planned fault as it stands in a file. */
export function writtenPlan(fault: Fault<string>): Mapping {
  const { what, when } = fault;
  if (isMessageFault(fault)) {
    const { type, from, to } = fault.match;
    return new Map<string, Value>([
      [what, type === '' ? 'any' : word(type)],
      ...(fault.what === 'delay' ? [['by', spelled(fault.by)] as const] : []),
      ...(from.length === 0 ? [] : [['from', namesOf(from)] as const]),
      ...(to.length === 0 ? [] : [['to', namesOf(to)] as const]),
      ...writtenWhen(when),
    ]);
  }
  const lasts = fault.for < 0 ? [] : [[restarts(what) ? 'restart' : 'for', spelled(fault.for)]];
  if (!isLinkFault(fault)) {
    return new Map([[what, namesOf(fault.nodes)], ...writtenWhen(when), ...lasts] as Entries);
  }
  const [from, to] = [fault.from.map(word), fault.to.map(word)];
  if (fault.what === 'slow-link') {
    const link = new Map<string, Value>([
      ['from', namesOf(fault.from)],
      ['to', namesOf(fault.to)],
      ['by', spelled(fault.by)],
    ]);
    return new Map([[what, link], ...writtenWhen(when), ...lasts] as Entries);
  }
  const sides = fault.oneWay ? mapping({ from, to }) : [from, to];
  return new Map([[what, sides], ...writtenWhen(when), ...lasts] as Entries);
}

type Entries = (readonly [string, Value])[];

const restarts = (what: string): boolean => ['crash', 'power-loss', 'erase', 'stop'].includes(what);

const namesOf = (names: readonly string[]): Value =>
  names.length === 1 ? word(names[0]) : names.map(word);

function writtenWhen(when: When<string>): Entries {
  switch (when.is) {
    case 'at':
      return [['at', spelled(when.at)]];
    case 'nth':
      return [['nth', when.nth.length === 1 ? String(when.nth[0]) : when.nth.map(String)]];
    case 'event': {
      const { fact, nth, node } = when;
      const moment = mapping({ event: FACT_NAMES[fact], nth: String(nth) });
      return [['when', node === undefined ? moment : new Map([...moment, ['node', word(node)]])]];
    }
    default:
      assert(false, 'a plan says when each of its faults strikes');
      return [];
  }
}

/** A duration as a scenario spells it: "1.5s", "30ms". */
export function spelled(time: Micros): string {
  const short = formatTime(time).replace(' ', '');
  const read = readDuration(short);
  return read.ok && read.value === time ? short : exact(time);
}

/** Three decimals of a long time are not all of it. */
const exact = (time: Micros): string =>
  time % 1_000_000 === 0
    ? `${time / 1_000_000}s`
    : time % 1_000 === 0
      ? `${time / 1_000}ms`
      : `${time}us`;
