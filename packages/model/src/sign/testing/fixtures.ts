// Model folders and hand-made bundles for the tests of signing: a forger who holds a real key and breaks one rule.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeBundle } from '../bundle.js';
import type { TrustedKey } from '../keys.js';
import { modelKey } from '../keys.js';
import { preAuthEncoding } from '../pae.js';

export interface TestKey extends TrustedKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function testKey(namedCurve = 'P-256'): TestKey {
  const pair = generateKeyPairSync('ec', { namedCurve });
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { ...pair, keyid: createHash('sha256').update(spki).digest('hex'), spki: spki.toString('base64') };
}

const folders: string[] = [];

export function modelFolder(files: Readonly<Record<string, string>>): string {
  const dir = join(mkdtempSync(join(tmpdir(), 'vallum-sign-')), 'm');
  folders.push(dirname(dir));
  mkdirSync(dir);
  put(dir, files);
  return dir;
}

export function put(dir: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A bundle over any text at all, with a signature that is good. */
export function forge(key: TestKey, statement: string): Uint8Array {
  const known = modelKey(key.publicKey);
  if (known === undefined) throw new Error('the forger needs a key that the format allows');
  const payload = Buffer.from(statement);
  const signature = sign(known.digest, preAuthEncoding(payload), key.privateKey);
  return writeBundle({ signer: { hint: known.hint }, payload, signature });
}

interface Resource {
  readonly name: string;
  readonly algorithm: string;
  readonly digest: string;
}

export interface Plan {
  readonly resources: readonly Resource[];
  readonly serialization?: Readonly<Record<string, unknown>>;
  readonly root?: string;
  readonly statement?: Readonly<Record<string, unknown>>;
}

export function resource(name: string, text: string): Resource {
  return { name, algorithm: 'sha256', digest: digestOf(text) };
}

/** The statement of a signer who follows the format except for what the plan says. */
export function statementText(plan: Plan): string {
  const raw = Buffer.concat(plan.resources.map((entry) => Buffer.from(entry.digest, 'hex')));
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'm', digest: { sha256: plan.root ?? createHash('sha256').update(raw).digest('hex') } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: ['model.sig'],
        ...plan.serialization,
      },
      resources: plan.resources,
    },
    ...plan.statement,
  });
}
