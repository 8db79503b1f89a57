// The results of a zoo as a Markdown table.
const middle = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.floor((sorted.length - 1) / 2)];
};

/** A search that found nothing counts as more runs than any that did. */
const runsOf = (result) => (result.found ? result.runs : Infinity);
const shown = (n) => (n === Infinity ? '-' : String(n));

export function report(results, table, { runs, others, strategies, ...values }) {
  const [first, ...rest] = strategies;
  const of = (id, strategy) => results.filter((r) => r.id === id && r.strategy === strategy);
  const ids = table.map((row) => row.id).filter((id) => results.some((r) => r.id === id));
  const medianOf = (id, strategy) => middle(of(id, strategy).map(runsOf));
  const cell = (id, strategy) => {
    const all = of(id, strategy);
    if (all.length === 0) return '';
    const found = all.filter((r) => r.found).length;
    return `${shown(medianOf(id, strategy))}${found === all.length ? '' : ` (${found}/${all.length})`}`;
  };
  const lines = ids.map((id) => {
    const name = table.find((r) => r.id === id).file.replace(/^.*\/|\.yaml$/g, '');
    const left = of(id, first).flatMap((r) => (r.shrunk === undefined ? [] : [r.shrunk]));
    const finders = of(id, first).flatMap((r) => r.finder ?? []);
    const sizes = [...new Set(left)].sort((a, b) => a - b).join(', ');
    const byHand = results.find((r) => r.id === id).byHand;
    const cells = strategies.map((s) => cell(id, s)).join(' | ');
    return `| ${id} | ${name} | ${cells} | ${[...new Set(finders)].join(', ')} | ${sizes} | ${byHand} |`;
  });
  const within = (s) => ids.filter((id) => medianOf(id, s) < Infinity).length;
  const overall = strategies.map((s) => shown(middle(ids.map((id) => medianOf(id, s)))));
  const shrunk = results.filter((r) => r.strategy === first && r.shrunk !== undefined);
  const larger = shrunk.filter((r) => r.shrunk > r.byHand);
  const names = [...new Set(larger.map((r) => `${r.id} (seed ${r.seed})`))].join(', ');
  const unwritten = results.filter(
    (r) => r.strategy === first && r.found && r.shrunk === undefined,
  );
  const seeds = Math.max(...results.map((r) => Number(r.seed)));
  const searches = strategies.map((s) => results.filter((r) => r.strategy === s).length).join(', ');
  return `# Anomalies found without a fault plan

\`node bench/zoo.mjs --seeds ${seeds} --runs ${runs} --others ${others}\`: ${ids.length} anomalies, seeds 1 to ${seeds} (${searches} searches), at
most ${values['max-faults']} faults at once; \`${first}\` has ${runs} runs, ${rest.map((s) => `\`${s}\``).join(', ')} ${others}, and no search more than ${values.seconds} s.
A number is the median of runs until the anomaly was found: its promise broken with the dangerous setting and, under
the same faults, kept by the control. (k/n): found with k seeds of n; -: not with half of them. "Finder": which part of
\`${first}\` found it. "Left": faults after shrinking for ${values.shrink} s, by seed where they differ; "by hand": those of the library's file.
One run and no fault: the setting, or what an operator does, is enough.

| | scenario | ${strategies.join(' | ')} | finder | left | by hand |
| --- | --- | ${strategies.map(() => '---:').join(' | ')} | --- | ---: | ---: |
${lines.join('\n')}
| | **found** | ${strategies.map((s) => `**${within(s)} of ${ids.length}**`).join(' | ')} | | | |
| | **median of the medians** | ${overall.map((n) => `**${n}**`).join(' | ')} | | | |

Of ${shrunk.length} plans of \`${first}\` that were shrunk, ${larger.length} have more faults than the one written by hand${larger.length > 0 ? `: ${names}` : ''}.${unwritten.length > 0 ? ` Not written as a scenario: ${unwritten.map((r) => r.id).join(', ')}.` : ''}
`;
}
