// Statements for tests: small, signed, and each one different.
import { evidenceType, sha256, STATEMENT_TYPE, type JsonObject, type Sha256, type Statement } from '@vallum/core';
import { readEnvelope, signStatement, type SigningKey } from '@vallum/trust';

export interface Sample {
  readonly type?: string;
  readonly subject?: Sha256;
  readonly predicate?: JsonObject;
}

export function sampleStatement(n: number, { type, subject, predicate }: Sample = {}): Statement {
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: `model@v${n}`, digest: { sha256: subject ?? sha256(`subject ${n}`) } }],
    predicateType: type ?? evidenceType('artifact.scan'),
    predicate: predicate ?? { outcome: n % 3 === 0 ? 'fail' : 'pass', n },
  };
}

export function sample(key: SigningKey, n: number, options?: Sample): Uint8Array {
  return signStatement(sampleStatement(n, options), key);
}

export function samples(key: SigningKey, from: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => sample(key, from + at));
}

export function idOf(envelope: Uint8Array): Sha256 {
  return readEnvelope(envelope).id;
}
