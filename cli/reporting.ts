import { appendFileSync } from 'node:fs';
import { githubReport } from '../reports/github.ts';
import { junitReport } from '../reports/junit.ts';
import { markdownReport } from '../reports/markdown.ts';
import type { Suite } from '../reports/suite.ts';
import { UsageError } from './exit.ts';
import type { ReportKind, ReportOrder } from './report-order.ts';
import { cannotWrite, refuseForeign, writeAll } from './outfile.ts';
import { err, out } from './streams.ts';

/** Reports that other programs read, and how each begins. */
const KINDS = {
  junit: {
    write: junitReport,
    head: '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="lost',
  },
  github: { write: githubReport, head: '::' },
  md: { write: markdownReport, head: '## lost-ack\n' },
} as const satisfies Record<ReportKind, unknown>;

/** Does one of them take the place of the usual report? GitHub reads its lines among others. */
export function takesStdout(orders: readonly ReportOrder[]): boolean {
  return orders.some(({ kind, path }) => path === undefined && kind !== 'github');
}

/** Before anything is run. */
export function refuseReports(orders: readonly ReportOrder[], json: boolean): void {
  const onStdout = orders.filter(({ path }) => path === undefined);
  const [first] = onStdout;
  if (first !== undefined && (json || onStdout.length > 1)) {
    const other = json ? '--json' : `--report ${onStdout[1].kind}`;
    const hint = `name a file: --report ${first.kind}=FILE`;
    throw new UsageError(`--report ${first.kind} and ${other} both want stdout`, hint);
  }
  for (const { kind, path } of orders) {
    if (path !== undefined && !isSummary(path))
      refuseForeign(path, KINDS[kind].head, `${kind} report`);
  }
}

export function writeReports(orders: readonly ReportOrder[], suites: readonly Suite[]): void {
  for (const { kind, path } of orders) {
    const text = KINDS[kind].write(suites);
    if (path === undefined) out(text);
    else if (isSummary(path)) append(path, text);
    else {
      writeAll(path, text);
      err(`wrote ${path}\n`);
    }
  }
}

/** The file that GitHub shows below a job: every step adds to it. */
function isSummary(path: string): boolean {
  return path === process.env.GITHUB_STEP_SUMMARY;
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, `${text}\n`);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
