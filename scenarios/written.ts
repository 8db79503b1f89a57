import type { Offer, Outcome } from '../sim/explore/search/space.ts';
import { assert } from '../sim/kernel/assert.ts';
import { formatTime, type Micros } from '../sim/kernel/time.ts';
import { isMessageKind, type SpaceOptions } from './space.ts';
import { mapping, type Mapping, type Value } from './value.ts';
import { word } from './word.ts';

/** Up to here a person counts messages of one type; beyond, of one type between two nodes. */
const COUNTABLE = 9;

/**
 * Placed faults as a person would write them: by type and number, or by the moment. `outcome` is a
 * run in which `lose` was on offer, so that every message was asked about.
 */
export function writtenFaults(outcome: Outcome, space: SpaceOptions): Value[] {
  const placed = outcome.placed.map((label) => {
    const offer = outcome.offers.find((known) => known.label === label);
    assert(offer !== undefined, 'what was placed was on offer');
    return offer;
  });
  const onMessages = placed.filter(({ kind }) => isMessageKind(kind));
  const onNodes = placed.filter(({ kind }) => !isMessageKind(kind));
  return [
    ...writtenMessages(onMessages, outcome.offers, space),
    ...onNodes.map((offer) => writtenStrike(offer, outcome.offers, space)),
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

/** A duration as a scenario spells it: "1.5s", "30ms". */
export const spelled = (time: Micros): string => formatTime(time).replace(' ', '');
