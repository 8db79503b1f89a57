/**
 * The lives of a consumer as a member of its group, as tables of legal edges. Everything that moves
 * does so through the `become` of its class, which holds these.
 */

/** A classic member. Source: `AbstractCoordinator.MemberState`, Kafka 3.9. */
export type ClassicPhase = 'unjoined' | 'joining' | 'syncing' | 'stable';

export const CLASSIC_MEMBER: Readonly<Record<ClassicPhase, readonly ClassicPhase[]>> = {
  unjoined: ['joining'],
  joining: ['syncing', 'joining', 'unjoined'],
  syncing: ['stable', 'joining', 'unjoined'], // A sync that fails starts over.
  stable: ['joining', 'unjoined'], // Left because poll() was late.
};

/** A member of the protocol of KIP-848. Source: `MemberState` of the client, Kafka 4.0. */
export type ModernPhase =
  | 'UNSUBSCRIBED'
  | 'JOINING'
  | 'RECONCILING'
  | 'ACKNOWLEDGING'
  | 'STABLE'
  | 'FENCED'
  | 'STALE'
  | 'LEAVING'
  | 'FATAL';

export const MODERN_MEMBER: Readonly<Record<ModernPhase, readonly ModernPhase[]>> = {
  UNSUBSCRIBED: ['JOINING'],
  JOINING: ['RECONCILING', 'STABLE', 'FENCED', 'LEAVING', 'FATAL'],
  /** Gives up what it may keep no longer, then takes what it is given. */
  RECONCILING: ['ACKNOWLEDGING', 'FENCED', 'LEAVING', 'FATAL'],
  /** The coordinator is to hear what is owned now. */
  ACKNOWLEDGING: ['STABLE', 'RECONCILING', 'FENCED', 'LEAVING', 'FATAL'],
  STABLE: ['RECONCILING', 'FENCED', 'LEAVING', 'FATAL'],
  /** The coordinator has thrown it out: everything is lost before it joins again. */
  FENCED: ['JOINING', 'LEAVING'],
  LEAVING: ['STALE', 'UNSUBSCRIBED'],
  /** Left because poll() was late; joins again in the next one. */
  STALE: ['JOINING', 'LEAVING'],
  FATAL: [],
};
