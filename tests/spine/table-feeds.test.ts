// A version whose feeds are tables, through `vallum check`: what holds, one broken twin for each control, and the way from a
// poisoned feed over signed decisions to a new one.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestJson, nodeDisk, sha256, STATEMENT_TYPE } from '@vallum/core';
import { decisionPredicate, REVIEW_TYPE } from '@vallum/data';
import { submit } from '@vallum/ledger';
import { generateKey, readKeyFolder, signStatement } from '@vallum/trust';
import { afterEach, describe, expect, test } from 'vitest';
import { checkCommand } from '../../packages/cli/src/commands/check.js';
import { dataReviewApplyCommand } from '../../packages/cli/src/commands/data-review-apply.js';
import { dataReviewDecideCommand } from '../../packages/cli/src/commands/data-review-decide.js';
import { dataReviewCommand } from '../../packages/cli/src/commands/data-review.js';
import { revokeCommand } from '../../packages/cli/src/commands/revoke.js';
import { CHECK } from '../support/release.js';
import type { TableProject } from '../support/table-project.js';
import { makeTableProject, sample } from '../support/table-project.js';

let project: TableProject | undefined;
afterEach(() => project?.remove());

const made = async (mark = false): Promise<TableProject> => (project = await makeTableProject(mark));

interface Control {
  readonly kind: string;
  readonly outcome: string;
  readonly how?: string;
  readonly reason?: { readonly code: string; readonly message: string };
  readonly findings?: readonly { readonly rule: string }[];
}

async function check(tables: TableProject): Promise<Record<string, Control>> {
  const { json } = await checkCommand(tables.io('runner'), 'tables', CHECK);
  return Object.fromEntries((json as { controls: Control[] }).controls.map((each) => [each.kind, each]));
}

const WHY = 'the sender denies having sent it';

interface Item {
  readonly id: string;
  readonly feed: string;
  readonly row: string;
  readonly label: string;
  readonly content: string;
  readonly snippet: string;
  readonly decision?: { readonly choice: string };
}

interface Queue {
  readonly open: number;
  readonly decided: number;
  readonly stale: number;
  readonly items: readonly Item[];
}

const queue = async (tables: TableProject): Promise<Queue> =>
  (await dataReviewCommand(tables.io('runner'), 'tables')).json as Queue;

