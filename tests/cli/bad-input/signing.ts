// Bad input to sign and verify: keys, certificates, options that do not fit together.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row, Spoil } from './row.js';
import { inProject, put } from './row.js';

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const own = ec.privateKey.export(pkcs8);
const locked = ec.privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'right' });
const spki = (key: typeof ec.publicKey): string => key.export({ type: 'spki', format: 'pem' }).toString();

const all =
  (...spoils: readonly Spoil[]): Spoil =>
  async (place) => {
    for (const spoil of spoils) await spoil(place);
  };

/** A certificate that is for another key than `own`. */
function foreignCertificate(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vallum-certificate-'));
  try {
    writeFileSync(join(folder, 'key'), generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pkcs8));
    const args = ['req', '-x509', '-new', '-key', 'key', '-subj', '/CN=other', '-days', '3', '-out', 'pem'];
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    return readFileSync(join(folder, 'pem'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sign = ['sign', 'models/v1', '--key', 'key.pem'];
const verify = ['verify', 'models/v1'];
const KEY = 'models are signed with an ECDSA key on P-256, P-384 or P-521, and this is';

export const signing: readonly Row[] = [
  {
    condition: 'sign with an encrypted key, no passphrase',
    on: 'fresh',
    spoil: put('key.pem', locked),
    args: sign,
    exit: 3,
    first: 'vallum: key.pem is encrypted [SIGN_KEY]',
    also: ['--password-file FILE'],
  },
  {
    condition: 'sign with a wrong passphrase',
    on: 'fresh',
    spoil: all(put('key.pem', locked), put('pass', 'wrong\n')),
    args: [...sign, '--password-file', 'pass'],
    exit: 3,
    first: 'vallum: the passphrase does not open key.pem [SIGN_KEY]',
  },
  {
    condition: 'sign with a truncated key',
    on: 'fresh',
    spoil: put('key.pem', String(own).slice(0, 90)),
    args: sign,
    exit: 3,
    first: 'vallum: key.pem is damaged: no private key can be read from it [SIGN_KEY]',
  },
  {
    condition: 'sign with an Ed25519 key',
    on: 'fresh',
    spoil: put('key.pem', generateKeyPairSync('ed25519').privateKey.export(pkcs8)),
    args: sign,
    exit: 3,
    first: `vallum: ${KEY} an ed25519 key [SIGN_KEY]`,
  },
  {
    condition: 'sign with an RSA key',
    on: 'fresh',
    spoil: put('key.pem', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8)),
    args: sign,
    exit: 3,
    first: `vallum: ${KEY} an rsa key [SIGN_KEY]`,
  },
  {
    condition: 'sign with a key on another curve',
    on: 'fresh',
    spoil: put('key.pem', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export(pkcs8)),
    args: sign,
    exit: 3,
    first: `vallum: ${KEY} one on secp256k1 [SIGN_KEY]`,
  },
  {
    condition: 'sign with a certificate of another key',
    on: 'fresh',
    spoil: all(put('key.pem', own), put('cert.pem', foreignCertificate())),
    args: [...sign, '--certificate', 'cert.pem'],
    exit: 3,
    first: 'vallum: the certificate is for another key than the one that signs [SIGN_CERTIFICATE]',
  },
  {
    condition: 'sign with a chain and no certificate',
    on: 'fresh',
    spoil: all(put('key.pem', own), put('cert.pem', 'x')),
    args: [...sign, '--chain', 'cert.pem'],
    exit: 3,
    first: 'vallum: --chain is given without --certificate [SIGN_CERTIFICATE]',
  },
  {
    condition: 'sign a folder with a link that leaves it',
    on: 'fresh',
    spoil: all(
      put('key.pem', own),
      inProject((file) => symlinkSync('../../trust.json', file('models/v1/link'))),
    ),
    args: [...sign, '--allow-symlinks'],
    exit: 3,
    first: 'vallum: models/v1/link cannot be signed: it is a link, and it leaves the model folder [SIGN_LINK]',
  },
  {
    condition: 'sign leaving out a path outside the folder',
    on: 'fresh',
    spoil: put('key.pem', own),
    args: [...sign, '--ignore', '../x'],
    exit: 3,
    first: 'vallum: this folder cannot be signed: the signature names "../x", not a plain path [SIGN_NAME]',
  },
  {
    condition: 'verify with a key that cannot sign models',
    on: 'released',
    spoil: put('key.pub', spki(generateKeyPairSync('ed25519').publicKey)),
    args: [...verify, '--key', 'key.pub'],
    exit: 3,
    first: 'vallum: key.pub holds a key that cannot sign models (ed25519) [VERIFY_KEY]',
  },
  {
    condition: 'verify with a key and with roots',
    on: 'released',
    args: [...verify, '--key', 'a', '--roots', 'b'],
    exit: 3,
    first: 'vallum: --key, --roots and --issuer exclude each other [VERIFY_KEY]',
  },
  {
    condition: 'verify with an identity and no issuer',
    on: 'released',
    args: [...verify, '--identity', 'ann@example.org'],
    exit: 3,
    first: 'vallum: a Sigstore identity is not complete without its issuer [VERIFY_KEY]',
  },
  {
    condition: 'verify with a workflow of no repository',
    on: 'released',
    args: [...verify, '--identity', 'https://a/b', '--issuer', 'https://example.org', '--workflow', 'release.yml'],
    exit: 3,
    first: 'vallum: the workflow "release.yml" is of no repository: files of the same name are in many [VERIFY_KEY]',
  },
  {
    condition: 'verify with an issuer and no identity',
    on: 'released',
    args: [...verify, '--issuer', 'https://example.org'],
    exit: 3,
    first: 'vallum: --issuer is given without --identity [VERIFY_KEY]',
  },
  {
    condition: 'verify with roots that are none',
    on: 'released',
    spoil: put('roots.pem', 'x'),
    args: [...verify, '--roots', 'roots.pem'],
    exit: 3,
    first: 'vallum: roots.pem: the file of roots cannot be used: it holds no certificate in PEM [ROOTS_INVALID]',
  },
];
