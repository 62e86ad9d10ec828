// The JSON contract of `vallum attest` and `vallum attest verify`, and of a project that declares its sources.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Contract } from './contract.js';

export function attestContract(contract: Contract): void {
  const copy: Contract['place'] = (on) => contract.place(on);
  const json: Contract['json'] = (...asked) => contract.json(...asked);

  test('a provenance: written, verified, refused and not proven', async () => {
    const place = copy('fresh');
    mkdirSync(join(place.project, '.git'));
    writeFileSync(join(place.project, '.git/HEAD'), `${'c'.repeat(40)}\n`);
    writeFileSync(join(place.project, 'requirements.lock'), 'onnx==1.19.0\n');
    const given = ['--workflow', 'train.yml', '--branch', 'main', '--environment', 'requirements.lock'];
    expect(await json(place, 'runner', ['attest', 'v1', '--base', 'models/v2', ...given], 0)).toMatchObject({
      commit: 'c'.repeat(40),
      base: { name: 'v2' },
      filed: { kind: 'entered' },
    });
    const file = 'attestations/v1.provenance.json';
    const verify = ['attest', 'verify', file, '--subject', 'models/v1'];
    expect(await json(place, 'runner', [...verify, '--branch', 'main'], 0)).toMatchObject({ status: 'verified' });
    expect(await json(place, 'runner', [...verify, '--branch', 'dev', '--workflow', 'x'], 1)).toMatchObject({
      problems: [{ pin: 'workflow' }, { pin: 'branch' }],
    });
    const key = '../keys/author/author.key.json';
    expect(await json(place, 'root', ['attest', 'models/v1', '--key', key, '--out', file], 0)).toMatchObject({
      subject: { name: 'v1' },
    });
    expect(await json(place, 'runner', verify, 2)).toMatchObject({ status: 'not-proven' });
  });

  test('a project that declares its sources is judged by them', async () => {
    const place = copy('fresh');
    const path = join(place.project, 'vallum.yaml');
    const base = '{ name: bert, path: models/v2, origin: "https://models.example.org/bert" }';
    const yaml = readFileSync(path, 'utf8').replace('models/v1,', `models/v1, base: ${base},`);
    const allowed = '[{ origin: "https://models.example.org/", signer: { principal: runner } }]';
    writeFileSync(path, `${yaml}sources: { allowed: ${allowed} }\n`);
    const { controls, verdict } = (await json(place, 'runner', ['check', 'v1'], 1)) as {
      controls: readonly { kind: string; findings: readonly { rule: string }[] }[];
      verdict: { reasons: readonly { requirement: string }[] };
    };
    const rules = controls.find(({ kind }) => kind === 'source.policy')?.findings.map(({ rule }) => rule);
    expect(new Set(rules)).toEqual(new Set(['VLM-SRC-002', 'VLM-SRC-003']));
    expect(verdict.reasons.map(({ requirement }) => requirement)).toContain('source.policy');
    const { requirements } = await json(place, 'runner', ['policy', 'show'], 0);
    expect(requirements).toContainEqual(expect.objectContaining({ kind: 'source.policy' }));
  });
}
