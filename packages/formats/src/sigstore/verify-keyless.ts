// Keyless signatures, offline, through Sigstore's own library. The bundle is the attacker's: the library reads base64
// loosely, prefers one of two contents when both stand there, and recurses on nested ASN.1. So it is handed a bundle that
// is put together here from the very bytes the caller will use, with counted and bounded parts, and whatever it throws
// is a refusal. Loaded on the first call: a signature by a key never pays for it.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf } from '@vallum/core';
import { checkpointProblem } from './checkpoint.js';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

export const KEYLESS_LIMITS = {
  /** A bundle needs one of each; the library compares all pairs. */
  maxLogEntries: 8,
  maxTimestamps: 8,
  /** A Merkle path of a log with 2^64 entries. */
  maxPathHashes: 64,
  maxTimestampBytes: 64 * 1024,
} as const;

export interface KeylessBundle {
  /** The leaf, DER. */
  readonly certificate: Uint8Array;
  /** `verificationMaterial.tlogEntries` as read. */
  readonly tlogEntries: JsonValue | undefined;
  /** `verificationMaterial.timestampVerificationData` as read. */
  readonly timestamps: JsonValue | undefined;
  readonly payload: Uint8Array;
  readonly payloadType: string;
  /** ECDSA signature, DER. */
  readonly signature: Uint8Array;
}

/** What failed: the form of the bundle or of the trusted root, the log, the certificate, the clock, or the signature. */
export type KeylessFailure = 'bundle' | 'trusted-root' | 'log-missing' | 'log' | 'certificate' | 'time' | 'signature';

export type KeylessReport =
  /** `signedAt`: the earliest time that a trusted clock vouches for. */
  | { readonly ok: true; readonly signedAt: Date }
  | { readonly ok: false; readonly failure: KeylessFailure; readonly problem: string };

const FAILURES: Readonly<Record<string, KeylessFailure>> = {
  CERTIFICATE_ERROR: 'certificate',
  PUBLIC_KEY_ERROR: 'certificate',
  SIGNATURE_ERROR: 'signature',
  TIMESTAMP_ERROR: 'time',
  TLOG_BODY_ERROR: 'log',
  TLOG_ERROR: 'log',
  TLOG_INCLUSION_PROMISE_ERROR: 'log',
  TLOG_INCLUSION_PROOF_ERROR: 'log',
  TLOG_MISSING_INCLUSION_ERROR: 'log',
};

/**
 * One signed certificate timestamp, one log entry with an inclusion proof and one trusted time are required, each by a
 * key of the trusted root; the certificate is judged at that time. Who the certificate names is for the caller to judge.
 * @param trustedRoot `application/vnd.dev.sigstore.trustedroot+json`
 */
export async function verifyKeyless(bundle: KeylessBundle, trustedRoot: JsonObject): Promise<KeylessReport> {
  const entries = listOf(bundle.tlogEntries);
  if (entries !== undefined && entries.length === 0) return failed('log-missing', 'it has no log entry');
  const problem = problemOfLog(entries) ?? problemOfTimestamps(bundle.timestamps);
  if (problem !== undefined) return problem;
  const { bundleFromJSON, toSignedEntity, toTrustMaterial, TrustedRoot, Verifier } = await import('./library.js');
  let trust: ReturnType<typeof toTrustMaterial>;
  try {
    trust = toTrustMaterial(TrustedRoot.fromJSON(trustedRoot));
  } catch (error) {
    return failed('trusted-root', messageOf(error));
  }
  try {
    const entity = toSignedEntity(bundleFromJSON(rebuilt(bundle)));
    const verifier = new Verifier(trust, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 });
    verifier.verify(entity);
    const times = entity.timestamps.flatMap((stamp) => {
      if (stamp.$case === 'timestamp-authority') return [stamp.timestamp.signingTime.getTime()];
      // The log's own time is covered by its promise alone, not by the proof.
      return stamp.tlogEntry.inclusionPromise === undefined ? [] : [Number(stamp.tlogEntry.integratedTime) * 1000];
    });
    return { ok: true, signedAt: new Date(Math.min(...times)) };
  } catch (error) {
    return failed(FAILURES[codeOf(error)] ?? 'bundle', messageOf(error));
  }
}

function failed(failure: KeylessFailure, problem: string): KeylessReport {
  return { ok: false, failure, problem };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : undefined;
}

function problemOfLog(entries: readonly JsonValue[] | undefined): KeylessReport | undefined {
  if (entries === undefined || entries.length > KEYLESS_LIMITS.maxLogEntries)
    return failed('bundle', `its log entries are not a list of up to ${KEYLESS_LIMITS.maxLogEntries}`);
  for (const entry of entries) {
    const proof = isJsonObject(entry) ? entry['inclusionProof'] : undefined;
    const hashes = isJsonObject(proof) ? listOf(proof['hashes']) : undefined;
    if (!isJsonObject(proof) || hashes === undefined || hashes.length > KEYLESS_LIMITS.maxPathHashes)
      return failed('bundle', `a log entry has no inclusion proof of up to ${KEYLESS_LIMITS.maxPathHashes} hashes`);
    const checkpoint = checkpointProblem(proof);
    if (checkpoint !== undefined) return failed(checkpoint.contradicts ? 'log' : 'bundle', checkpoint.problem);
  }
  return undefined;
}

function problemOfTimestamps(timestamps: JsonValue | undefined): KeylessReport | undefined {
  if (timestamps === undefined || timestamps === null) return undefined;
  const stamps = isJsonObject(timestamps) ? listOf(timestamps['rfc3161Timestamps']) : undefined;
  if (stamps === undefined || stamps.length > KEYLESS_LIMITS.maxTimestamps)
    return failed('bundle', `its timestamps are not a list of up to ${KEYLESS_LIMITS.maxTimestamps}`);
  const mostText = Math.ceil((KEYLESS_LIMITS.maxTimestampBytes * 4) / 3);
  const large = stamps.some((stamp) => {
    const text = isJsonObject(stamp) ? stamp['signedTimestamp'] : undefined;
    return typeof text !== 'string' || text.length > mostText;
  });
  const most = `a timestamp is not text of up to ${KEYLESS_LIMITS.maxTimestampBytes} bytes`;
  return large ? failed('bundle', most) : undefined;
}

function rebuilt(bundle: KeylessBundle): JsonObject {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    mediaType: MEDIA_TYPE,
    verificationMaterial: {
      certificate: { rawBytes: base64(bundle.certificate) },
      tlogEntries: bundle.tlogEntries ?? [],
      timestampVerificationData: bundle.timestamps ?? {},
    },
    dsseEnvelope: {
      payload: base64(bundle.payload),
      payloadType: bundle.payloadType,
      signatures: [{ sig: base64(bundle.signature), keyid: '' }],
    },
  };
}
