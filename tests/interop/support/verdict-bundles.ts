// Cases about the bundle, the outer layer that nobody signed, and about what the releases before 1.0 signed.
import type { KeyObject } from 'node:crypto';
import { forge, oldMessage, sha256, statement } from './forge.js';
import { A, B, FILES, good, lax, ok, refused, swap, wraps, type VerdictCase } from './verdict-case.js';

const old = JSON.stringify({
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://model_signing/Digests/v0.1',
  subject: [A, B].map(({ name, digest }) => ({ name, digest: { sha256: digest } })),
});
const afterPadding = (text: string): string => text.replace(/("payload":"[^"=]*=+)"/, '$1AAAA"');
const KEY = /"publicKey":\{"hint":"[0-9a-f]{64}"\}/;
export const BUNDLES: readonly VerdictCase[] = [
  wraps('white space', swap('{', ' {\n'), ok),
  wraps('no log entries', swap(',"tlogEntries":[]', ''), ok),
  wraps('key id null', swap('"keyid":""', '"keyid":null'), ok),
  wraps('no key id', swap(',"keyid":""', ''), ok),
  wraps('a key id', swap('"keyid":""', '"keyid":"me"'), lax('bundle-malformed')),
  wraps('no hint', swap(KEY, '"publicKey":{}'), ok),
  wraps('the key itself, as before 1.1', swap(KEY, '"publicKey":{"rawBytes":"AAAA","keyDetails":"X"}'), ok),
  wraps('the hint of another key', swap(KEY, `"publicKey":{"hint":"${sha256('x')}"}`), refused('signer-untrusted')),
  wraps(
    'the hint in upper case',
    (text) => text.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase()),
    refused('bundle-malformed'),
  ),
  wraps('a hint that is a number', swap(KEY, '"publicKey":{"hint":7}'), refused('bundle-malformed')),
  wraps('a second signature', swap(/("signatures":\[\{[^}]*\})/, '$1,{"sig":"AAAA"}'), lax('signature-count')),
  wraps(
    'a second signature first',
    swap('"signatures":[', '"signatures":[{"sig":"AAAA"},'),
    refused('signature-count'),
  ),
  wraps('no signature', swap(/"signatures":\[.*\]/, '"signatures":[]'), refused('signature-count')),
  wraps('another media type', swap('bundle.v0.3+json', 'bundle+json;version=0.3'), refused('media-type')),
  wraps('another payload type', swap('application/vnd.in-toto+json', 'text/plain'), refused('payload-type')),
  wraps('a stray field', swap('{', '{"extra":1,'), refused('bundle-malformed')),
  wraps('a field twice', swap('{', '{"mediaType":"x",'), lax('bundle-malformed')),
  wraps('a line break in the payload', swap('"payload":"', '"payload":"\\n'), lax('bundle-malformed')),
  wraps('other characters in the payload', swap('"payload":"', '"payload":"-_!'), lax('bundle-malformed')),
  wraps('text after the padding', afterPadding, lax('bundle-malformed')),
  wraps('no padding', swap(/("payload":"[^"=]*)=+"/, '$1"'), refused('bundle-malformed')),
  wraps('a changed payload', swap(/"payload":"[^"]*"/, '"payload":"e30="'), refused('signature-invalid')),
  wraps('a changed signature', swap(/"sig":"[^"]*"/, '"sig":"AAAA"'), refused('signature-invalid')),
  wraps('no certificate: null', swap('"publicKey"', '"certificate":null,"publicKey"'), lax('bundle-malformed')),
  wraps('empty timestamps', swap('"tlogEntries"', '"timestampVerificationData":{},"tlogEntries"'), ok),
  wraps(
    'no timestamps: null',
    swap('"tlogEntries"', '"timestampVerificationData":null,"tlogEntries"'),
    lax('bundle-malformed'),
  ),
  wraps('log entries: null', swap('"tlogEntries":[]', '"tlogEntries":null'), refused('bundle-malformed')),
  wraps('field names in snake case', swap('"payloadType"', '"payload_type"'), {
    ...lax('bundle-malformed'),
    differs: 'the reference also takes the names that its library uses inside',
  }),
  wraps(
    'a certificate chain instead',
    swap(KEY, '"x509CertificateChain":{"certificates":[{"rawBytes":"AAAA"}]}'),
    refused('method-unsupported'),
  ),
  {
    name: 'the encoding of 0.2',
    files: FILES,
    bundle: (key) => forge(key, { payload: JSON.stringify(statement(good)), message: oldMessage }),
    ...lax('signature-invalid'),
  },
  {
    name: 'a statement of 0.2',
    files: FILES,
    bundle: (key: KeyObject) => forge(key, { payload: old, message: oldMessage }),
    ...lax('signature-invalid'),
  },
  {
    name: 'a statement of 0.2 in the new encoding',
    files: FILES,
    bundle: (key: KeyObject) => forge(key, { payload: old }),
    ...lax('predicate-type'),
  },
];
