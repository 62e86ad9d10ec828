// What the ledger knows about the vault: which objects were sealed, with which content and commitment, and which were
// shredded. An object that nobody with the role recorded, an older one put back, or a key file that came back from a backup
// after its shredding is told by it. Only the caller knows who may say so: it hands in what counts, in the order of the log.
import type { VaultAct } from '@vallum/trust';

export interface RecordedObject {
  readonly sealed: VaultAct;
  readonly shredded?: VaultAct;
}

export class VaultLog {
  readonly acts: readonly VaultAct[];
  readonly #objects = new Map<string, RecordedObject>();
  /** Ids of the objects of one name, newest last. */
  readonly #names = new Map<string, string[]>();

  constructor(acts: readonly VaultAct[]) {
    this.acts = acts;
    for (const act of acts) {
      const known = this.#objects.get(act.object);
      // The first seal of an id stands: a second one would put another ciphertext in its place.
      if (act.act === 'seal' && known === undefined) {
        this.#objects.set(act.object, { sealed: act });
        this.#names.set(act.subject.name, [...(this.#names.get(act.subject.name) ?? []), act.object]);
      } else if (act.act === 'shred' && known !== undefined && known.shredded === undefined)
        this.#objects.set(act.object, { ...known, shredded: act });
    }
  }

  object(id: string): RecordedObject | undefined {
    return this.#objects.get(id);
  }

  get ids(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** Objects that were sealed under a name and not shredded, newest last. */
  living(name: string): readonly string[] {
    return (this.#names.get(name) ?? []).filter((id) => this.#objects.get(id)?.shredded === undefined);
  }
}
