// The JSON contract of `vallum data review`: the queue of a poisoned table, a decision, and the feed that comes of it.
import { cpSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeTableProject } from '../../support/table-project.js';
import type { Contract } from './contract.js';

export function dataReviewContract(contract: Contract): void {
  const json: Contract['json'] = (...run) => contract.json(...run);

  test('suspect rows are listed, decided and left out', async () => {
    const tables = await makeTableProject(true);
    const place = contract.place('fresh');
    try {
      rmSync(place.dir, { recursive: true });
      cpSync(`${tables.root}/..`, place.dir, { recursive: true });
    } finally {
      tables.remove();
    }
    await json(place, 'runner', ['data', 'review', 'tables'], 2);
    await json(place, 'runner', ['check', 'tables'], 1);
    const review = ['data', 'review'];
    const queue = (await json(place, 'runner', [...review, 'tables'], 0)) as {
      items: { row: string; label: string }[];
    };
    const [a, b, c] = queue.items.filter(({ label }) => label === 'ham').map(({ row }) => row) as [
      string,
      string,
      string,
    ];
    const decide = [...review, 'decide', 'tables'];
    const why = ['--why', 'for the contract'];
    expect(await json(place, 'approver', [...decide, a, '--drop', ...why], 0)).toMatchObject({ choice: 'drop' });
    await json(place, 'approver', [...decide, b, '--relabel', 'spam', ...why], 0);
    await json(place, 'approver', [...decide, c, '--keep', ...why], 0);
    expect(await json(place, 'runner', [...review, 'tables'], 0)).toMatchObject({ decided: 3, stale: 0 });
    const apply = [...review, 'apply', 'tables', 'parquet-feed', '--out', 'feeds/reviewed'];
    expect(await json(place, 'runner', apply, 0)).toMatchObject({
      rows: 599,
      dropped: [{ row: a }],
      relabelled: [{ row: b, to: 'spam' }],
      kept: [{ row: c }],
    });
  }, 60_000);
}
