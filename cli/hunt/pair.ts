import type { PairReport, PairView, RunOfPair } from '../../reports/pair.ts';
import { plural } from '../../reports/text.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { didYouMean, listed } from '../../scenarios/nearest.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { placedText } from '../../scenarios/shrink.ts';
import type { SpaceOptions } from '../../scenarios/space.ts';
import { findPair, placedOptions, watch } from '../../scenarios/watch.ts';
import type { Pair, Sighting } from '../../sim/explore/views/pairs.ts';
import { AT_END, NEEDS, type Decision } from '../../sim/explore/views/witness.ts';
import { assert } from '../../sim/kernel/assert.ts';
import { Fact } from '../../sim/kernel/entry.ts';
import type { RunRecord } from '../../sim/history/record.ts';
import { legendOf } from '../../runs/conduct.ts';
import { UsageError } from '../exit.ts';
import type { Pulse } from '../pulse.ts';
import { perform } from '../work.ts';
import { enoughAfter } from './job.ts';
import { Lane } from './lane.ts';
import type { HuntOrder } from './order.ts';
import type { Execution } from '../../scenarios/execute.ts';

/** Two runs that a client cannot tell apart and that need different things of it. */
export function tellApart(
  scenario: Scenario,
  seed: string,
  order: HuntOrder,
  pulse: Pulse,
): PairReport {
  const { maxFaults, runs, searchSeed, space, bounds, file } = order;
  const client = clientOf(scenario, order.client ?? '');
  const enough = enoughAfter(order.budgetMs, pulse);
  const found = findPair(scenario, client, seed, space, {
    maxFaults,
    runs,
    seed: searchSeed,
    enough,
  });
  const { pair, search, histories, places } = found;
  const within = bounds.length === 0 ? '' : `; ${bounds.join('; ')}`;
  return {
    file,
    scenario: scenario.name,
    seed,
    client,
    space:
      `at most ${plural(maxFaults, 'fault')} of ${space.kinds.join(', ')}; ` +
      `${plural(places, 'place')} in the run without them${within}`,
    tried: search.tried,
    histories,
    exhausted: search.exhausted && places > 0,
    stopped:
      search.stopped || (places > 0 ? '' : 'no place where one of these faults could strike'),
    pair: pair && viewOf(scenario, seed, client, pair, space, pulse),
  };
}

/** A node by its name; the group stands for its only instance. */
function clientOf(scenario: Scenario, word: string): string {
  const nodes = scenario.systems.flatMap(({ system, deployment }) => system.nodes(deployment));
  if (nodes.includes(word)) return word;
  const members = nodes.filter((node) => node.replace(/-\d+$/, '') === word);
  if (members.length === 1) return members[0];
  const hint =
    members.length > 1 ? `say which: ${listed(members)}` : didYouMean(word, nodes, listed(nodes));
  throw new UsageError(`--indistinguishable: no node "${word}"`, hint);
}

/**
 * The pair as a reader sees it. Both runs are made again and their histories compared entry by
 * entry, not by their marks. Each is also written as a scenario: if that shows the same, a token
 * holds it.
 */
export function viewOf(
  scenario: Scenario,
  seed: string,
  client: string,
  pair: Pair,
  space: SpaceOptions,
  pulse: Pulse,
): PairView {
  const [first, second] = pair.map((one) => rerun(scenario, seed, client, one, space, pulse));
  const { decision } = pair[0];
  const a = first.log.slice(0, decision.seen);
  const b = second.log.slice(0, decision.seen);
  assert(a.length === decision.seen, 'a run that is made again shows the client as much');
  assert(String(a) === String(b), 'to the client, entry by entry, both runs are the same');
  const own = new Set(second.lane.hidden.map((step) => JSON.stringify(step)));
  const other = new Set(first.lane.hidden.map((step) => JSON.stringify(step)));
  return {
    message: first.message,
    does: DOES[decision.fact] ?? 'has nothing more to go by',
    at: decision.at,
    seen: first.lane.seen,
    entries: decision.seen,
    runs: [
      { ...first.run, hidden: first.lane.hidden.filter((s) => !own.has(JSON.stringify(s))) },
      { ...second.run, hidden: second.lane.hidden.filter((s) => !other.has(JSON.stringify(s))) },
    ],
  };
}

