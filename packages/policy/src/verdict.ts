// The answer to "may this subject be promoted, deployed or exported now?", with reasons that point at evidence.
import type { Sha256, Subject } from '@vallum/core';
import type { Accepted } from '@vallum/trust';

export type VerdictResult = 'pass' | 'refused' | 'not-proven';

/** A subject whose digest may be unknown, because a file cannot be read. */
export interface VerdictSubject {
  readonly name: string;
  readonly digest?: Subject['digest'];
}

export interface VerdictReason {
  readonly requirement: string;
  readonly kind: string;
  readonly result: Exclude<VerdictResult, 'pass'>;
  /** Stable; the list is in the README of this package, and controls add their own reason codes. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly evidence?: Sha256;
  /** Name of the subject, where it is not the one of the verdict. */
  readonly subject?: string;
}

export interface UsedWaiver {
  readonly requirement: string;
  readonly id: Sha256;
  readonly approval: Sha256;
  readonly owner: string;
  readonly approver: string;
  readonly accepts: Accepted;
  /** The bound of the figure on which it was judged. */
  readonly bound?: number;
  readonly reason: string;
  readonly until: string;
}

/** A failing run that a later run with the same or stronger parameters replaced. */
export interface Superseded {
  readonly requirement: string;
  readonly kind: string;
  readonly evidence: Sha256;
  readonly by: Sha256;
}

export interface Verdict {
  readonly action: string;
  readonly result: VerdictResult;
  readonly subject: VerdictSubject;
  /** Refused before not proven, each in the order of the requirements. */
  readonly reasons: readonly VerdictReason[];
  /** The statements that decided. */
  readonly evidence: readonly Sha256[];
  readonly waivers: readonly UsedWaiver[];
  readonly superseded: readonly Superseded[];
  readonly notes: readonly string[];
  /** Earliest expiry of what was used, UTC. */
  readonly validUntil: string | null;
  /** True when only a key of this machine vouches for the evidence. */
  readonly local: boolean;
}
