// The keys of a Sigstore instance: certificate authorities, transparency logs, timestamp authorities. Whoever can change
// this file decides whom every keyless signature is believed to be by, so it comes with the package or from the person,
// never from the network, and its age is stated.
import type { JsonObject } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict, VallumError } from '@vallum/core';

/** Day on which the packaged file was taken from its source (README.md beside it). */
export const TRUSTED_ROOT_DATE = '2026-11-22';

const MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/;
const LISTS = ['tlogs', 'certificateAuthorities', 'ctlogs', 'timestampAuthorities'] as const;
const MAX_ENTRIES = 64;
const FIX = 'Give the trusted_root.json of the Sigstore instance that you use.';

/** The public-good Sigstore instance, as packaged; read on the first call. */
export async function packagedTrustedRoot(): Promise<JsonObject> {
  const { default: root } = await import('./trusted-root.json', { with: { type: 'json' } });
  return root;
}

/**
 * A trusted root given as a file. A client trust configuration, which holds one, is taken as well.
 * @throws VallumError `TRUSTED_ROOT_INVALID`
 */
export function readTrustedRoot(bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = parseJsonStrict(bytes, { maxBytes: 4 * 1024 * 1024, maxDepth: 16 });
  } catch (error) {
    throw invalid(messageOf(error));
  }
  const root = isJsonObject(value) && isJsonObject(value['trustedRoot']) ? value['trustedRoot'] : value;
  if (!isJsonObject(root) || typeof root['mediaType'] !== 'string' || !MEDIA_TYPE.test(root['mediaType']))
    throw invalid('its mediaType is not that of a trusted root');
  for (const field of LISTS) {
    const list = root[field] ?? [];
    if (!Array.isArray(list) || list.length > MAX_ENTRIES || !list.every(isJsonObject))
      throw invalid(`its ${field} are not a list of up to ${MAX_ENTRIES} objects`);
  }
  return root;
}

function invalid(why: string): VallumError {
  return new VallumError('TRUSTED_ROOT_INVALID', `the trusted root cannot be used: ${why}`, { fix: FIX });
}
