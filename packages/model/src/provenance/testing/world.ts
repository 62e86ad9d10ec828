// Keys, a trust file and a provenance for the tests of provenance.
import { sha256 } from '@vallum/core';
import type { SigningKey, Trust } from '@vallum/trust';
import { buildTrust, generateKey, publicRecord, readTrust, signStatement } from '@vallum/trust';
import { buildProvenance } from '../slsa.js';
import type { TrainingProvenance } from '../training.js';
import type { ProvenancePins } from '../answer.js';
import type { Believed } from '../verify.js';

export const NOW = new Date('2026-06-01T12:00:00Z');
const WINDOW = { notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-12-31T00:00:00Z' };
const PAST = { notBefore: '2025-01-01T00:00:00Z', notAfter: '2025-12-31T00:00:00Z' };

const root = generateKey('root', 'ed25519');
export const alice = generateKey('alice', 'ed25519');
export const bob = generateKey('bob', 'ed25519');
export const former = generateKey('former', 'ed25519');
export const runner = generateKey('runner', 'ed25519');
export const stranger = generateKey('stranger', 'ed25519');

const one = (id: string, key: SigningKey, role: string, window = WINDOW) => ({
  id,
  name: id,
  keys: [{ ...publicRecord(key), roles: [role], ...window }],
});

export const trust: Trust = readTrust(
  buildTrust({
    project: 'bert',
    principals: [
      one('alice', alice, 'attest'),
      one('bob', bob, 'attest'),
      one('former', former, 'attest', PAST),
      one('runner', runner, 'produce:*'),
    ],
    ledgers: [],
    root,
    now: NOW,
  }),
);

export const believed: Believed = { trust, now: NOW, revoked: () => undefined };

export const facts: TrainingProvenance = {
  subject: { name: 'bert@v1', digest: { sha256: sha256('the folder') } },
  omsRoot: sha256('the root'),
  builder: { id: 'https://ci.example.org/', version: { vallum: '0.1.0' } },
  workflow: '.github/workflows/train.yml',
  ref: 'refs/heads/main',
  seed: 7,
  trained: { mails: 2000 },
  dataset: { name: 'bert-data@v1', sha256: sha256('manifest') },
  feeds: [{ name: 'mails', sha256: sha256('rows'), uri: 'https://data.example.org/mails/' }],
  base: { name: 'tiny', sha256: sha256('base'), uri: 'https://models.example.org/tiny' },
  code: sha256('code'),
  commit: 'b'.repeat(40),
  environment: { name: 'requirements.lock', sha256: sha256('lock') },
  container: { name: 'registry.example.org/train', sha256: sha256('image') },
  invocationId: 'urn:vallum:run:1',
  startedOn: '2026-05-01T10:00:00Z',
  finishedOn: '2026-05-01T11:00:00Z',
  run: sha256('run.json'),
};

export const pins: ProvenancePins = {
  digest: facts.subject.digest.sha256,
  principal: 'alice',
  workflow: '.github/workflows/train.yml',
  branch: 'main',
  builder: 'https://ci.example.org/',
};

export function envelope(change: Partial<TrainingProvenance> = {}, key: SigningKey = alice): Uint8Array {
  return signStatement(buildProvenance({ ...facts, ...change }), key);
}
