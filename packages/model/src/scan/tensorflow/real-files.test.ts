// Clean files that the real libraries wrote (testing/make/tensorflow_files.py) pass, folder by folder, with nothing left over.
import { describe, expect, it } from 'vitest';
import { buildRules } from '../rules.js';
import { scanPath } from '../scan-path.js';
import { memoryDisk } from '../testing/scan-bytes.js';
import real from '../testing/tensorflow-files.json' with { type: 'json' };

const rules = buildRules();
const folders = new Map<string, Record<string, Uint8Array>>();
for (const { name, base64 } of real.files) {
  const [folder = '', ...path] = name.split('/');
  folders.set(folder, { ...folders.get(folder), [path.join('/')]: Buffer.from(base64, 'base64') });
}

describe('files of the real library', () => {
  it.each([...folders])('%s', async (_name, files) => {
    const report = await scanPath(memoryDisk(files), '/m', { rules });
    const severe = report.files.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'high');
    expect(severe).toEqual([]);
    expect(report.files.flatMap(({ notExamined }) => notExamined)).toEqual([]);
    expect(report.outcome).toBe('pass');
  });
});
