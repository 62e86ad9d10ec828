// Why a signature is not accepted, as a value: every code that `verifyModel` can answer with, what it says about (its
// class), and the throw that carries one out of the readers.

export type RefusalCode =
  | 'signature-absent'
  | 'signature-unreadable'
  | 'bundle-malformed'
  | 'media-type'
  | 'method-unsupported'
  | 'signature-count'
  | 'payload-type'
  | 'signer-untrusted'
  | 'signature-invalid'
  | 'certificate-untrusted'
  | 'certificate-expired'
  | 'certificate-usage'
  | 'identity-mismatch'
  | 'transparency-missing'
  | 'sigstore-invalid'
  | 'statement-malformed'
  | 'predicate-type'
  | 'serialization-unsupported'
  | 'algorithm-mismatch'
  | 'path-unsafe'
  | 'resources-empty'
  | 'resource-duplicate'
  | 'resource-ignored'
  | 'root-digest'
  | 'files-differ'
  | 'files-uncovered';

export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}

/** Refusals that say "nobody can tell", not "this is wrong". */
const UNDECIDED: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'signature-absent',
  'signature-unreadable',
  'signer-untrusted',
  'method-unsupported',
  'serialization-unsupported',
  'certificate-untrusted',
  'certificate-expired',
  'transparency-missing',
  'files-uncovered',
]);

export function isUndecided(code: RefusalCode): boolean {
  return UNDECIDED.has(code);
}

/** What a refusal is about; of several differences between files the first in this order. */
export type FailureClass =
  'changed' | 'missing' | 'extra' | 'uncovered' | 'signer' | 'signature' | 'statement' | 'bundle';

const CLASSES: Readonly<Record<Exclude<RefusalCode, 'files-differ'>, FailureClass>> = {
  'signature-absent': 'bundle',
  'signature-unreadable': 'bundle',
  'bundle-malformed': 'bundle',
  'media-type': 'bundle',
  'method-unsupported': 'bundle',
  'signature-count': 'bundle',
  'payload-type': 'bundle',
  'signer-untrusted': 'signer',
  'certificate-untrusted': 'signer',
  'certificate-expired': 'signer',
  'certificate-usage': 'signer',
  'identity-mismatch': 'signer',
  'transparency-missing': 'signer',
  'sigstore-invalid': 'signature',
  'signature-invalid': 'signature',
  'statement-malformed': 'statement',
  'predicate-type': 'statement',
  'serialization-unsupported': 'statement',
  'algorithm-mismatch': 'statement',
  'path-unsafe': 'statement',
  'resources-empty': 'statement',
  'resource-duplicate': 'statement',
  'resource-ignored': 'statement',
  'root-digest': 'statement',
  'files-uncovered': 'uncovered',
};

export function classOf(
  code: RefusalCode,
  files: { readonly changed: readonly string[]; readonly missing: readonly string[] } | undefined,
): FailureClass {
  if (code !== 'files-differ') return CLASSES[code];
  if (files === undefined || files.changed.length > 0) return 'changed';
  return files.missing.length > 0 ? 'missing' : 'extra';
}
