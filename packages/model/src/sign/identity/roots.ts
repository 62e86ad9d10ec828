// Roots as a person gives them: a PEM file with the certificates at which paths may end. It is the person's own file, but
// a mistake in it decides whom to believe, so every certificate must be readable and none may be silently dropped.
import { VallumError } from '@vallum/core';
import { readCertificate, readPemCertificates } from '@vallum/formats';

const FIX = 'Give a PEM file that holds the certificates of the authorities you trust, and nothing else.';

/** Certificates of a PEM file, DER each, in its order. @throws VallumError `ROOTS_INVALID` */
export function readRoots(pem: Uint8Array): readonly Uint8Array[] {
  const read = readPemCertificates(pem);
  if (!read.ok) throw invalid(read.problem);
  for (const [index, der] of read.certificates.entries()) {
    const certificate = readCertificate(der);
    if (!certificate.ok) throw invalid(`its certificate ${index + 1} is malformed: ${certificate.problem}`);
  }
  return read.certificates;
}

function invalid(why: string): VallumError {
  return new VallumError('ROOTS_INVALID', `the file of roots cannot be used: ${why}`, { fix: FIX });
}
