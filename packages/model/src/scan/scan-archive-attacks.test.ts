// Archives as a way past the scanner, class by class, each with its clean twin, under names that mislead as well.
import { PACKED } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { ARCHIVE_ATTACKS } from './testing/archive-attacks.js';
import { scanBytes, verdictOf } from './testing/scan-bytes.js';

const named = ARCHIVE_ATTACKS.flatMap(({ name, attacks }) =>
  Object.entries(attacks).map(([attack, bytes]) => [`${name}: ${attack}`, bytes] as const),
);
const twins = ARCHIVE_ATTACKS.flatMap(({ name, clean }) =>
  Object.entries(clean).map(([twin, bytes]) => [`${name}: ${twin}`, bytes] as const),
);

describe('attacks by archive', () => {
  it('are at least five in each class', () => {
    for (const { attacks } of ARCHIVE_ATTACKS) expect(Object.keys(attacks).length).toBeGreaterThanOrEqual(5);
  });

  it.each(named)('%s', async (_name, bytes) => {
    for (const name of ['model', 'model.bin', 'notes.txt']) expect(await verdictOf(name, bytes)).toMatch(/^fail /);
  });
});

describe('their clean twins', () => {
  it.each(twins)('%s', async (_name, bytes) => {
    const report = await scanBytes('model', bytes);
    expect(report.files[0]?.notExamined).toEqual([]);
    expect(report.outcome).toBe('pass');
  });

  it.each(Object.entries(PACKED.joblib))('joblib with %s', async (_name, bytes) => {
    expect(await verdictOf('model.joblib', bytes)).toBe('pass');
    expect(await verdictOf('model.pkl', bytes)).toBe('pass');
  });
});

describe('7z', () => {
  it('is never a pass, and fails where a loader expects something else', async () => {
    expect(await verdictOf('data.7z', PACKED.seven)).toMatch(/^inconclusive/);
    for (const name of ['model.pt', 'model.pkl', 'pytorch_model.bin'])
      expect(await verdictOf(name, PACKED.seven)).toMatch(/^fail .*VLM-SEV-001/);
  });
});
