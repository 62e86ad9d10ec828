import type { ControlResult } from '@vallum/core';
import { isBlocked, nodeDisk } from '@vallum/core';
import { rulesDigest } from '@vallum/detect';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../manifest/dataset.js';
import { createRowSource } from '../rows/row-source.js';
import { codeOf, mailOf, run, unreadable, withFolder, writeFeed } from '../testing/feeds.js';
import type { TestRow } from '../testing/feeds.js';
import type { Approval } from './approvals.js';
import { planPiiScan } from './plan-pii-scan.js';

const email = (scope: Approval['scope'] = 'all'): Approval => ({
  class: 'email',
  scope,
  reason: 'public mailing lists',
});

async function scan(
  feeds: Record<string, readonly TestRow[]>,
  approved: readonly Approval[] = [],
): Promise<ControlResult> {
  return withFolder(async (folder) => {
    const refs = [];
    for (const [name, rows] of Object.entries(feeds)) refs.push(await writeFeed(folder, name, rows));
    const dataset = await openDataset({ disk: nodeDisk, feeds: refs, subjectName: 'd@v1' });
    return run(await planPiiScan({ dataset, source: createRowSource(nodeDisk), approved }));
  });
}

const metric = (result: ControlResult, id: string): unknown => result.metrics.find((entry) => entry.id === id);

describe('data.pii_scan', () => {
  it('passes rows without personal data', async () => {
    const result = await scan({ f: [{}, {}] });
    expect(result).toMatchObject({ outcome: 'pass', findings: [] });
    expect(metric(result, 'pii.email.rows')).toEqual({ id: 'pii.email.rows', value: 0, unit: 'rows', n: 2 });
  });

  it('fails on a class that is not approved, with class, feed, row, count and a masked sample', async () => {
    const result = await scan({ f: [{}, { mail: mailOf('x', 'jane.doe@mail.example and joe@mail.example') }] });
    expect(result.outcome).toBe('fail');
    expect(result.findings).toMatchObject([
      {
        severity: 'high',
        message: 'not approved: email in 1 rows of f (2 values), such as j***@m***.example',
        location: { feed: 'f' },
      },
      { severity: 'high', message: 'email: 2 values, such as j***@m***.example', location: { feed: 'f', row: 'r2' } },
    ]);
    expect(metric(result, 'pii.email.values')).toMatchObject({ value: 2, n: 2 });
  });

  it('lists an approved class as info and passes', async () => {
    const result = await scan({ f: [{ mail: mailOf('x', 'jane@mail.example') }] }, [email()]);
    expect(result).toMatchObject({
      outcome: 'pass',
      findings: [{ severity: 'info', message: expect.stringContaining('approved: email') as string }],
    });
  });

  it('holds an approval to its feeds', async () => {
    const rows = [{ mail: mailOf('x', 'jane@mail.example') }];
    const result = await scan({ a: rows, b: rows }, [email(['a'])]);
    expect(result.outcome).toBe('fail');
    expect(result.findings.filter(({ severity }) => severity === 'high').map(({ location }) => location.feed)).toEqual([
      'b',
      'b',
    ]);
  });

  it('puts secrets and cards first', async () => {
    const result = await scan({
      f: [
        { mail: mailOf('x', 'jane@mail.example') },
        { mail: mailOf('x', 'Password: hunter22 and 4111 1111 1111 1111') },
      ],
    });
    expect(result.findings[0]?.severity).toBe('critical');
    expect(result.findings.at(-1)?.rule).toBe('pii.email');
  });

  it('never puts a value into the result', async () => {
    const values = [
      'jane.doe@mail.example',
      'hunter22',
      '4111 1111 1111 1111',
      '536-90-4399',
      '+44 20 7946 0018',
      'GB82WEST12345698765432',
    ];
    const result = await scan({ f: [{ mail: mailOf('x', `password: hunter22, card ${values.join(' ; ')}`) }] });
    for (const value of values) expect(JSON.stringify(result)).not.toContain(value);
    expect(result.findings.length).toBeGreaterThanOrEqual(2 * 6);
  });

  it.each([
    ['base64', `Content-Transfer-Encoding: base64\n\n${Buffer.from('card 4111 1111 1111 1111').toString('base64')}`],
    ['quoted-printable', 'Content-Transfer-Encoding: quoted-printable\n\ncard 4111 1111=\n 1111 1111'],
    ['HTML', 'Content-Type: text/html\n\ncard 4111<b></b> 1111 <i>1111</i> 1111'],
    ['an encoded subject', `Subject: =?utf-8?B?${Buffer.from('card 4111 1111 1111 1111').toString('base64')}?=\n\n`],
  ])('reads through %s', async (_what, mail) => {
    expect(metric(await scan({ f: [{ mail }] }), 'pii.payment_card.rows')).toMatchObject({ value: 1 });
  });

  it('reads headers too, but takes message ids for what they are', async () => {
    const ids = 'Message-Id: <1@host.example>\r\nReferences: <2@host.example>\r\n\t<3@host.example>\r\n';
    const result = await scan({ f: [{ mail: `${ids}From: jane@mail.example\r\n\r\nReferences: joe@mail.example` }] });
    expect(metric(result, 'pii.email.values')).toMatchObject({ value: 2 });
  });

  it('counts a value once a row, whatever form it has', async () => {
    const mail = `From: Jane@mail.example\nContent-Type: text/html\n\njane@mail.example <b>jane@mail.example</b>`;
    expect(metric(await scan({ f: [{ mail }] }), 'pii.email.values')).toMatchObject({ value: 1 });
  });

  it('plans with the rules digest and only the approvals that touch these feeds', async () => {
    await withFolder(async (folder) => {
      const feeds = [await writeFeed(folder, 'f', [{}])];
      const source = createRowSource(nodeDisk);
      const dataset = await openDataset({ disk: nodeDisk, feeds, subjectName: 'd@v1' });
      const plan = (approved: readonly Approval[]): ReturnType<typeof planPiiScan> =>
        planPiiScan({ dataset, source, approved });
      const planned = await plan([email(['f', 'later']), { class: 'phone', scope: ['later'], reason: 'not here' }]);
      expect(planned).toMatchObject({
        kind: 'data.pii_scan',
        rules: rulesDigest(),
        parameters: { approved: [{ class: 'email', feeds: ['f'] }], gate: 'high' },
      });
      expect(await codeOf(() => plan([{ class: 'emails', scope: 'all', reason: 'x' }]))).toMatch(
        /^DATA_PII_APPROVAL: .*"emails"/,
      );
      expect(await codeOf(() => plan([{ class: 'email', scope: 'all', reason: ' ' }]))).toMatch(/reason/);
      const blocked = await planPiiScan({
        dataset: await openDataset({ disk: unreadable('feed.json'), feeds, subjectName: 'd@v1' }),
        source,
        approved: [],
      });
      expect(isBlocked(blocked)).toBe(true);
    });
  });

  it('says what it did not read', async () => {
    const result = await scan({ f: [{ mail: 'Content-Type: image/png\n\nAAAA' }] });
    expect(result.coverage.notExamined.map(({ what }) => what)).toEqual([
      '1 attachments and other parts, decoded',
      'names, postal addresses and other free text',
    ]);
  });
});
