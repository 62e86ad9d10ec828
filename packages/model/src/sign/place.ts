// Where the signature of a model lies: beside or in the folder by default, or anywhere at all when the path is absolute.
// Only a signature inside the folder is left out of what it signs, however the two are named.
import { resolve } from 'node:path';

export const SIGNATURE_FILE = 'model.sig';

export interface Target {
  /** The folder of the model; with `file`, the folder that holds it. */
  readonly dir: string;
  /** Base name of a model that is one file. */
  readonly file?: string;
  /** Relative to `dir`, or absolute. Default `model.sig`, or `<file>.sig` for one file. */
  readonly signaturePath?: string;
}

export interface SignaturePlace {
  /** As the disk takes it. */
  readonly path: string;
  /** As it was named, for people. */
  readonly shown: string;
  /** Relative to the folder, when it lies in it. */
  readonly own: string | undefined;
}

export function signaturePlace({ dir, file, signaturePath }: Target): SignaturePlace {
  const shown = signaturePath ?? (file === undefined ? SIGNATURE_FILE : `${file}.sig`);
  const path = shown.startsWith('/') ? shown : `${dir}/${shown}`;
  const folder = resolve(dir);
  const edge = folder === '/' ? folder : `${folder}/`;
  const whole = resolve(path);
  return { path, shown, own: whole.startsWith(edge) ? whole.slice(edge.length) : undefined };
}
