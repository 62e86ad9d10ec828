// Bundles of older releases: the reference verifies what it can of its own past, and `compat` answers as it does.
import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeDisk, sha256 } from '@vallum/core';
import { verifyModel, type Signers } from '@vallum/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askReference, requireReference } from './support/reference.js';

interface Releases {
  readonly publicKey: string;
  readonly root: string;
  readonly files: Readonly<Record<string, string>>;
  readonly bundles: readonly {
    readonly release: string;
    readonly method: 'key' | 'certificate';
    readonly file?: string;
    readonly bundle: string;
  }[];
}

const FIXTURE = join(import.meta.dirname, '../../packages/model/src/sign/testing/release-bundles.json');
const releases = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Releases;
const work = mkdtempSync(join(tmpdir(), 'vallum-releases-'));
const model = join(work, 'm');

beforeAll(requireReference);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function signersOf(method: 'key' | 'certificate'): Signers {
  if (method === 'certificate')
    return { method, roots: [new X509Certificate(releases.root).raw], now: new Date('2026-12-01T00:00:00Z') };
  const spki = createPublicKey(releases.publicKey).export({ type: 'spki', format: 'der' });
  return { method, keys: [{ keyid: sha256(spki), spki: spki.toString('base64') }] };
}

it('are judged as the reference judges them', async () => {
  for (const [path, text] of Object.entries(releases.files)) {
    mkdirSync(dirname(join(model, path)), { recursive: true });
    writeFileSync(join(model, path), text);
  }
  writeFileSync(join(work, 'pub'), releases.publicKey);
  writeFileSync(join(work, 'root'), releases.root);
  const signature = (index: number): string => join(work, `${index}.sig`);
  releases.bundles.forEach(({ bundle }, index) => writeFileSync(signature(index), bundle));
  const answers = askReference(
    releases.bundles.map(({ method, file }, index) => ({
      op: 'verify',
      model: file === undefined ? model : join(model, file),
      signature: signature(index),
      ...(method === 'key' ? { key: join(work, 'pub') } : { roots: [join(work, 'root')] }),
    })),
  );
  const rows: string[] = [];
  for (const [index, { release, method, file }] of releases.bundles.entries()) {
    const found = await verifyModel({
      disk: nodeDisk,
      dir: model,
      ...(file === undefined ? {} : { file }),
      signaturePath: signature(index),
      signers: signersOf(method),
      profile: 'compat',
    });
    const reference = answers[index] === 'ok';
    rows.push(`${release} ${method} ${file ?? 'folder'}: ${answers[index] ?? ''}`);
    expect({ release, method, file, valid: found.status !== 'refused' }).toEqual({
      release,
      method,
      file,
      valid: reference,
    });
  }
  console.log(rows.join('\n'));
});
