import { listed } from '../scenarios/nearest.ts';
import type { Ticket } from '../runs/token.ts';
import { UsageError } from './exit.ts';

/** A run with handlers of a test in it is another run without them. */
export function refuseOwnCode({ own = [] }: Ticket): void {
  if (own.length === 0) return;
  throw new UsageError(
    `the token is of a run with code of a test in it (${listed(own)}), and holds no code`,
    'replay it in its test: simulate(token, { handlers })',
  );
}
