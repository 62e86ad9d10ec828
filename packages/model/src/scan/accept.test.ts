// Suppressions and baselines: pinned to the bytes, ended by their day, and never a way to hide what is new.
import { describe, expect, it } from 'vitest';
import { pickle } from '@vallum/formats/testing';
import type { Acceptance, Suppression } from './accept.js';
import { accept } from './accept.js';
import type { ScanReport } from './report.js';
import { scanPath } from './scan-path.js';
import { memoryDisk } from './testing/scan-bytes.js';

const shell = pickle().global('os', 'system').call('id').stop();
const other = pickle().global('os', 'system').call('rm').stop();
const unknown = Buffer.from('000102fffe', 'hex');
const scan = (files: Readonly<Record<string, Uint8Array>>): Promise<ScanReport> =>
  scanPath(memoryDisk(files), '/m', { digests: 'noted' });
const digestOf = (report: ScanReport, path: string): string =>
  report.files.find((file) => file.path === path)?.sha256 ?? '';
const on = (suppressions: readonly Suppression[], today = '2026-11-22'): Acceptance => ({ suppressions, today });
const forever = { reason: 'reviewed by hand', expires: '2027-01-01' };

describe('a suppression', () => {
  it('takes the finding out of these bytes, and says so', async () => {
    const seen = await scan({ 'a.pkl': shell });
    const sha256 = digestOf(seen, 'a.pkl');
    const settled = accept(seen, on([{ rule: 'VLM-PKL-001', sha256, ...forever }]));
    expect([seen.outcome, settled.outcome, settled.summary.accepted]).toEqual(['fail', 'pass', 1]);
    expect(settled.files[0]?.accepted?.[0]).toMatchObject({ by: 'suppression', finding: { rule: 'VLM-PKL-001' } });
    expect(settled.summary.unusedSuppressions).toEqual([]);
  });

  it('holds on its last day and not on the next', async () => {
    const seen = await scan({ 'a.pkl': shell });
    const one = { rule: 'VLM-PKL-001', sha256: digestOf(seen, 'a.pkl'), ...forever };
    expect(accept(seen, on([one], '2027-01-01')).outcome).toBe('pass');
    const late = accept(seen, on([one], '2027-01-02'));
    expect(late.outcome).toBe('fail');
    expect(late.summary.unusedSuppressions).toMatchObject([{ rule: 'VLM-PKL-001', why: 'expired' }]);
  });

  it('does nothing for other bytes, another rule, or a file without a digest', async () => {
    const seen = await scan({ 'a.pkl': shell });
    const sha256 = digestOf(await scan({ 'a.pkl': other }), 'a.pkl');
    expect(accept(seen, on([{ rule: 'VLM-PKL-001', sha256, ...forever }])).outcome).toBe('fail');
    const wrongRule = { rule: 'VLM-PKL-002', sha256: digestOf(seen, 'a.pkl'), ...forever };
    expect(accept(seen, on([wrongRule])).summary.unusedSuppressions).toMatchObject([{ why: 'nothing-to-suppress' }]);
    const bare = await scanPath(memoryDisk({ 'a.pkl': shell }), '/m');
    expect(accept(bare, on([{ rule: 'VLM-PKL-001', sha256: digestOf(seen, 'a.pkl'), ...forever }])).outcome).toBe(
      'fail',
    );
  });

  it('can accept what was not examined', async () => {
    const seen = await scan({ blob: unknown });
    const one = { rule: 'not-examined', sha256: digestOf(seen, 'blob'), ...forever };
    expect([seen.outcome, accept(seen, on([one])).outcome]).toEqual(['inconclusive', 'pass']);
  });
});

describe('a baseline', () => {
  it('leaves only what is new', async () => {
    const before = await scan({ 'a.pkl': shell, blob: unknown });
    const same = accept(before, { ...on([]), baseline: before });
    expect([same.outcome, same.summary.accepted]).toEqual(['pass', 2]);
    const more = accept(await scan({ 'a.pkl': shell, 'b.pkl': other, blob: unknown }), { ...on([]), baseline: before });
    expect(more.outcome).toBe('fail');
    expect(more.files.map(({ path, outcome }) => [path, outcome])).toEqual([
      ['a.pkl', 'pass'],
      ['b.pkl', 'fail'],
      ['blob', 'pass'],
    ]);
  });

  it('knows a file by its bytes: changed ones are new, moved ones are not', async () => {
    const before = await scan({ 'a.pkl': shell });
    expect(accept(await scan({ 'a.pkl': other }), { ...on([]), baseline: before }).outcome).toBe('fail');
    expect(accept(await scan({ 'moved.pkl': shell }), { ...on([]), baseline: before }).outcome).toBe('pass');
  });

  it('passes on what an earlier one held, and not what a suppression hid', async () => {
    const seen = await scan({ 'a.pkl': shell });
    const second = accept(seen, { ...on([]), baseline: seen });
    expect(accept(seen, { ...on([]), baseline: second }).outcome).toBe('pass');
    const hidden = accept(seen, on([{ rule: 'VLM-PKL-001', sha256: digestOf(seen, 'a.pkl'), ...forever }]));
    expect(accept(seen, { ...on([]), baseline: hidden }).outcome).toBe('fail');
  });
});
