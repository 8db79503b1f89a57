import { InvalidArgumentError } from 'commander';
import { nearest } from '../scenarios/nearest.ts';

/** Reports that other programs read. */
const KINDS = ['junit', 'github', 'md'] as const;
export type ReportKind = (typeof KINDS)[number];

export interface ReportOrder {
  readonly kind: ReportKind;
  /** Undefined: stdout. */
  readonly path: string | undefined;
}

/** `--report junit=out.xml`, as often as wanted. */
export function reportOrder(
  word: string,
  earlier: readonly ReportOrder[] = [],
): readonly ReportOrder[] {
  const at = word.indexOf('=');
  const kind = at < 0 ? word : word.slice(0, at);
  const path = at < 0 ? undefined : word.slice(at + 1);
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) {
    const meant = nearest(kind, KINDS);
    const hint =
      meant === undefined ? 'It should be junit, github or md.' : `Did you mean ${meant}?`;
    throw new InvalidArgumentError(`${hint} With =FILE it goes to a file.`);
  }
  if (path === '') throw new InvalidArgumentError('A file is missing behind the "=".');
  return [...earlier, { kind: known, path }];
}
