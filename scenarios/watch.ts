import { Placed } from '../sim/explore/search/placed.ts';
import { both } from '../sim/explore/search/hear.ts';
import type { Outcome, Placement, Runner, Take } from '../sim/explore/search/space.ts';
import { search, type Search, type SearchBounds } from '../sim/explore/search/search.ts';
import { Pairs, type Pair } from '../sim/explore/views/pairs.ts';
import { Witness } from '../sim/explore/views/witness.ts';
import { Execution, type ExecuteOptions } from './execute.ts';
import type { Scenario } from './scenario.ts';
import { offersOf, type SpaceOptions } from './space.ts';

/** A run as one of its nodes sees it. `keeps`: its history in words as well. */
export function watch(
  scenario: Scenario,
  client: string,
  options: ExecuteOptions & { readonly begun?: (execution: Execution) => void },
  keeps = false,
): { readonly witness: Witness; readonly execution: Execution } {
  const witness = new Witness(client, keeps);
  const trace = options.trace === undefined ? witness : both(witness, options.trace);
  const execution = new Execution(scenario, { ...options, trace, world: witness.world });
  options.begun?.(execution);
  while (!execution.advance(Infinity));
  witness.end(execution.world.now);
  return { witness, execution };
}

/** The options of a run in which `take` answers what is on offer; `begun` hears of its source. */
function placing(
  scenario: Scenario,
  seed: string,
  space: SpaceOptions,
  take: Take,
  begun: (source: Placed) => void = () => {},
): ExecuteOptions {
  return {
    seed,
    offers: offersOf(scenario, space),
    instrument: (choices, names) => {
      const source = new Placed(names, choices, take);
      begun(source);
      return source;
    },
  };
}

/** The options of a run with just these faults. */
export function placedOptions(
  scenario: Scenario,
  seed: string,
  space: SpaceOptions,
  placed: Placement,
): ExecuteOptions {
  const wanted = new Set(placed);
  return placing(scenario, seed, space, ({ label }) => wanted.has(label));
}

/** Watched runs with placed faults; each is handed on before it is an outcome like any other. */
export function watchedRunner(
  scenario: Scenario,
  client: string,
  seed: string,
  space: SpaceOptions,
  seen: (outcome: Outcome, witness: Witness) => void,
): Runner {
  return ({ take = () => false }) => {
    let source: Placed | undefined;
    const options = placing(scenario, seed, space, take, (made) => (source = made));
    const { witness, execution } = watch(scenario, client, options);
    const outcome: Outcome = {
      placed: source?.placed ?? [],
      offers: source?.offers ?? [],
      violated: [],
      measured: new Map(),
      conclusive: true,
      events: execution.world.events,
      time: execution.world.now,
    };
    seen(outcome, witness);
    return outcome;
  };
}

/** What a search for a pair came to. */
export interface PairSearch {
  readonly pair: Pair | undefined;
  readonly search: Search;
  /** Histories that led the client to a decision. */
  readonly histories: number;
  /** Places at which the run without added faults offered one. */
  readonly places: number;
}

/** Looks for two runs that a client cannot tell apart; those with fewer faults first. */
export function findPair(
  scenario: Scenario,
  client: string,
  seed: string,
  space: SpaceOptions,
  bounds: SearchBounds,
): PairSearch {
  const pairs = new Pairs();
  let pair: Pair | undefined;
  let places = -1;
  const run = watchedRunner(scenario, client, seed, space, ({ placed, offers }, witness) => {
    if (places < 0) places = offers.length;
    pair ??= pairs.add(placed, witness.decisions);
  });
  const done = search('exhaustive', run, bounds, () => pair !== undefined);
  return { pair, search: done, histories: pairs.size, places: Math.max(0, places) };
}
