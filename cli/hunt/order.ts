import type { Explanation } from '../../reports/explanation.ts';
import type { Certificate, Exploration, ShrunkView } from '../../reports/hunt.ts';
import type { PairReport } from '../../reports/pair.ts';
import type { TurnReport } from '../../reports/turn.ts';
import type { FaultsAfter } from '../../scenarios/decide.ts';
import type { Problem } from '../../scenarios/problem.ts';
import type { Assignment } from '../../scenarios/scenario.ts';
import type { SpaceOptions } from '../../scenarios/space.ts';
import type { StrategyName } from '../../sim/explore/search/search.ts';
import type { BrokenRun } from '../order.ts';

/** Many runs of one scenario, in search of something. Plain data: it goes to another thread. */
export interface HuntOrder {
  readonly hunt: 'explore' | 'tell-apart' | 'verify' | 'shrink' | 'explain' | 'turn';
  /** Of `tell-apart`: the node through whose eyes runs are seen. */
  readonly client?: string;
  /** Of `turn`: what becomes of planned faults once luck is drawn anew. */
  readonly faults?: FaultsAfter;
  readonly text: string;
  /** The file as reports name it; "-" for stdin. */
  readonly file: string;
  readonly seed: string | undefined;
  readonly set: readonly Assignment[];
  readonly variant: string | undefined;
  readonly strict: boolean;
  readonly space: SpaceOptions;
  /** What of the space is narrower than everything, in words. */
  readonly bounds: readonly string[];
  readonly maxFaults: number;
  readonly runs: number;
  readonly budgetMs: number;
  readonly searchSeed: string;
  readonly strategies: readonly StrategyName[];
}

export type HuntAnswer =
  | { readonly is: 'explored'; readonly report: Exploration; readonly problems: readonly Problem[] }
  | {
      readonly is: 'told-apart';
      readonly report: PairReport;
      readonly problems: readonly Problem[];
    }
  | { readonly is: 'turned'; readonly report: TurnReport; readonly problems: readonly Problem[] }
  | { readonly is: 'verified'; readonly report: Certificate; readonly problems: readonly Problem[] }
  | {
      readonly is: 'shrunk';
      readonly anomaly: string;
      readonly shrunk: ShrunkView;
      readonly problems: readonly Problem[];
    }
  | {
      readonly is: 'explained';
      readonly report: Explanation;
      readonly problems: readonly Problem[];
    }
  | { readonly is: 'mistakes'; readonly problems: readonly Problem[] }
  | { readonly is: 'misused'; readonly says: string; readonly hint: string }
  | { readonly is: 'broken'; readonly stack: string; readonly run?: BrokenRun }
  | { readonly is: 'unread' };