interface Rerun {
  readonly log: readonly string[];
  readonly lane: Lane;
  readonly message: string;
  readonly run: RunOfPair;
}

function rerun(
  scenario: Scenario,
  seed: string,
  client: string,
  { placed, decision }: Sighting,
  space: SpaceOptions,
  pulse: Pulse,
): Rerun {
  const options = placedOptions(scenario, seed, space, placed);
  const { witness, execution } = watch(scenario, client, options, true);
  const message = nameOf(scenario, decision.message);
  const until = decision.fact === AT_END ? Infinity : decision.at;
  let running: Execution | undefined;
  const legend = legendOf(scenario, () => running as Execution);
  const lane = new Lane(client, message, until, legend);
  const begun = (made: Execution): void => void (running = made);
  watch(scenario, client, { ...options, trace: lane.trace, begun });
  const { truth } = decision;
  const came = comesTo(execution.record());
  const token = tokenOf(scenario, seed, client, { placed, decision }, space, pulse);
  return {
    log: witness.view.log ?? [],
    lane,
    message,
    run: { placed, hidden: [], truth, needs: NEEDS[truth], came, token },
  };
}

/** The run in one word; "" when its faults cannot be written so that the same comes of them. */
function tokenOf(
  scenario: Scenario,
  seed: string,
  client: string,
  { placed, decision }: Sighting,
  space: SpaceOptions,
  pulse: Pulse,
): string {
  const text = placedText(scenario, seed, placed, space) ?? '';
  const { scenario: written } = loadScenario(text, scenario.file);
  if (written === undefined) return '';
  const { decisions } = watch(written, client, { seed }).witness;
  const decided = decisions.find((one) => sameMoment(one, decision));
  return decided?.truth === decision.truth ? replayed(text, seed, scenario.file, pulse) : '';
}

const sameMoment = (a: Decision, b: Decision) =>
  a.mark === b.mark && a.message === b.message && a.fact === b.fact;

function nameOf({ systems }: Scenario, message: number): string {
  const names = systems.flatMap(({ deployment }) => deployment.producers);
  const producers = Math.max(1, names.length);
  const name = names.find((p) => p.workload.producer === message % producers)?.name ?? '?';
  return `${name}/${Math.floor(message / producers)}`;
}

function replayed(text: string, seed: string, file: string, pulse: Pulse): string {
  const answer = perform(
    {
      text,
      file,
      seed,
      set: [],
      strict: false,
      variant: undefined,
      alone: true,
      overrides: [],
      explains: 'never',
      showsToken: 'always',
      trace: undefined,
    },
    pulse,
  );
  if (answer.is !== 'done') throw new UsageError(`${file}: stopped before its run was over`);
  return answer.views[0].token ?? '';
}

/** "1 stored twice" and the like, over all subscriptions; "nothing wrong" when nothing is. */
function comesTo({ subscriptions, producers }: RunRecord): string {
  const all = Object.values(subscriptions);
  const sum = (read: (s: (typeof all)[number]) => number) => all.reduce((n, s) => n + read(s), 0);
  const unknown = Object.values(producers).reduce((n, p) => n + p.unknown, 0);
  const parts = [
    [sum((s) => s.lost), 'lost'],
    [sum((s) => s.phantom), 'failed and applied all the same'],
    [sum((s) => s.duplicates.stored), 'stored twice'],
    [sum((s) => s.duplicates.effects), 'applied twice'],
    [unknown, 'unknown'],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return said.length === 0 ? 'nothing wrong' : said.join(', ');
}

const DOES: Readonly<Record<number, string>> = {
  [Fact.retried]: 'sends it again',
  [Fact.ok]: 'counts it as done',
  [Fact.failed]: 'counts it as failed',
  [Fact.unknown]: 'stops, and cannot say',
  [Fact.delivered]: 'is handed it',
};
