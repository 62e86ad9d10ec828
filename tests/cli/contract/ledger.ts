// The JSON contract of `vallum ledger`: receipts, comparisons, anchors and a witness.
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeDisk } from '@vallum/core';
import { openWitness, readVkey, serveWitness } from '@vallum/ledger';
import type { Contract } from './contract.js';

export function ledgerContract({ place: copy, json }: Contract): void {
  test('a ledger, its receipts, its anchors and its witness', async () => {
    const place = copy('released');
    const { vkey } = await json(place, 'runner', ['ledger', 'key'], 0);
    const log = readVkey(String(vkey));
    const state = ['ledger', 'witness', '--state', join(place.dir, 'w'), '--name', 'example.net/w1'];
    expect(await json(place, 'stranger', state, 0)).toMatchObject({ url: null, logs: [] });
    const opened = await openWitness({
      disk: nodeDisk,
      dir: join(place.dir, 'w'),
      name: 'example.net/w1',
      logs: [log],
      clock: () => new Date(),
    });
    const { witness } = opened;
    const served = await serveWitness(witness, '127.0.0.1', 0);
    await json(place, 'runner', ['ledger', 'cosign', '--witness', served.url, '--key', witness.vkey], 0);
    await served.close();
    await opened.close();

    const { verdict } = (await json(place, 'runner', ['gate', 'v1'], 0)) as { verdict: { evidence: string[] } };
    const [id = ''] = verdict.evidence;
    const proved = await json(place, 'runner', ['ledger', 'prove', id, '--out', 'a.tlog-proof'], 0);
    expect(proved).toMatchObject({ statement: id, witnesses: ['example.net/w1'] });
    const verify = ['ledger', 'verify-proof', 'a.tlog-proof', '--log', String(vkey)];
    const held = await json(place, 'stranger', [...verify, '--witness', witness.vkey], 0);
    expect(held).toMatchObject({ ok: true, entry: { statement: id }, cosigned: [{ witness: 'example.net/w1' }] });
    const other = String((await json(copy('fresh'), 'runner', ['ledger', 'key'], 0))['vkey']);
    expect(await json(place, 'stranger', [...verify.slice(0, 3), '--log', other], 1)).toMatchObject({ ok: false });

    mkdirSync(join(place.project, 'anchors'));
    expect(await json(place, 'runner', ['ledger', 'compare', 'a.tlog-proof'], 0)).toMatchObject({
      compared: [{ result: 'same history' }],
    });
    expect(await json(place, 'runner', ['ledger', 'anchor', 'anchors'], 0)).toMatchObject({ compared: [] });
    expect(await json(place, 'runner', ['ledger', 'anchor', 'anchors'], 0)).toMatchObject({ added: null });
    renameSync(join(place.project, '.vallum'), join(place.project, 'kept'));
    renameSync(join(place.dir, 'keys/runner/seen.json'), join(place.dir, 'seen.json'));
    await json(place, 'runner', ['check', 'v1'], 1);
    expect(await json(place, 'runner', ['ledger', 'compare', 'a.tlog-proof'], 1)).toMatchObject({
      compared: [{ result: expect.stringMatching(/another history|ahead/) as string }],
    });
  });

  test('a new key for the ledger', async () => {
    const place = copy('released');
    await json(place, 'root', ['ledger', 'rotate'], 0);
    await json(place, 'runner', ['gate', 'v1'], 0);
  });
}
