/**
 * Behaviour of the command line, written down as a reader would want it. A case is a heading, a
 * `sh` block, `Exit code: n`, and what is printed in blocks `stdout` and `stderr`; a missing block
 * says that nothing is printed. Everything else is prose.
 */
export interface Case {
  readonly title: string;
  readonly command: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of the document that state the outcome: [first, end). */
  readonly lines: readonly [number, number];
}

export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function readCases(text: string): Case[] {
  const lines = text.split('\n');
  const cases: Case[] = [];
  let title = '';
  for (let at = 0; at < lines.length; at++) {
    if (lines[at].startsWith('#')) title = lines[at].replace(/^#+ /, '');
    if (lines[at] !== '```sh') continue;
    const end = lines.indexOf('```', at + 1);
    const command = lines.slice(at + 1, end).join('\n');
    const [outcome, next] = readOutcome(lines, end + 1);
    cases.push({ title, command, ...outcome, lines: [end + 1, next] });
    at = next - 1;
  }
  return cases;
}

/** What is stated until the next heading or command. */
function readOutcome(lines: readonly string[], start: number): [Outcome, number] {
  const outcome = { exit: 0, stdout: '', stderr: '' };
  let at = start;
  let end = start;
  while (at < lines.length && !lines[at].startsWith('#') && lines[at] !== '```sh') {
    const block = /^(`{3,})(stdout|stderr)$/.exec(lines[at]);
    const exit = /^Exit code: (\d+)$/.exec(lines[at]);
    if (exit !== null) outcome.exit = Number(exit[1]);
    if (block !== null) {
      const close = lines.indexOf(block[1], at + 1);
      outcome[block[2] as 'stdout' | 'stderr'] = `${lines.slice(at + 1, close).join('\n')}\n`;
      at = close;
    }
    at++;
    if (exit !== null || block !== null) end = at;
  }
  return [outcome, end];
}

/**
 * What a document is held to: everything but the numbers that a model's next change moves. Digests,
 * tokens and times stand in the documents as they were once; that runs repeat them bit for bit is
 * what determinism tests are for.
 */
export function essence({ exit, stdout, stderr }: Outcome): Outcome {
  return { exit, stdout: stdout.replace(MOVING, same), stderr: stderr.replace(MOVING, same) };
}

const MOVING = new RegExp(
  [
    /\bla1\.[\w-]+\.[0-9a-f]{8}\b/,
    /\b(?!0{16})[0-9a-f]{16}\b/,
    / *\b[\d.]+ (?:us|ms|s|min|h)\b/,
    /\b[\d ]+ events\b/,
    /"(?:atUs|virtualTimeUs|events|max|p50|p99|final|stalledUs)": \d+/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'g',
);

function same(found: string): string {
  if (found.startsWith('la1')) return 'TOKEN';
  if (found.startsWith('"')) return found.replace(/\d+$/, 'NUMBER');
  if (found.endsWith(' events')) return 'N events';
  return found.includes(' ') ? ' TIME' : 'DIGEST';
}

/** The document with the outcomes that were seen in place of those it states. */
export function withOutcomes(text: string, seen: readonly (readonly [Case, Outcome])[]): string {
  const lines = text.split('\n');
  for (const [known, outcome] of [...seen].reverse()) {
    const [first, end] = known.lines;
    lines.splice(first, end - first, ...outcomeLines(outcome));
  }
  return lines.join('\n');
}

function outcomeLines({ exit, stdout, stderr }: Outcome): string[] {
  return ['', `Exit code: ${exit}`, ...block('stdout', stdout), ...block('stderr', stderr)];
}

function block(name: string, text: string): string[] {
  if (text === '') return [];
  // What is printed may hold blocks of its own.
  const fence = text.includes('```') ? '````' : '```';
  return ['', fence + name, ...text.replace(/\n$/, '').split('\n'), fence];
}
