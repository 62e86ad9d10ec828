// The JSON contract of `vallum env capture`, and of projects that declare an environment, advisories and allowed secrets.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { installed } from '../../../packages/model/src/scan/environment/testing/folder.js';
import type { Place } from '../command.js';
import type { Contract } from './contract.js';

type Controls = readonly {
  readonly kind: string;
  readonly outcome: string;
  readonly reason?: { readonly code: string };
}[];

const HASH = `--hash=sha256:${'a'.repeat(64)}`;
const ADVISORY = JSON.stringify({
  id: 'TEST-1',
  affected: [{ package: { ecosystem: 'PyPI', name: 'nothing-here' }, versions: ['1'] }],
});

function write({ project }: Place, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content);
  }
}

function declare(place: Place, version: string, more = ''): void {
  const path = join(place.project, 'vallum.yaml');
  const yaml = readFileSync(path, 'utf8').replace('v1: {', `v1: { ${version}`);
  writeFileSync(path, `${yaml}${more}`);
}

export function environmentContract(contract: Contract): void {
  const copy = (on: 'fresh'): Place => contract.place(on);
  const json: Contract['json'] = (...run) => contract.json(...run);
  // v1 is refused for its robustness, whatever these controls say.
  const controlsOf = async (place: Place): Promise<Controls> =>
    ((await json(place, 'runner', ['check', 'v1'], 1)) as unknown as { controls: Controls }).controls;
  const outcomeOf = (controls: Controls, kind: string): unknown => {
    const { outcome, reason } = controls.find((control) => control.kind === kind) ?? {};
    return [outcome, reason?.code];
  };

  test('an environment is captured, as it was installed and changed', async () => {
    const place = copy('fresh');
    const site = installed('vallum_sample', '1.0', { 'sample.py': 'x = 1\n' });
    write(place, Object.fromEntries(Object.entries(site).map(([path, content]) => [`site/${path}`, content])));
    const capture = ['env', 'capture', 'site'];
    expect(await json(place, 'runner', capture, 0)).toMatchObject({
      packages: 1,
      environment: { schema: 'vallum/environment/v1', packages: [{ name: 'vallum-sample' }] },
    });
    expect(await json(place, 'runner', [...capture, '--out', 'environment.json'], 0)).toMatchObject({
      out: 'environment.json',
    });
    write(place, { 'advisories.json': ADVISORY });
    declare(place, 'environment: environment.json, ', 'advisories: advisories.json\n');
    expect(outcomeOf(await controlsOf(place), 'dep.scan')).toEqual(['pass', undefined]);
    write(place, { 'site/sample.py': 'x = 2\n' });
    expect(await json(place, 'runner', capture, 1)).toMatchObject({ findings: [{ rule: 'VLM-DEP-013' }] });
    rmSync(join(place.project, 'site/vallum_sample-1.0.dist-info/RECORD'));
    rmSync(join(place.project, 'site/sample.py'));
    expect(await json(place, 'runner', capture, 2)).toMatchObject({ notes: [{ code: 'unread' }] });
  });

  test('a declared environment is judged, with and without advisories', async () => {
    const place = copy('fresh');
    write(place, { 'lock.txt': `numpy==1.26.4 ${HASH}\n` });
    declare(place, 'environment: [lock.txt], ');
    const { controls, verdict } = (await json(place, 'runner', ['check', 'v1'], 1)) as unknown as {
      controls: Controls;
      verdict: { reasons: readonly { requirement: string; code: string }[] };
    };
    expect(outcomeOf(controls, 'dep.scan')).toEqual(['inconclusive', 'no-advisories']);
    expect(verdict.reasons).toContainEqual(expect.objectContaining({ requirement: 'dep.scan', code: 'no-advisories' }));
    expect(outcomeOf(controls, 'secret.scan')).toEqual([undefined, undefined]);
    write(place, { 'lock.txt': 'numpy==1.26.4\n' });
    expect(outcomeOf(await controlsOf(place), 'dep.scan')).toEqual(['fail', 'findings']);
  });

  test('a secret is found, and allowed for exact bytes', async () => {
    const place = copy('fresh');
    const token = `ghp_${'aB3dE5fG7h'.repeat(4)}`;
    write(place, { 'notes.txt': `token ${token}\n` });
    declare(place, '', 'secrets: {}\n');
    const found = await json(place, 'runner', ['check', 'v1'], 1);
    expect(outcomeOf(found['controls'] as Controls, 'secret.scan')).toEqual(['fail', 'findings']);
    expect(JSON.stringify(found)).not.toContain(token);
    rmSync(join(place.project, 'notes.txt'));
    expect(outcomeOf(await controlsOf(place), 'secret.scan')).toEqual(['pass', undefined]);
  });
}
