// Signing again replaces a signature; any other file under that name, such as the weights, would be lost.
import type { Disk } from '@vallum/core';
import { isJsonObject, parseJsonStrict, VallumError } from '@vallum/core';
import { MAX_BUNDLE_BYTES } from './form.js';
import type { SignaturePlace } from './place.js';

/** @throws VallumError `SIGN_OVERWRITE` */
export async function refuseOverwrite(disk: Disk, { path, shown }: SignaturePlace): Promise<void> {
  if ((await disk.stat(path)) === undefined || (await isSignature(disk, path))) return;
  throw new VallumError('SIGN_OVERWRITE', `${shown} is there already and is no signature`, {
    fix: 'name another file with --signature',
  });
}

async function isSignature(disk: Disk, path: string): Promise<boolean> {
  try {
    const json = parseJsonStrict(await disk.read(path, MAX_BUNDLE_BYTES), { maxBytes: MAX_BUNDLE_BYTES });
    return isJsonObject(json) && 'dsseEnvelope' in json;
  } catch {
    return false;
  }
}
