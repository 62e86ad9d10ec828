// Which bytes and which signer a name had before. Whoever takes over an abandoned name in a registry serves other bytes
// under an address that everybody allows (namespace reuse), and a tool that pins what it finds pins those. So each passing
// `source.policy` records what it accepted, and a name with another digest or signer is refused until vallum.yaml names,
// with `replaces`, the very statement that recorded it before.
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { isJsonObject, isSha256 } from '@vallum/core';

export type SourceKind = 'base' | 'feed';

export interface SeenSource {
  readonly kind: SourceKind;
  readonly name: string;
  readonly digest: Sha256;
  /** Principal whose provenance was verified; absent where none was asked for. */
  readonly signer?: string;
  /** Id of the statement that recorded it. */
  readonly statement: Sha256;
}

/** What a passing `source.policy` recorded. @param parameters of its statement, by a key that may say it */
export function readSeenSources(parameters: JsonObject, statement: Sha256): readonly SeenSource[] {
  const { sources } = parameters;
  if (!Array.isArray(sources)) return [];
  return (sources as readonly JsonValue[]).flatMap((one) => {
    if (!isJsonObject(one)) return [];
    const { kind, name, digest, signer } = one;
    if ((kind !== 'base' && kind !== 'feed') || typeof name !== 'string' || !isSha256(digest)) return [];
    return [{ kind, name, digest, statement, ...(typeof signer === 'string' ? { signer } : {}) }];
  });
}

export interface Claimed {
  readonly kind: SourceKind;
  readonly name: string;
  readonly digest: Sha256;
  readonly signer: string | undefined;
  readonly replaces: Sha256 | undefined;
}

/**
 * The newest record that speaks against a source: undefined when its name is new, when the same digest and signer were
 * recorded before (an older version keeps its base), or when `replaces` names that newest record. A record without a signer
 * asks for none, until the same bytes were recorded with one: from then on nobody and somebody else are a change.
 * @param seen in the order of the ledger
 */
export function conflictOf(claimed: Claimed, seen: readonly SeenSource[]): SeenSource | undefined {
  const own = seen.filter(({ kind, name }) => kind === claimed.kind && name === claimed.name);
  const ofBytes = own.filter(({ digest }) => digest === claimed.digest);
  const last = ofBytes.at(-1);
  const asksForNone = last !== undefined && last.signer === undefined;
  const isKnown = claimed.signer !== undefined && ofBytes.some(({ signer }) => signer === claimed.signer);
  const newest = own.at(-1);
  if (newest === undefined || asksForNone || isKnown || newest.statement === claimed.replaces) return undefined;
  return newest;
}