describe('a version that was trained on tables', () => {
  test('has its data proven, its lineage too, and what asks for mails says so', async () => {
    const controls = await check(await made());
    for (const kind of ['data.manifest', 'data.validation', 'data.pii_scan', 'data.poison_scan', 'lineage.graph'])
      expect([kind, controls[kind]?.outcome]).toEqual([kind, 'pass']);
    expect(controls['robustness.report']).toMatchObject({ outcome: 'inconclusive', reason: { code: 'DATA_TABLE' } });
    const again = await check(project as TableProject);
    expect(again['data.poison_scan']?.how).toBe('reused');
  });

  test('has each control fail on what it is there for', async () => {
    const tables = await made();
    replaceIn(join(tables.root, 'feeds/csv-feed/feed.json'), '"license":"CC0-1.0"', '"license":""');
    const rows = ['n1,eggs,0,0,0,0,0,0,0,0', 'n2,ham,99,0,0,0,0,0,0,0', '4111 1111 1111 1111,ham,1,0,0,0,0,0,0,0'];
    appendFileSync(join(tables.root, 'feeds/csv-feed/rows.csv'), `${rows.join('\n')}\n`);
    const controls = await check(tables);
    for (const [kind, ...rules] of [
      ['data.manifest', 'manifest.license_missing'],
      ['data.validation', 'row.label', 'rules.x0-range'],
      ['data.pii_scan', 'pii.payment_card'],
      ['lineage.graph', 'lineage.feed-changed'],
    ] as const) {
      expect([kind, controls[kind]?.outcome]).toEqual([kind, 'fail']);
      for (const rule of rules) expect(JSON.stringify(controls[kind])).toContain(rule);
    }
    expect(JSON.stringify(controls)).not.toContain('4111 1111');
  });

  test('goes from a poisoned feed to a new one by signed decisions', async () => {
    const tables = await made(true);
    const { root } = tables;
    expect((await check(tables))['data.poison_scan']?.outcome).toBe('fail');
    const before = await queue(tables);
    expect([before.open, before.decided]).toEqual([before.items.length, 0]);
    const poisoned = before.items.filter(({ feed, label }) => feed === 'parquet-feed' && label === 'ham');
    expect(poisoned.length).toBeGreaterThanOrEqual(20);
    const [kept, relabelled, ...dropped] = poisoned as [Item, Item, ...Item[]];
    const decide = (rows: readonly Item[], choice: object) =>
      dataReviewDecideCommand(
        tables.io('approver'),
        'tables',
        rows.map(({ row }) => row),
        { ...choice, why: WHY },
      );
    await decide(dropped, { drop: true });
    await decide([relabelled], { relabel: 'spam' });
    await decide([kept], { drop: true });
    await decide([kept], { keep: true });
    // Nobody but the approver may, and whoever writes the statement by hand is not believed.
    await expect(
      dataReviewDecideCommand(tables.io('author'), 'tables', [kept.row], { drop: true, why: WHY }),
    ).rejects.toThrow(/holds the role review/);
    await forge(tables, before.items.find(({ id }) => id === kept.id) as Item);
    const after = await queue(tables);
    expect(after).toMatchObject({ open: before.open - poisoned.length, decided: poisoned.length });
    expect(after.items.find(({ id }) => id === kept.id)?.decision?.choice).toBe('keep');
    const out = join(root, 'feeds/reviewed');
    const { json } = await dataReviewApplyCommand(tables.io('runner'), 'tables', 'parquet-feed', { out });
    expect(json).toMatchObject({
      rows: 600 - dropped.length,
      relabelled: [{ row: relabelled.row, from: 'ham', to: 'spam' }],
    });
    const rows = readFileSync(join(out, 'rows.jsonl'), 'utf8').trim().split('\n');
    expect(rows).toHaveLength(600 - dropped.length);
    const report = JSON.parse(readFileSync(join(out, 'review.json'), 'utf8')) as { dropped: { row: string }[] };
    expect(report.dropped.map(({ row }) => row).sort()).toEqual(dropped.map(({ row }) => row).sort());
    // The old feed and the verdict on it stay what they were.
    expect((await check(tables))['data.poison_scan']).toMatchObject({ outcome: 'fail', how: 'reused' });
    replaceIn(join(root, 'vallum.yaml'), 'feeds: [csv-feed, parquet-feed]', 'feeds: [csv-feed, reviewed]');
    replaceIn(join(root, 'vallum.yaml'), 'feeds: { ', 'feeds: { reviewed: feeds/reviewed, ');
    const reviewed = await check(tables);
    expect(reviewed['data.validation']?.outcome).toBe('pass');
    expect(reviewed['data.poison_scan']?.outcome).not.toBe('fail');
  }, 60_000);

  test('refuses a label that is not declared, and copies rows of CSV as they are, without those signed past the queue', async () => {
    const tables = await made(true);
    await check(tables);
    const { items } = await queue(tables);
    const key = await keyOf(tables, 'approver');
    const relabelled = items.find(({ feed }) => feed === 'parquet-feed') as Item;
    await signPast(tables, relabelled, { who: 'approver', key, choice: { action: 'relabel', label: 'eggs' } });
    const out = join(tables.root, 'feeds/reviewed');
    const apply = (feed: string) => dataReviewApplyCommand(tables.io('runner'), 'tables', feed, { out });
    await check(tables);
    await expect(apply('parquet-feed')).rejects.toMatchObject({ code: 'REVIEW_CHOICE' });
    const file = readFileSync(join(tables.root, 'feeds/csv-feed/rows.csv'), 'utf8');
    const [head = '', line = ''] = file.split('\n');
    const past = itemOf('csv-feed', head.split(','), line.split(','));
    expect(items.map(({ id }) => id)).not.toContain(past.id);
    await signPast(tables, past, { who: 'approver', key, choice: { action: 'drop' } });
    await check(tables);
    expect((await apply('csv-feed')).json).toMatchObject({ rows: 200, dropped: [], unknown: [{ row: past.row }] });
    expect(readFileSync(join(out, 'rows.csv'), 'utf8')).toBe(file);
  }, 60_000);

  test('forgets decisions that were taken back, and those about rows that changed', async () => {
    const tables = await made(true);
    await check(tables);
    const [first, second] = (await queue(tables)).items as [Item, Item];
    const decided = await dataReviewDecideCommand(tables.io('approver'), 'tables', [first.row, second.row], {
      drop: true,
      why: WHY,
    });
    expect(await queue(tables)).toMatchObject({ decided: 2 });
    const [statement] = (decided.json as { decided: { statement: string }[] }).decided;
    await revokeCommand(tables.io('approver'), statement?.statement, { reason: 'decided in a hurry' });
    expect(await queue(tables)).toMatchObject({ decided: 1 });
    const rows = sample(600, 2, true);
    const at = rows.id.indexOf(second.row);
    (rows.x[at] as number[])[0] = 0.5;
    tables.write('parquet-feed', rows);
    await expect(queue(tables)).rejects.toMatchObject({ code: 'REVIEW_NO_SCAN' });
    await check(tables);
    expect(await queue(tables)).toMatchObject({ decided: 0, stale: 1 });
    const out = join(tables.root, 'feeds/reviewed');
    const { json } = await dataReviewApplyCommand(tables.io('runner'), 'tables', 'parquet-feed', { out });
    expect(json).toMatchObject({ rows: 600, dropped: [], stale: [{ row: second.row }] });
    await expect(dataReviewApplyCommand(tables.io('runner'), 'tables', 'parquet-feed', { out })).rejects.toMatchObject({
      code: 'OUT_EXISTS',
    });
    expect(existsSync(join(out, 'feed.json'))).toBe(true);
  }, 60_000);
});

