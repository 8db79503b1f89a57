import type { Assignment } from '../../scenarios/scenario.ts';
import type { FaultsAfter } from '../../scenarios/decide.ts';
import { nearest } from '../../scenarios/nearest.ts';
import { KINDS, SPACE, type SpaceOptions } from '../../scenarios/space.ts';
import { readDuration } from '../../scenarios/units.ts';
import { LINK_KINDS, type PlanKind } from '../../sim/explore/search/imagine.ts';
import { STRATEGIES, type StrategyName } from '../../sim/explore/search/search.ts';
import { FACT_NAMES, FACT_SUBJECT, type FactName } from '../../sim/kernel/entry.ts';
import { UsageError } from '../exit.ts';
import type { HuntOrder } from './order.ts';

export interface HuntOptions {
  readonly seed?: string;
  readonly set?: readonly Assignment[];
  readonly variant?: string;
  readonly strict?: boolean;
  readonly maxFaults?: string;
  readonly kinds?: string;
  readonly moments?: string;
  readonly messages?: string;
  readonly nodes?: string;
  readonly before?: string;
  readonly delay?: string;
  readonly restart?: string;
  readonly runs?: string;
  readonly budget?: string;
  readonly strategy?: string;
  readonly indistinguishable?: string;
  readonly pointOfNoReturn?: boolean;
  readonly faults?: string;
  readonly json?: boolean;
  readonly save?: string;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

type Asked = Pick<HuntOrder, 'hunt' | 'text' | 'file' | 'client'>;

/** The order that a command line makes. */
export function orderOf(asked: Asked, options: HuntOptions): HuntOrder {
  const { seed, set = [], variant, strict = false } = options;
  const strategies = strategiesFrom(options.strategy);
  // Every placement is tried only where there are few: a proof is asked for a small space.
  const every = asked.hunt !== 'explore' || strategies.every((name) => name === 'exhaustive');
  const space = spaceFrom(options, every);
  const links = space.kinds.filter((kind) => (LINK_KINDS as readonly string[]).includes(kind));
  if (every && links.length > 0) {
    const says = `--kinds: "${links[0]}" can begin at any time, so there is no "every placement"`;
    throw new UsageError(says, '"lost-ack explore" searches among them');
  }
  return {
    ...asked,
    seed,
    set,
    variant,
    strict,
    space,
    bounds: boundsFrom(options),
    maxFaults: whole('--max-faults', options.maxFaults, every ? 2 : 4, 50),
    runs: runsFrom(asked.hunt, options.runs),
    ...(options.faults === undefined ? {} : { faults: faultsFrom(options.faults) }),
    budgetMs: Math.ceil(span('--budget', options.budget, 30_000_000) / 1000),
    searchSeed: seed ?? '1',
    strategies,
  };
}

/** Of a search: in all. Of a curve: for each of its points, and none is no point. */
function runsFrom(hunt: HuntOrder['hunt'], text: string | undefined): number {
  if (hunt !== 'turn') return whole('--runs', text, 100_000, 1_000_000_000);
  const runs = whole('--runs', text, 100, 1_000_000);
  if (runs > 0) return runs;
  throw new UsageError('--runs is 1 or more: of no run there is no share');
}

function faultsFrom(text: string): FaultsAfter {
  if (text === 'keep' || text === 'drop') return text;
  throw new UsageError(`--faults: no "${text}"`, 'known: keep, drop');
}

function spaceFrom(options: HuntOptions, every: boolean): SpaceOptions {
  const { kinds, moments, messages, nodes, before, delay, restart } = options;
  const facts = FACT_NAMES.filter((_, fact) => FACT_SUBJECT[fact] >= 0);
  return {
    kinds: words<PlanKind>('--kinds', kinds, KINDS) ?? (every ? SPACE.kinds : KINDS),
    moments: words<FactName>('--moments', moments, facts) ?? SPACE.moments,
    messages: list(messages),
    nodes: list(nodes),
    until: span('--before', before, SPACE.until),
    delay: span('--delay', delay, SPACE.delay),
    restart: span('--restart', restart, SPACE.restart),
    delays: delay === undefined ? SPACE.delays : [span('--delay', delay, SPACE.delay)],
    spans: restart === undefined ? SPACE.spans : [span('--restart', restart, SPACE.restart)],
  };
}

function boundsFrom({ moments, messages, nodes, before }: HuntOptions): string[] {
  return [
    ...(moments === undefined ? [] : [`nodes struck at ${moments}`]),
    ...(messages === undefined ? [] : [`messages ${messages}`]),
    ...(nodes === undefined ? [] : [`nodes ${nodes}`]),
    ...(before === undefined ? [] : [`before ${before}`]),
  ];
}

/** What finds most with the fewest runs: see `bench/results/zoo.md`. */
const USUAL: readonly StrategyName[] = ['mixed'];

function strategiesFrom(text: string | undefined): readonly StrategyName[] {
  if (text === 'all') return STRATEGIES;
  return words<StrategyName>('--strategy', text, STRATEGIES) ?? USUAL;
}

const list = (text = ''): string[] => text.split(',').filter((word) => word !== '');

function words<T extends string>(
  flag: string,
  text: string | undefined,
  known: readonly T[],
): readonly T[] | undefined {
  if (text === undefined) return undefined;
  const given = list(text);
  const strange = given.find((word) => !(known as readonly string[]).includes(word));
  if (strange !== undefined || given.length === 0) {
    const meant = nearest(strange ?? '', known);
    const hint = meant === undefined ? `known: ${known.join(', ')}` : `did you mean "${meant}"?`;
    throw new UsageError(`${flag}: no "${strange ?? ''}"`, hint);
  }
  return [...new Set(given)] as T[];
}

function whole(flag: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`${flag} is a whole number up to ${most}, not "${text}"`);
}

function span(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const read = readDuration(text);
  if (read.ok && read.value > 0) return read.value;
  throw new UsageError(`${flag} is a duration such as 30s or 200ms, not "${text}"`);
}
