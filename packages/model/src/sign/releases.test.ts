// Bundles that released signers wrote, from 0.3.1 on: with the key inside instead of its hint, without key id, log entries
// or ignored paths, and with `.` for a single file. The strict profile verifies all of them and finds a change under each.
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Signers } from './signers.js';
import releases from './testing/release-bundles.json' with { type: 'json' };
import { modelFolder, removeFolders } from './testing/fixtures.js';
import { verifyModel } from './verify.js';

afterAll(removeFolders);
const spki = createPublicKey(releases.publicKey).export({ type: 'spki', format: 'der' });
const keyid = createHash('sha256').update(spki).digest('hex');
const SIGNERS: Readonly<Record<string, Signers>> = {
  key: { method: 'key', keys: [{ keyid, spki: spki.toString('base64') }] },
  certificate: {
    method: 'certificate',
    roots: [new X509Certificate(releases.root).raw],
    now: new Date('2026-12-01T00:00:00Z'),
  },
};

describe('a bundle of an older release', () => {
  it.each(releases.bundles.map((one) => [`${one.release} ${one.method} ${one.file ?? ''}`, one] as const))(
    '%s',
    async (_, { method, file, bundle }) => {
      const signature = file === undefined ? 'model.sig' : `${file}.sig`;
      const dir = modelFolder({ ...releases.files, [signature]: bundle });
      const signers = SIGNERS[method] as Signers;
      const options = { disk: nodeDisk, dir, signers, ...(file === undefined ? {} : { file }) };
      expect(await verifyModel(options)).toMatchObject({ status: 'valid', method });
      appendFileSync(`${dir}/a.bin`, '!');
      expect(await verifyModel(options)).toMatchObject({ code: 'files-differ', files: { changed: ['a.bin'] } });
    },
  );
});
