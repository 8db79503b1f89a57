import type { Case, Suite } from './suite.ts';
import { visible } from './text.ts';

/**
 * JUnit XML as most programs read it (testmoapp/junitxml): a suite for each scenario, a case for
 * each of its claims. What proves nothing is skipped. No times: the same bytes everywhere.
 */
export function junitReport(suites: readonly Suite[]): string {
  const all = suites.map((suite) => ({ suite, counts: countsOf(suite) }));
  const sum = (of: keyof Counts) => all.reduce((total, { counts }) => total + counts[of], 0);
  const totals = { tests: sum('tests'), failures: sum('failures'), errors: sum('errors') };
  const counts = { ...totals, skipped: sum('skipped') };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="lost-ack"${attributes(counts)} time="0">`,
    ...all.flatMap((each) => suiteLines(each.suite, each.counts)),
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

function countsOf({ cases, broken }: Suite): Counts {
  const times = (verdict: Case['verdict']) => cases.filter((c) => c.verdict === verdict).length;
  const errors = broken === undefined ? 0 : 1;
  const tests = cases.length + errors;
  return { tests, failures: times('fail'), errors, skipped: times('unsure') };
}

function suiteLines({ file, name, properties, cases, broken }: Suite, counts: Counts): string[] {
  return [
    `  <testsuite${attributes({ name, file, ...counts })} time="0">`,
    ...propertyLines(properties),
    ...(broken === undefined ? [] : errorLines(file, broken)),
    ...cases.flatMap((one) => caseLines(file, one)),
    '  </testsuite>',
  ];
}

function propertyLines(properties: Suite['properties']): string[] {
  const lines = Object.entries(properties).map(([name, value]) => {
    return `      <property${attributes({ name, value })}/>`;
  });
  return lines.length === 0 ? [] : ['    <properties>', ...lines, '    </properties>'];
}

function errorLines(file: string, { type, says }: NonNullable<Suite['broken']>): string[] {
  return [
    `    <testcase${attributes({ name: 'loads and runs', ...place(file, 1) })} time="0">`,
    `      <error${attributes({ message: `${type}: ${file}`, type })}>${text(says)}</error>`,
    '    </testcase>',
  ];
}

function caseLines(file: string, { name, verdict, says, type, line, details }: Case): string[] {
  const open = `    <testcase${attributes({ name, ...place(file, line) })} time="0"`;
  if (verdict === 'pass') return [`${open}/>`];
  const inside =
    verdict === 'unsure'
      ? `<skipped${attributes({ message: says })}/>`
      : `<failure${attributes({ message: says, type })}>${text(details)}</failure>`;
  return [`${open}>`, `      ${inside}`, '    </testcase>'];
}

function place(file: string, line: number | undefined) {
  const classname = file.replace(/\.ya?ml$/, '');
  return { classname, file, ...(line === undefined ? {} : { line }) };
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      return ` ${name}="${escaped(visible(String(value))).replaceAll('"', '&quot;')}"`;
    })
    .join('');
}

/** Line by line, for what XML cannot hold is what a terminal must not see. */
function text(value: string): string {
  const lines = value.split('\n').map((line) => escaped(visible(line)));
  return `\n${lines.join('\n')}\n`;
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
