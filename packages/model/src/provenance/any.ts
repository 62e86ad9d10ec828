// A provenance in whichever envelope the pins ask for. The pins decide, never the bytes: a file that could choose how it is
// verified would choose the weaker way.
import type { JsonObject } from '@vallum/core';
import { packagedTrustedRoot } from '../sign/identity/trusted-root.js';
import type { ProvenanceAnswer, ProvenancePins } from './answer.js';
import { isForeign, verifyForeignProvenance } from './foreign.js';
import type { Believed } from './verify.js';
import { verifyProvenance } from './verify.js';

/** @param trustedRoot of the Sigstore instance; by default the packaged one */
export async function verifyAnyProvenance(
  bytes: Uint8Array,
  pins: ProvenancePins,
  believed: Believed,
  trustedRoot?: JsonObject,
): Promise<ProvenanceAnswer> {
  if (!isForeign(pins)) return verifyProvenance(bytes, pins, believed);
  return verifyForeignProvenance(bytes, pins, trustedRoot ?? (await packagedTrustedRoot()), believed.revoked);
}
