// The JSON contract of `vallum data`, and of the two controls of a project that declares a vault.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeVault } from '../../support/vault.js';
import type { Place } from '../command.js';
import type { Contract } from './contract.js';

const WHY = ['--why', 'for the contract'];

export function dataContract(contract: Contract): void {
  const json: Contract['json'] = (...run) => contract.json(...run);
  const keysOf = ({ dir }: Place): string => join(dir, 'keys/approver');

  test('a vault from its first key to the end of an object', async () => {
    const place = contract.place('fresh');
    const file = await makeVault({ project: place.project, keys: keysOf(place) }, '{ objects: 1 }');
    rmSync(join(keysOf(place), 'keyring.json'));
    const pass = ['--passphrase-file', file];
    const as = (args: readonly string[], exit = 0): Promise<Readonly<Record<string, unknown>>> =>
      json(place, 'approver', args, exit);
    expect(await as(['data', 'init', ...pass])).toMatchObject({ active: expect.stringMatching(/^kek-/) as string });
    expect(await as(['data', 'list'])).toMatchObject({ objects: [] });
    for (const what of ['v1', 'ham-feed', 'spam-feed']) await as(['data', 'seal', what, ...WHY, ...pass]);
    const open = ['data', 'open', 'data/ham-feed', ...WHY, ...pass];
    expect(await as([...open, '--out', 'a'])).toMatchObject({ events: [], opened: [{ act: 'open' }] });
    expect(await as([...open, '--out', 'b'])).toMatchObject({ events: [{ objects: 2, limit: { objects: 1 } }] });
    const controls = (await json(place, 'runner', ['check', 'v1'], 1))['controls'] as {
      kind: string;
      outcome?: string;
    }[];
    const outcomeOf = (kind: string): unknown => controls.find((control) => control.kind === kind)?.outcome;
    expect(['data.encryption', 'access.policy'].map(outcomeOf)).toEqual(['pass', 'pass']);
    const model = ['data', 'open', 'v1', '--export', '--out', '../v1', ...WHY, ...pass];
    expect(await as(model, 1)).toMatchObject({ opened: [], verdict: { action: 'export' } });
    const rotate = ['data', 'rotate', '--new-key', '--destroy-retired', ...WHY, ...pass];
    expect(await as(rotate)).toMatchObject({ retired: [], destroyed: [expect.any(String) as string] });
    expect(await as(['data', 'shred', 'ham-feed', ...WHY])).toMatchObject({ kind: 'data', name: 'ham-feed' });
    writeFileSync(join(place.project, 'vault/note.txt'), 'hello');
    const listed = (await as(['data', 'list'], 1))['objects'] as { state: string }[];
    expect(listed.map(({ state }) => state).sort()).toEqual(['sealed', 'sealed', 'shredded']);
  });
}
