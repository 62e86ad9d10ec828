// Where the signature of a model lies: beside or in the folder by default, or anywhere at all when the path is absolute.
// Only a signature inside the folder is left out of what it signs.
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
  if (!shown.startsWith('/')) return { path: `${dir}/${shown}`, shown, own: shown };
  const inside = dir.startsWith('/') && shown.startsWith(dir === '/' ? dir : `${dir}/`);
  return { path: shown, shown, own: inside ? shown.slice(dir === '/' ? 1 : dir.length + 1) : undefined };
}
