import type { NameId } from './names.ts';
import { Clock } from './clock.ts';
import { Disk } from './disk.ts';
import type { Distribution } from './distribution.ts';
import type { NodeId, Role, Transport } from './node.ts';
import type { Out } from './out.ts';

/** An event that came while its node stood still. */
export interface Deferred {
  readonly kind: number;
  readonly code: number;
  readonly tag: number;
  readonly era: number;
  /** Index of its entry: the cause of what its handler will do. */
  readonly entry: number;
  readonly payload: unknown;
}

/** One node of a world: the machine, and the process that lives on it while `up`. */
export class Host {
  readonly id: NodeId;
  readonly name: NameId;
  readonly role: Role<unknown>;
  readonly transport: Transport;
  readonly fsync: Distribution;
  readonly out: Out;
  readonly disk = new Disk();
  readonly clock = new Clock();
  state: unknown = undefined;
  /** Processes that ended here so far: what was meant for an earlier one finds another number. */
  life = 0;
  /** It starts with the run, and has not yet. */
  isDue = false;
  up = false;
  /** Without power: peers are told nothing. */
  dark = false;
  /** Was asked to shut down; and shall start again once it has. */
  stopping = false;
  startsAgain = false;
  /** Stands still until a resume event comes up, also when the last pause is just over. */
  paused = false;
  /** Pauses in force, by their fault. */
  pauses: number[] = [];
  deferred: Deferred[] = [];
  /** The fault that slows its disk, or -1. */
  slowedBy = -1;
  /** Calls of fsync so far, in all lives: they name the draws of its cost. */
  syncs = 0;

  constructor(
    id: NodeId,
    name: NameId,
    role: Role<unknown>,
    transport: Transport,
    fsync: Distribution,
    out: Out,
  ) {
    this.id = id;
    this.name = name;
    this.role = role;
    this.transport = transport;
    this.fsync = fsync;
    this.out = out;
  }
}
