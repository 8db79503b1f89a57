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
