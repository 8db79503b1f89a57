import type { ModelFinding } from '../../sim/history/record.ts';
import type { Micros } from '../../sim/kernel/time.ts';

/**
 * What a system promises of its inside, and checks in every run: an observer with perfect memory,
 * told by the model what it does, that decides nothing. It corrects nothing either: where a
 * documented rule of an old version breaks a claim, the rule stays and the claim is violated.
 */
export interface Audit {
  /** One for each of the system's `invariants`, in their order. */
  findings(): readonly ModelFinding[];
}

/** A claim about the inside of a system, as `expect:` names it: `kafka.log-matching`. */
export interface AuditClaim {
  readonly name: string;
  readonly claim: string;
}

/** Witnesses that are kept of each violated claim. */
const KEPT = 5;

/** How often one claim was put to the test, and what went against it. */
export class Tally {
  readonly #claim: AuditClaim;
  readonly #system: string;
  readonly #witnesses: { says: string; atUs: Micros }[] = [];
  checked = 0;
  violations = 0;

  constructor(system: string, claim: AuditClaim) {
    this.#system = system;
    this.#claim = claim;
  }

  /**
   * Words are kept for the first few only. A function that builds them makes V8 allocate at each
   * call of the method that it stands in: where that is called often, give words.
   */
  violated(at: Micros, says: string | (() => string)): void {
    this.violations++;
    if (this.#witnesses.length >= KEPT) return;
    this.#witnesses.push({ says: typeof says === 'string' ? says : says(), atUs: at });
  }

  get finding(): ModelFinding {
    const { checked, violations } = this;
    return {
      name: `${this.#system}.${this.#claim.name}`,
      claim: this.#claim.claim,
      verdict: violations > 0 ? 'violated' : checked > 0 ? 'holds' : 'unknown',
      checked,
      violations,
      witnesses: this.#witnesses,
    };
  }
}