/** Two decisions that must not count: by an enrolled key without the role, and by a key of nobody. */
async function forge(tables: TableProject, item: Item): Promise<void> {
  const author = await keyOf(tables, 'author');
  for (const [who, key] of [
    ['author', author],
    ['approver', author],
    ['approver', generateKey('x', 'ed25519')],
  ] as const)
    await signPast(tables, item, { who, key, choice: { action: 'drop' } });
}

/** A row of CSV as the queue would have it. */
function itemOf(feed: string, names: readonly string[], cells: readonly string[]): Item {
  const of = (name: string): string => cells[names.indexOf(name)] ?? '';
  const [row, label] = [of('id'), of('label')];
  const rest = names.flatMap((name, at) => (name === 'id' || name === 'label' ? [] : [[name, cells[at]]]));
  const content = sha256(Buffer.from(JSON.stringify([label, JSON.stringify(rest)])));
  return { id: digestJson({ feed, row, content }), feed, row, label, content, snippet: '' };
}

type Key = Parameters<typeof signStatement>[1];

async function keyOf({ keys }: TableProject, who: string): Promise<Key> {
  const key = (await readKeyFolder(nodeDisk, join(keys, who))).find(({ name }) => name === who);
  if (key === undefined) throw new Error(`${who} has no key`);
  return key;
}

/** A decision that was not made by `vallum data review decide`. */
async function signPast(
  { root }: TableProject,
  { id, feed, row, content }: Item,
  { who, key, choice }: { readonly who: string; readonly key: Key; readonly choice: object },
): Promise<void> {
  const decision = { item: id, feed, row, content, choice, who, why: WHY, createdAt: new Date().toISOString() };
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: `${feed}/${row}`, digest: { sha256: id } }],
    predicateType: REVIEW_TYPE,
    predicate: decisionPredicate(decision as Parameters<typeof decisionPredicate>[0]),
  } as unknown as Parameters<typeof signStatement>[0];
  await submit(nodeDisk, join(root, '.vallum/inbox'), signStatement(statement, key));
}

function replaceIn(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(path, text.replace(from, to));
}
