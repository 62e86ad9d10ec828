// Provenance that somebody else's build made: SLSA v1 in a Sigstore bundle, offline, by the trusted root at hand. The log
// and the certificate say who signed and when; whose name it must be is pinned, since anybody gets a valid signature. One
// subject has to be the bytes at hand by SHA-256: a folder by its directory digest or by the root digest of OpenSSF
// Model Signing, or one file. What has no such digest matches nothing.
import type { JsonObject } from '@vallum/core';
import { asSha256, messageOf, sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';
import { readBundle } from '../sign/bundle.js';
import { isCalled } from '../sign/identity/build.js';
import { verifyName } from '../sign/identity/sigstore.js';
import { uncalled } from '../sign/identity/wanted-signer.js';
import type { SignedEnvelope } from '../sign/method.js';
import { preAuthEncoding } from '../sign/pae.js';
import { isUndecided, Refusal } from '../sign/refusal.js';
import type { KnownSigner, ProvenanceAnswer, ProvenancePins, Unverified } from './answer.js';
import { refused, undecided } from './answer.js';
import type { GithubBuild } from './github-build.js';
import { readGithubBuild, vouchedFor } from './github-build.js';
import { comparePins } from './signer-pins.js';
import type { Believed } from './verify.js';

/** Pins of a keyless signer: without a name and an issuer a signature proves nothing. */
export type ForeignPins = ProvenancePins & { readonly identity: string; readonly issuer: string };

/** @throws Error for a name without an issuer, which whoever reads pins refuses */
export function isForeign(pins: ProvenancePins): pins is ForeignPins {
  if (pins.identity !== undefined && pins.issuer === undefined) throw new Error('a pinned name needs its issuer');
  return pins.identity !== undefined;
}

/** Never throws for hostile bytes. @param trustedRoot keys of the Sigstore instance */
export async function verifyForeignProvenance(
  bytes: Uint8Array,
  pins: ForeignPins,
  trustedRoot: JsonObject,
  revoked: Believed['revoked'],
): Promise<ProvenanceAnswer> {
  if (bytes.length > MAX_ENVELOPE_BYTES)
    return undecided('form', `the provenance is larger than ${MAX_ENVELOPE_BYTES} bytes`);
  let envelope: SignedEnvelope;
  let verified: Awaited<ReturnType<typeof verifyName>>;
  try {
    envelope = readBundle(bytes);
    if (envelope.method !== 'sigstore') return undecided('form', 'the bundle is not signed keyless, through Sigstore');
    const { identity, issuer } = pins;
    verified = await verifyName(envelope, { trustedRoot, identity, issuer, profile: 'strict' });
    if (pins.workflow === undefined && isCalled(verified.leaf)) throw uncalled(verified.leaf);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return answerOf(error);
  }
  const { leaf, signer } = verified;
  let build: GithubBuild;
  try {
    build = readGithubBuild(envelope.payload);
  } catch (error) {
    return undecided('form', messageOf(error));
  }
  const { said, differs } = vouchedFor(build, leaf.fulcio);
  const known: KnownSigner = { principal: pins.identity, keyid: asSha256(signer.keyid ?? '') };
  const id = sha256(preAuthEncoding(envelope.payload));
  const taken = revoked({ keyid: known.keyid, id, subject: pins.digest });
  if (taken !== undefined) return undecided('signer', `the provenance by ${pins.identity} was revoked: ${taken}`);
  const problems = [...differs, ...comparePins(said, known, comparedLater(pins))];
  if (problems.length > 0) return refused(...problems);
  return { status: 'verified', id, signer: known, said, vouchedBy: 'certificate' };
}

/** Name and issuer were compared with the certificate already. */
function comparedLater({ digest, workflow, branch, builder }: ForeignPins): ProvenancePins {
  return {
    digest,
    ...(workflow === undefined ? {} : { workflow }),
    ...(branch === undefined ? {} : { branch }),
    ...(builder === undefined ? {} : { builder }),
  };
}

const FORM: readonly string[] = ['bundle-malformed', 'media-type', 'payload-type'];

function answerOf({ code, message }: Refusal): Unverified {
  if (FORM.includes(code)) return undecided('form', message);
  if (isUndecided(code)) return undecided('signer', message);
  if (code === 'identity-mismatch')
    return refused({ pin: 'signer', message: `the signature is valid, but ${message}` });
  return refused({ pin: 'signature', message });
}
