// What the ledger knows about the vault: which objects were sealed, with which content and commitment, and which were
// shredded. An object that nobody with the role recorded, an older one put back, or a key file that came back from a backup
// after its shredding is told by it. Only the caller knows who may say so: it hands in what counts, in the order of the log.
// A revocation takes the trust from an object, never the knowledge of it: what is forgotten could not be shredded, could be
// opened again after its shredding, and its openings would count no more.
import type { VaultAct } from '@vallum/trust';

/** An act as the log has it. */
export interface LoggedAct extends VaultAct {
  /** Why the act was taken back: what was revoked, and the reason. */
  readonly revoked?: string;
}

export interface RecordedObject {
  readonly sealed: VaultAct;
  readonly shredded?: VaultAct;
  /** Every record of this very object was revoked, for this reason: it must not be opened. */
  readonly revoked?: string;
}

export class VaultLog {
  /** All of them, revoked or not: an opening that was taken back still happened. */
  readonly acts: readonly VaultAct[];
  /** Key encryption keys that somebody rotated away or destroyed, whatever the keyring says of them. */
  readonly retiredKeys: ReadonlySet<string>;
  readonly #objects = new Map<string, RecordedObject>();
  /** Ids of the objects of one name, newest last. */
  readonly #names = new Map<string, string[]>();

  constructor(acts: readonly LoggedAct[]) {
    this.acts = acts;
    this.retiredKeys = new Set(
      acts
        .filter(
          ({ act, kind, revoked }) => kind === 'key' && (act === 'rotate' || act === 'shred') && revoked === undefined,
        )
        .map(({ object }) => object),
    );
    const shredded = new Map<string, VaultAct>();
    for (const act of acts) if (act.act === 'shred' && !shredded.has(act.object)) shredded.set(act.object, act);
    for (const act of acts) if (act.act === 'seal') this.#add(act, shredded.get(act.object));
  }

  #add(act: LoggedAct, shredded: VaultAct | undefined): void {
    const known = this.#objects.get(act.object);
    // The first seal of an id stands: a second one would put another ciphertext in its place.
    if (known === undefined)
      this.#names.set(act.subject.name, [...(this.#names.get(act.subject.name) ?? []), act.object]);
    // Recorded anew by a key that still counts, after the first record was revoked.
    else if (known.revoked === undefined || act.revoked !== undefined || !isSame(known.sealed, act)) return;
    this.#objects.set(act.object, {
      sealed: act,
      ...(shredded === undefined ? {} : { shredded }),
      ...(act.revoked === undefined ? {} : { revoked: act.revoked }),
    });
  }

  object(id: string): RecordedObject | undefined {
    return this.#objects.get(id);
  }

  get ids(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** Objects that were sealed under a name and not shredded, newest last; with those whose record was revoked. */
  living(name: string): readonly string[] {
    return (this.#names.get(name) ?? []).filter((id) => this.#objects.get(id)?.shredded === undefined);
  }
}

/** The same ciphertext of the same content. */
function isSame(one: VaultAct, other: VaultAct): boolean {
  return (
    one.kind === other.kind &&
    one.subject.name === other.subject.name &&
    one.subject.digest.sha256 === other.subject.digest.sha256 &&
    one.commitment === other.commitment
  );
}
