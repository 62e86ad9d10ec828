// Who counts here: the pinned root and its trust file, this machine's own key in a project that has neither, or nobody.
// An attacker may control the project folder: a replaced, removed or unpinned trust file never gives more than "nobody".
import type { Disk, Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { PinAnswer, SigningKey, Trust } from '@vallum/trust';
import { comparePin, isPinned, localTrust, readPins, readTrust } from '@vallum/trust';
import type { ProjectPaths } from './paths.js';
import { named } from './read-named.js';

export type Standing =
  | { readonly kind: 'pinned'; readonly trust: Trust }
  | { readonly kind: 'local'; readonly trust: Trust; readonly key: SigningKey }
  | { readonly kind: 'nobody'; readonly code: string; readonly message: string; readonly fix: string };

export interface StandingOptions {
  readonly disk: Disk;
  readonly paths: ProjectPaths;
  readonly project: string;
  readonly keysFolder: string;
  /** Fingerprint given with `--trust-root`; it replaces the pin. */
  readonly trustRoot?: Sha256;
  /** The key that counts where a project has neither trust file nor pin; made on first use. */
  readonly localKey: () => Promise<SigningKey>;
}

const MAX_TRUST_BYTES = 4 * 1024 * 1024;

export async function findStanding(options: StandingOptions): Promise<Standing> {
  const { disk, paths, keysFolder, trustRoot } = options;
  refuseKeysInside(keysFolder, paths.root);
  const who = { project: options.project, path: paths.root };
  const pins = await named(
    { name: `${keysFolder}/pins.json`, fix: 'remove it, then run vallum trust pin with the fingerprint of the root' },
    () => readPins(disk, keysFolder),
  );
  const expected = trustRoot !== undefined || isPinned(pins, who);
  if ((await disk.stat(paths.trust)) === undefined) {
    if (expected)
      return nobody('TRUST_MISSING', 'trust.json is missing, and this project has a pinned root', 'restore trust.json');
    const key = await options.localKey();
    return { kind: 'local', trust: localTrust(key), key };
  }
  try {
    const trust = readTrust(await disk.read(paths.trust, MAX_TRUST_BYTES));
    if (trustRoot === undefined) return comparedWith(comparePin(pins, who, trust.rootFingerprint), trust, who.project);
    return comparedWith(trust.rootFingerprint === trustRoot ? 'pinned' : 'mismatch', trust, who.project);
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return nobody(error.code, `trust.json does not count: ${error.message}`, error.fix ?? 'restore trust.json');
  }
}

function comparedWith(answer: PinAnswer, trust: Trust, project: string): Standing {
  if (answer === 'unpinned')
    return nobody(
      'TRUST_UNPINNED',
      'the root of trust.json is not pinned on this machine',
      `compare the fingerprint with its owner, then run: vallum trust pin ${trust.rootFingerprint}`,
    );
  if (answer === 'mismatch')
    return nobody(
      'TRUST_ROOT_DIFFERS',
      `trust.json is signed by the root ${trust.rootFingerprint.slice(0, 16)}..., which is not the pinned one`,
      'somebody replaced trust.json: restore it, or pin the new root after asking its owner',
    );
  if (trust.project !== project)
    return nobody(
      'TRUST_PROJECT',
      `trust.json is for the project ${JSON.stringify(trust.project)}, not for ${JSON.stringify(project)}`,
      'restore trust.json, or the name in vallum.yaml',
    );
  return { kind: 'pinned', trust };
}

function nobody(code: string, message: string, fix: string): Standing {
  return { kind: 'nobody', code, message, fix };
}

/**
 * Pins and keys that lie in the project prove nothing: whoever can change it can change them.
 * @throws VallumError `KEYS_INSIDE` (not proven)
 */
export function refuseKeysInside(keysFolder: string, root: string): void {
  if (keysFolder !== root && !keysFolder.startsWith(`${root}/`)) return;
  throw new VallumError(
    'KEYS_INSIDE',
    `the folder of keys and pins, ${keysFolder}, lies inside the project`,
    { fix: 'set VALLUM_KEYS to a folder outside the project' },
    'unproven',
  );
}
