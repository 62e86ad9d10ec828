// Credentials and principals that no longer count, as one process knows them. They are only ever added: a shared store that
// loses its state, or a message that is late, must not bring anybody back.
import type { Caller } from '../door/caller.js';

/** `credential`: id of a key, `issuer#kid`, fingerprint. */
export type RevocationKind = 'credential' | 'principal';

export interface Revocation {
  readonly kind: RevocationKind;
  readonly id: string;
}

/** About 150 bytes each. */
export const MOST_REVOCATIONS = 100_000;
export const MOST_ID = 512;

export class Revocations {
  readonly #ids: Readonly<Record<RevocationKind, Set<string>>> = { credential: new Set(), principal: new Set() };

  get size(): number {
    return this.#ids.credential.size + this.#ids.principal.size;
  }

  isRevoked({ principal, credential }: Pick<Caller, 'principal' | 'credential'>): boolean {
    return this.#ids.credential.has(credential) || this.#ids.principal.has(principal);
  }

  /** @returns those that were not known; beyond the most that are kept, none */
  add(revocations: Iterable<Revocation>): readonly Revocation[] {
    const fresh: Revocation[] = [];
    for (const revocation of revocations) {
      const ids = this.#ids[revocation.kind];
      if (ids.has(revocation.id) || this.size >= MOST_REVOCATIONS) continue;
      ids.add(revocation.id);
      fresh.push(revocation);
    }
    return fresh;
  }

  all(): readonly Revocation[] {
    return (['credential', 'principal'] as const).flatMap((kind) => [...this.#ids[kind]].map((id) => ({ kind, id })));
  }
}

/** As a store and messages hold it; the kind's first letter keeps apart a key and a principal of one name. */
export function encodeRevocation({ kind, id }: Revocation): string {
  return `${kind === 'credential' ? 'c' : 'p'}:${id}`;
}

/** Undefined for what is none: who can write into the store could write anything. */
export function decodeRevocation(text: string): Revocation | undefined {
  const id = text.slice(2);
  if (id === '' || id.length > MOST_ID) return undefined;
  if (text.startsWith('c:')) return { kind: 'credential', id };
  return text.startsWith('p:') ? { kind: 'principal', id } : undefined;
}
