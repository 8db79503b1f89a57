import type { Rules } from '../versions.ts';

/** States of a transactional producer, by the names of `TransactionManager`. */
export type TransactionPhase =
  | { readonly is: 'UNINITIALIZED' }
  | { readonly is: 'INITIALIZING' }
  | { readonly is: 'READY' }
  | { readonly is: 'IN_TRANSACTION' }
  | { readonly is: 'COMMITTING' }
  | { readonly is: 'ABORTING' }
  /** Only abortTransaction is possible. */
  | { readonly is: 'ABORTABLE_ERROR'; readonly error: string }
  /** Only close is possible. */
  | { readonly is: 'FATAL_ERROR'; readonly error: string };

const ANY: readonly TransactionPhase['is'][] = ['FATAL_ERROR'];
/** Which state may follow which. Source: `TransactionManager.State.isTransitionValid`. */
export const PRODUCER_PHASES: Readonly<
  Record<TransactionPhase['is'], readonly TransactionPhase['is'][]>
> = {
  UNINITIALIZED: ['INITIALIZING', ...ANY],
  INITIALIZING: ['READY', 'ABORTABLE_ERROR', ...ANY],
  READY: ['IN_TRANSACTION', ...ANY],
  IN_TRANSACTION: ['COMMITTING', 'ABORTING', 'ABORTABLE_ERROR', ...ANY],
  COMMITTING: ['READY', 'ABORTABLE_ERROR', ...ANY],
  ABORTING: ['READY', 'INITIALIZING', ...ANY],
  ABORTABLE_ERROR: ['ABORTING', 'ABORTABLE_ERROR', ...ANY],
  FATAL_ERROR: [...ANY],
};

/** Does the failure of a batch end its producer, or the transaction only? */
export function isFatal(error: string, rules: Pick<Rules, 'oldEpochMayBeAborted'>): boolean {
  switch (error) {
    case 'PRODUCER_FENCED':
    case 'INVALID_PRODUCER_ID_MAPPING':
    case 'INVALID_TXN_STATE':
      return true;
    case 'INVALID_PRODUCER_EPOCH':
      return !rules.oldEpochMayBeAborted;
    default:
      return false;
  }
}

/** May a batch go to a partition? `added`: the coordinator knows that it is in the transaction. */
export function sends({ is }: TransactionPhase, added: boolean): boolean {
  switch (is) {
    case 'IN_TRANSACTION':
    case 'COMMITTING':
      return added;
    // What was sent once is followed up until its fate is clear.
    case 'ABORTING':
    case 'ABORTABLE_ERROR':
      return true;
    default:
      return false;
  }
}
