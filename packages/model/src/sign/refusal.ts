// Why a signature is not accepted, as a value: every code that `verifyModel` can answer with, and the throw that carries
// one out of the readers.

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
  | 'statement-malformed'
  | 'predicate-type'
  | 'serialization-unsupported'
  | 'algorithm-mismatch'
  | 'path-unsafe'
  | 'resources-empty'
  | 'resource-duplicate'
  | 'resource-ignored'
  | 'root-digest'
  | 'files-differ';

export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}
