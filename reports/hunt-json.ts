import type { Certificate, Exploration, Finding } from './hunt.ts';

/**
 * What `explore` and `verify` found, for programs. Runs and placements are the same on every
 * machine, unless a bound of wall time stopped them.
 */
export function explorationJson({ space, searches, finding }: Exploration): string {
  return document({
    format: 'lost-ack/explore/1',
    ...space,
    searches: searches.map(({ strategy, tried, runs, unproved, exhausted, stopped, found }) => ({
      strategy,
      placements: tried,
      runs,
      unproved,
      exhausted,
      stopped,
      by: found?.by ?? null,
      violated: found?.violated ?? [],
      placed: found?.placed ?? [],
    })),
    finding: findingOf(finding),
  });
}

export function certificateJson(report: Certificate): string {
  const { space, sizes, runs, events, measured, unproved, exhausted, stopped, finding } = report;
  return document({
    format: 'lost-ack/verify/1',
    ...space,
    sizes,
    runs,
    events,
    measured,
    unproved,
    exhausted,
    stopped,
    finding: findingOf(finding),
  });
}

function findingOf(finding: Finding | undefined) {
  if (finding === undefined) return null;
  const { anomaly, placed, shrunk } = finding;
  return { anomaly, placed, scenario: shrunk?.text ?? null, token: shrunk?.view.run.token ?? null };
}

const document = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
