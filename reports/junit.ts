import { problemText } from './problems.ts';
import { casesOf, type Case, type FileResult } from './results.ts';
import { fullReport } from './terminal.ts';
import { visible } from './text.ts';

/**
 * JUnit XML as most programs read it (testmoapp/junitxml): a suite for each scenario, a case for
 * each expectation of each of its runs. What proves nothing is skipped. No times: a result is the
 * same bytes everywhere.
 */
export function junitReport(results: readonly FileResult[]): string {
  const suites = results.map(suiteOf);
  const sum = (of: keyof Counts) => suites.reduce((total, { counts }) => total + counts[of], 0);
  const all = { tests: sum('tests'), failures: sum('failures'), errors: sum('errors') };
  const counts = { ...all, skipped: sum('skipped') };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="lost-ack"${attributes(counts)} time="0">`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

function suiteOf(result: FileResult): { counts: Counts; lines: string[] } {
  const cases = casesOf(result);
  const { file, views, problems, stack } = result;
  const times = (verdict: Case['verdict']) => cases.filter((c) => c.verdict === verdict).length;
  const broken = views.length === 0;
  const counts: Counts = {
    tests: broken ? 1 : cases.length,
    failures: times('fail'),
    errors: broken ? 1 : 0,
    skipped: times('unsure'),
  };
  const run = views[0]?.run;
  const name = run?.scenario ?? file;
  const wrong = problems.filter((p) => p.severity === 'error').map((p) => problemText(p));
  const why = stack ?? wrong.join('\n\n');
  const type = stack === undefined ? 'mistakes' : 'bug';
  const about = { seed: run?.seed, engine: run?.engine, digest: run?.digest };
  return {
    counts,
    lines: [
      `  <testsuite${attributes({ name, file, ...counts })} time="0">`,
      ...(run === undefined ? [] : properties(about)),
      ...(broken
        ? [
            `    <testcase${attributes({ name: 'loads and runs', ...place(file, 1) })} time="0">`,
            `      <error${attributes({ message: `${type}: ${file}`, type })}>${text(why)}</error>`,
            '    </testcase>',
          ]
        : cases.flatMap((one) => caseLines(file, one))),
      '  </testsuite>',
    ],
  };
}

function caseLines(file: string, { name, verdict, says, expectation, view }: Case): string[] {
  const open = `    <testcase${attributes({ name, ...place(file, expectation?.line) })} time="0"`;
  if (verdict === 'pass') return [`${open}/>`];
  const attributesOf = attributes({ message: says });
  if (verdict === 'unsure')
    return [`${open}>`, `      <skipped${attributesOf}/>`, '    </testcase>'];
  const type = attributes({ type: expectation?.name ?? 'run' });
  const body = text(fullReport(view));
  return [`${open}>`, `      <failure${attributesOf}${type}>${body}</failure>`, '    </testcase>'];
}

function place(file: string, line: number | undefined) {
  const classname = file.replace(/\.ya?ml$/, '');
  return { classname, file, ...(line === undefined || line === 0 ? {} : { line }) };
}

function properties(values: Readonly<Record<string, string | undefined>>): string[] {
  const lines = Object.entries(values).map(([name, value]) => {
    return `      <property${attributes({ name, value: value ?? '' })}/>`;
  });
  return ['    <properties>', ...lines, '    </properties>'];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) => ` ${name}="${escaped(visible(String(value))).replaceAll('"', '&quot;')}"`,
    )
    .join('');
}

/** Line by line, for what XML cannot hold is what a terminal must not see. */
function text(value: string): string {
  return `\n${value
    .split('\n')
    .map((line) => escaped(visible(line)))
    .join('\n')}\n`;
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
