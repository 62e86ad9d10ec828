// Holds the scanner to files that the real libraries made: each passes, with no finding that a reader must act on.
import { describe, expect, it } from 'vitest';
import { RULES } from './attack-tables.js';
import { scanBytes } from './scan-bytes.js';

export interface RealFiles {
  readonly made: string;
  readonly files: readonly { readonly name: string; readonly base64: string; readonly open?: string }[];
}

/** `open` in a file says what stays unexamined in it. */
export function holdRealFiles(area: string, { files }: RealFiles): void {
  describe(`files of the real libraries: ${area}`, () => {
    it.each(files.map((file) => [file.name, file] as const))('%s', async (name, { base64, open }) => {
      const report = await scanBytes(name, Buffer.from(base64, 'base64'), { rules: RULES });
      const [file] = report.files;
      expect(file?.findings.filter(({ severity }) => severity !== 'info' && severity !== 'low')).toEqual([]);
      expect(report.outcome).toBe(open === undefined ? 'pass' : 'inconclusive');
      if (open !== undefined) expect(file?.notExamined.map(({ what }) => what).join()).toContain(open);
    });
  });
}
