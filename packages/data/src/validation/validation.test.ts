import type { ControlResult } from '@vallum/core';
import { isBlocked, nodeDisk, SEVERITIES } from '@vallum/core';
import { mulberry32 } from '@vallum/stats';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../manifest/dataset.js';
import { createRowSource } from '../rows/row-source.js';
import { mailOf, run, unreadable, withFolder, writeFeed } from '../testing/feeds.js';
import type { TestRow } from '../testing/feeds.js';
import { planDataValidation } from './plan-validation.js';
import { defaultValidationRules, RULE_IDS } from './rules.js';

const labels = ['ham', 'spam'];

async function validate(rows: readonly TestRow[], facts = {}): Promise<ControlResult> {
  return withFolder(async (folder) => {
    const feeds = [await writeFeed(folder, 'f', rows, facts)];
    const dataset = await openDataset({ disk: nodeDisk, feeds, subjectName: 'd@v1' });
    return run(await planDataValidation({ dataset, source: createRowSource(nodeDisk), labels }));
  });
}

/** Rows of two topics, with words drawn from a seed, so that each label has its own language. */
function topics(count: number, seed = 1): TestRow[] {
  const random = mulberry32(seed);
  const words = {
    ham: ['meeting', 'patch', 'kernel', 'review', 'release', 'notes'],
    spam: ['money', 'offer', 'winner', 'click', 'prize', 'loan'],
  };
  return Array.from({ length: count }, (_, index) => {
    const label = index % 3 === 0 ? 'spam' : 'ham';
    const text = Array.from({ length: 8 }, () => words[label][Math.floor(random() * 6)]).join(' ');
    return { label, mail: mailOf(`${label} ${index}`.replace(/ham|spam/, 'number'), `${text} ${index}`) };
  });
}

const rulesOf = (result: ControlResult): string[] => [...new Set(result.findings.map(({ rule }) => rule))];
const rateOf = (result: ControlResult, id: string): number | undefined =>
  result.metrics.find((metric) => metric.id === `validation.${id}`)?.value;

