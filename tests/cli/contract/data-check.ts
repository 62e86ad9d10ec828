// The JSON contract of the commands that look at tables.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Place } from '../command.js';
import { npy } from '../npy.js';
import type { Contract } from './contract.js';

const csv = (rows: readonly string[]): string => `id,amount,label,note\n${rows.join('\n')}\n`;
const ROWS = Array.from({ length: 120 }, (_, i) => `${i},${(i * 7) % 50},${i % 2 === 0 ? 'ham' : 'spam'},note ${i}`);
const RULES = `schema: vallum/data-rules/v1
rules:
  - { id: amount, check: range, column: amount, max: 40 }
  - { id: adds-up, check: expression, expression: "amount >= 0 and length(note) > 3" }
`;

export function dataCheckContract(contract: Contract): void {
  const json: Contract['json'] = (...run) => contract.json(...run);
  const write = ({ project }: Place, files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  };

  test('tables are checked: clean, broken, leaking, empty', async () => {
    const place = contract.place('fresh');
    const other = [...ROWS.slice(0, 100), '200,9,ham,mail me at jane.roe@example.org', '201,9,spam,x'];
    write(place, { 'a.csv': csv(ROWS), 'b.csv': csv(other), 'r.yaml': RULES, 'empty.csv': 'a,b\n' });
    const check = ['data', 'check', 'a.csv', '--label', 'label', '--id', 'id'];
    expect(await json(place, 'runner', check, 0)).toMatchObject({ outcome: 'pass', rows: 120, format: 'csv' });
    const broken = await json(place, 'runner', [...check, '--rules', 'r.yaml'], 1);
    expect(broken).toMatchObject({ findings: [{ rule: 'rules.amount', count: 22, n: 120 }] });
    const leaking = await json(place, 'runner', [...check, '--test', 'b.csv'], 1);
    expect(leaking).toMatchObject({
      findings: [
        { rule: 'leakage.row', count: 100 },
        { rule: 'leakage.id', count: 100 },
      ],
    });
    const personal = await json(place, 'runner', ['data', 'check', 'b.csv', '--gate', 'low', '--source', 'label'], 1);
    expect(JSON.stringify(personal)).not.toContain('jane.roe');
    expect(personal['findings']).toContainEqual(
      expect.objectContaining({ section: 'personal-data', column: 'note', count: 1 }),
    );
    await json(place, 'runner', ['data', 'check', 'empty.csv', '--gate', 'critical'], 2);
  });

  test('labels, outliers and poisoning of a table, with matrices beside it', async () => {
    const place = contract.place('fresh');
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${(i % 2) * 9 + ((i * 37) % 11) / 10},${(i * 53) % 17},${i % 2}`,
    );
    const doubted = Array.from({ length: 200 }, (_, i) =>
      (i % 2 === 0) === (i !== 6) ? [0.9, 0.1] : [0.1, 0.9],
    ).flat();
    write(place, { 'a.csv': `x,y,label\n${rows.join('\n')}\n` });
    writeFileSync(join(place.project, 'p.npy'), npy(2, doubted));
    writeFileSync(join(place.project, 'f.npy'), npy(2, doubted));
    const check = ['data', 'check', 'a.csv', '--label', 'label', '--no-near'];
    expect(await json(place, 'runner', [...check, '--probabilities', 'p.npy'], 0)).toMatchObject({
      listed: expect.arrayContaining([
        expect.objectContaining({ section: 'label-issues', row: 7, why: 'labelled "0", likelier "1"' }),
      ]) as unknown,
    });
    const asked = [
      ...check,
      '--probabilities',
      'p.npy',
      '--classes',
      '0,1',
      '--features',
      'f.npy',
      '--activations',
      'f.npy',
    ];
    const answer = await json(place, 'runner', asked, 0);
    expect(answer['sections']).toContainEqual(
      expect.objectContaining({
        id: 'poisoning',
        examined: true,
        how: expect.stringContaining('spectral-signature') as unknown,
      }),
    );
  });

  test('a profile, and another one against it', async () => {
    const place = contract.place('fresh');
    write(place, { 'a.csv': csv(ROWS) });
    const profile = ['data', 'profile', 'a.csv'];
    await json(place, 'runner', profile, 0);
    expect(await json(place, 'runner', [...profile, '--out', 'p.json'], 0)).toMatchObject({
      profile: { out: 'p.json' },
    });
    const again = await json(place, 'runner', [...profile, '--reference', 'p.json'], 0);
    expect(again['columns']).toContainEqual(expect.objectContaining({ name: 'amount', ks: { low: 0, high: 0 } }));
  });

  test('rules are drafted, and the table keeps them', async () => {
    const place = contract.place('fresh');
    write(place, { 'a.csv': csv(ROWS) });
    expect(await json(place, 'runner', ['data', 'rules', 'a.csv'], 0)).toMatchObject({
      yaml: expect.stringContaining('id: label-values') as string,
    });
    await json(place, 'runner', ['data', 'rules', 'a.csv', '--out', 'r.yaml'], 0);
    expect(
      await json(place, 'runner', ['data', 'check', 'a.csv', '--rules', 'r.yaml', '--gate', 'low'], 0),
    ).toMatchObject({ findings: [] });
  });

  test('versions are compared, by key and by content', async () => {
    const place = contract.place('fresh');
    const now = ROWS.map((row, i) =>
      i < 3 ? row.replace('ham', 'spam') : i === 9 ? row.replace('note', 'other') : row,
    );
    write(place, { 'a.csv': csv(ROWS), 'b.csv': csv([...now.slice(0, 118), '300,1,ham,new']) });
    const compare = ['data', 'compare', 'a.csv', 'b.csv', '--label', 'label', '--source', 'label'];
    expect(await json(place, 'runner', [...compare, '--key', 'id'], 0)).toMatchObject({
      added: { count: 1 },
      removed: { count: 2 },
      relabelled: { count: 2 },
      relabels: [{ from: 'ham', to: 'spam', count: 2 }],
    });
    expect(await json(place, 'runner', ['data', 'compare', 'a.csv', 'b.csv'], 0)).toMatchObject({
      added: { count: 4 },
      removed: { count: 5 },
    });
  });

  test('a card is written, and held to the bytes', async () => {
    const place = contract.place('fresh');
    write(place, { 'a.csv': csv(ROWS), 'facts.yaml': 'dataBiases: only two senders\n' });
    const card = [
      'data',
      'card',
      'a.csv',
      '--name',
      'mails',
      '--license',
      'https://spdx.org/licenses/CC0-1.0',
      '--rai',
      'facts.yaml',
    ];
    expect(await json(place, 'runner', card, 0)).toMatchObject({ card: { 'rai:dataBiases': 'only two senders' } });
    await json(place, 'runner', [...card, '--out', 'card.json'], 0);
    const verify = ['data', 'card', 'a.csv', '--verify', 'card.json'];
    expect(await json(place, 'runner', verify, 0)).toMatchObject({ verified: ['a.csv'], findings: [] });
    write(place, { 'a.csv': csv(ROWS.slice(1)) });
    expect(await json(place, 'runner', verify, 1)).toMatchObject({
      findings: [{ rule: 'card.size' }, { rule: 'card.digest' }],
    });
    const text = readFileSync(join(place.project, 'card.json'), 'utf8').replace(/"sha256": "\w+"/, '"version": "1"');
    write(place, { 'a.csv': csv(ROWS), 'no-digest.json': text });
    expect(await json(place, 'runner', ['data', 'card', 'a.csv', '--verify', 'no-digest.json'], 2)).toMatchObject({
      outcome: 'inconclusive',
    });
    mkdirSync(join(place.project, 'parts'));
    write(place, { 'parts/1.csv': csv(ROWS), 'parts/2.csv': csv(ROWS) });
    expect(await json(place, 'runner', ['data', 'card', 'parts'], 0)).toMatchObject({ files: 2 });
  });
}
