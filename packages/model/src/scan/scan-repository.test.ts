// Everything around the weights that is no Python: each attack fails with a rule of its class, each clean twin passes.
import { describe, expect, it } from 'vitest';
import { TEXT_ATTACK_CLASSES } from './testing/repository-attacks.js';
import { scanPath } from './scan-path.js';
import type { ScanReport } from './report.js';
import { memoryDisk } from './testing/scan-bytes.js';

/** As part of a folder, since a path like `.git/hooks/` says what a file is for. */
const scan = (name: string, text: string): Promise<ScanReport> => scanPath(memoryDisk({ [name]: Buffer.from(text) }), '/m');
const REASONS = /^(?:high|critical)$/;

describe.each(TEXT_ATTACK_CLASSES)('$name', ({ attacks, clean, rules }) => {
  it.each(attacks)('fails $name: $text', async ({ name, text }) => {
    const report = await scan(name, text);
    const grave = report.files.flatMap((file) => file.findings).filter(({ severity }) => REASONS.test(severity));
    expect([report.outcome, grave.map(({ rule }) => rule).join(' ')]).toEqual(['fail', expect.stringMatching(new RegExp(rules))]);
  });

  it.each(clean)('passes $name: $text', async ({ name, text }) => {
    const report = await scan(name, text);
    expect([report.outcome, report.files[0]?.findings.filter(({ severity }) => REASONS.test(severity)), report.files[0]?.notExamined]).toEqual(['pass', [], []]);
  });
});
