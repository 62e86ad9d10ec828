// Names that a person can pin. A certificate may hold names of nine kinds, and the text of one can be written into another:
// an otherName of any type, or a DNS name, with the letters of somebody's e-mail address. So only three kinds are
// believed, and a text is compared with the kind that it has the form of.
import type { CertificateFields } from '@vallum/formats';

const KINDS = ['email', 'uri', 'dns'] as const;
type Kind = (typeof KINDS)[number];

/** The names of the kinds that can be pinned. */
export function believedNames({ alternativeNames }: CertificateFields): readonly string[] {
  return alternativeNames.filter(({ kind }) => KINDS.some((one) => one === kind)).map(({ value }) => value);
}

/** True when one alternative name is exactly this text, and of the kind that the text has the form of. */
export function hasName({ alternativeNames }: CertificateFields, identity: string): boolean {
  const wanted = kindOf(identity);
  return alternativeNames.some(({ kind, value }) => kind === wanted && value === identity);
}

function kindOf(identity: string): Kind {
  if (/^[a-z][a-z0-9+.-]*:/i.test(identity)) return 'uri';
  return identity.includes('@') ? 'email' : 'dns';
}
