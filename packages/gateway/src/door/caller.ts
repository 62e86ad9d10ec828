// Who asks: one principal, however it was proven.

/** How a caller proved who it is. */
export type Means = 'key' | 'token' | 'certificate';

/** What a transport found on a request; nothing of it is believed yet, and every byte is the caller's. */
export interface Credentials {
  /** Value of the header `authorization`. */
  readonly authorization?: string;
  /** Value of the header `x-api-key` or `api-key`. */
  readonly apiKey?: string;
  /** Of a TLS peer whose chain was verified against the configured authorities; absent otherwise. */
  readonly certificate?: PeerCertificate;
}

export interface PeerCertificate {
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly commonName: string;
  /** `URI:` and `DNS:` names of the subject alternative name, as Node writes them. */
  readonly alternativeNames: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** The principal of `@vallum/trust` as the gateway acts on it: an id, a name and roles, as Cedar is asked about them. */
export interface Caller {
  /** Id of the principal. */
  readonly principal: string;
  /** Roles, here also called scopes: `infer`, `metadata`, `infer:spam-filter`. */
  readonly roles: readonly string[];
  readonly means: Means;
  /** Names the credential and never holds it: the id of a key, `issuer#kid`, a fingerprint. */
  readonly credential: string;
  /** Group (tenant) whose accounts are looked at together; the principal itself when none is known. */
  readonly group: string;
  /** One of our own assessments: recorded, limited, and never held against it. */
  readonly own: boolean;
}