describe('data.validation', () => {
  it('passes clean rows without a remark', async () => {
    const result = await validate(topics(120));
    expect(result.findings).toEqual([]);
    expect(result.outcome).toBe('pass');
    expect(result.coverage.examined.rows).toBe(120);
  });

  it.each([
    ['row.label', { label: 'Ham' }],
    ['row.date', { received: 'yesterday' }],
    ['row.date', { received: '1969-12-31' }],
    ['row.unreadable', { mail: `Subject: ${'x'.repeat(300_000)}\n\n` }],
  ])('fails on one row with %s: %#', async (rule, broken) => {
    const result = await validate([...topics(60), broken]);
    expect(result.outcome).toBe('fail');
    expect(rulesOf(result)).toEqual([rule]);
    expect(result.findings.map(({ location }) => location)).toEqual([{ feed: 'f' }, { feed: 'f', row: 'r61' }]);
  });

  it('takes a few rows without text, and fails on many', async () => {
    const empty = { mail: 'Subject: ...\n\n--\n' };
    const few = await validate([...topics(300), empty]);
    expect([few.outcome, rulesOf(few)]).toEqual(['pass', ['row.empty_text']]);
    expect((await validate([...topics(60), empty])).outcome).toBe('fail');
  });

  it('reads letters of any script as text', async () => {
    const korean = `Subject: =?utf-8?B?${Buffer.from('안녕하세요').toString('base64')}?=\n\n`;
    expect(rulesOf(await validate([...topics(30), { mail: korean }]))).not.toContain('row.empty_text');
  });

  it('judges dates against the day of the feed, with days of grace', async () => {
    const at = async (received: string): Promise<string[]> =>
      rulesOf(await validate([...topics(30), { received }], { received: '2026-02-01' }));
    expect(await at('2026-02-03')).toEqual([]);
    expect(await at('2026-02-04T00:00:00Z')).toEqual(['row.future']);
    expect(await at('2099-01-01')).toEqual(['row.future']);
  });

  it('remarks on repeated rows, and fails where they contradict each other', async () => {
    const mail = mailOf('Win', 'the same  text');
    const twice = await validate([
      ...topics(60),
      { label: 'spam', mail },
      { label: 'spam', mail: mailOf('win', 'The same text') },
    ]);
    expect([twice.outcome, rulesOf(twice)]).toEqual(['pass', ['duplicate.exact']]);
    const contradiction = await validate([...topics(60), { label: 'spam', mail }, { label: 'ham', mail }]);
    expect(contradiction.outcome).toBe('fail');
    expect(
      contradiction.findings.filter(({ rule }) => rule === 'duplicate.conflict').map(({ location }) => location.row),
    ).toEqual([undefined, 'r61', 'r62']);
  });

  it('fails where a label never occurs, and remarks on a rare one', async () => {
    const ham = topics(90).filter(({ label }) => label === 'ham');
    expect((await validate(ham)).findings).toMatchObject([{ rule: 'class.missing', severity: 'high' }]);
    const rare = await validate([
      ...ham,
      ...ham.map((row, n) => ({ ...row, mail: `${row.mail ?? ''} again ${n}` })),
      { label: 'spam', mail: mailOf('prize', 'money offer') },
    ]);
    expect(rare.findings.filter(({ rule }) => rule === 'class.rare')).toMatchObject([{ severity: 'medium' }]);
    expect(rare.outcome).toBe('pass');
  });

  it('remarks on rows whose label looks wrong, and never fails for them', async () => {
    // Each wrong row brings words of its own, which a model that had seen the row would learn by heart.
    const own = (index: number): string =>
      Array.from({ length: 40 }, (_, n) => `w${index}x${n}`)
        .join(' ')
        .replace(/\d/g, (d) => 'abcdefghij'[Number(d)] ?? '');
    const rows = topics(600).map((row, index) =>
      index % 50 === 7 ? { label: row.label === 'ham' ? 'spam' : 'ham', mail: `${row.mail ?? ''}${own(index)}` } : row,
    );
    const result = await validate(rows);
    expect(result.outcome).toBe('pass');
    const named = result.findings.filter(({ rule, location }) => rule === 'label.noise' && location.row !== undefined);
    expect(named.length).toBeGreaterThanOrEqual(8);
    for (const { location } of named) expect(Number(location.row?.slice(1)) % 50).toBe(8);
    expect(rateOf(result, 'label.noise')).toBeCloseTo(12 / 600, 2);
  });

  it('does not take the smaller label for the likelier one where nothing is known', async () => {
    const random = mulberry32(5);
    const noise = (): string => Array.from({ length: 30 }, () => Math.floor(random() * 1e9).toString(36)).join(' ');
    const rows = Array.from({ length: 300 }, (_, n) => ({
      label: n % 6 === 0 ? 'spam' : 'ham',
      mail: mailOf('', noise()),
    }));
    const doubted = (await validate(rows)).findings.filter(
      ({ rule, location }) => rule === 'label.noise' && location.row !== undefined,
    );
    for (const { message } of doubted) expect(message).toContain('labelled spam');
  });

  it('gives each share with its interval and says what it did not look at', async () => {
    const result = await validate([...topics(60), { mail: 'Content-Type: image/png\n\nAAAA' }]);
    for (const id of RULE_IDS)
      expect(result.metrics.find((metric) => metric.id === `validation.${id}`)).toMatchObject({
        n: 61,
        interval: { level: 0.95 },
      });
    expect(result.coverage.notExamined.map(({ what }) => what)).toEqual([
      '1 attachments and other parts',
      'near duplicates',
    ]);
  });

  it('plans with labels and rules, and is blocked where the dataset is', async () => {
    await withFolder(async (folder) => {
      const feeds = [await writeFeed(folder, 'f', topics(3))];
      const source = createRowSource(nodeDisk);
      const dataset = await openDataset({ disk: nodeDisk, feeds, subjectName: 'd@v1' });
      const planned = await planDataValidation({ dataset, source, labels: ['spam', 'ham'] });
      expect(planned).toMatchObject({
        kind: 'data.validation',
        version: '1',
        rules: defaultValidationRules().digest,
        parameters: { labels: ['ham', 'spam'], gate: 'high' },
      });
      const blocked = await planDataValidation({
        dataset: await openDataset({ disk: unreadable('rows.jsonl'), feeds, subjectName: 'd@v1' }),
        source,
        labels,
      });
      expect(isBlocked(blocked)).toBe(true);
    });
  });

  it('has a rule in the file for each id in the code', () => {
    const { rules } = defaultValidationRules();
    expect(rules.map(({ id }) => id).sort()).toEqual([...RULE_IDS].sort());
    for (const { above, upTo, maxShare } of rules) {
      expect(SEVERITIES.indexOf(above)).toBeLessThanOrEqual(SEVERITIES.indexOf(upTo));
      expect(maxShare).toBeGreaterThanOrEqual(0);
    }
  });
});
