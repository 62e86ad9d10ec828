// A baseline is an earlier answer of `vallum scan --format json`; only what it needs is read.
import { messageOf, parseJsonStrict, VallumError } from '@vallum/core';
import type { Baseline } from '@vallum/model';
import * as z from 'zod';

export const MAX_BASELINE_BYTES = 64 * 1024 * 1024;

const finding = z.looseObject({
  rule: z.string(),
  message: z.string(),
  location: z.looseObject({ entry: z.string().optional(), offset: z.number().optional(), line: z.number().optional() }),
});
const notExamined = z.looseObject({ what: z.string(), why: z.string() });
const schema = z.looseObject({
  schema: z.literal('vallum/scan/v1'),
  files: z.array(
    z.looseObject({
      path: z.string(),
      sha256: z.string().optional(),
      findings: z.array(finding),
      notExamined: z.array(notExamined),
      accepted: z
        .array(z.looseObject({ by: z.string(), finding: finding.optional(), notExamined: notExamined.optional() }))
        .optional(),
    }),
  ),
});

/** @throws VallumError `SCAN_BASELINE` */
export function readBaseline(bytes: Uint8Array): Baseline {
  try {
    const value = parseJsonStrict(bytes, { maxBytes: MAX_BASELINE_BYTES, maxDepth: 32 });
    return schema.parse(value) as unknown as Baseline;
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it is no answer of vallum scan --format json' : messageOf(error);
    throw new VallumError('SCAN_BASELINE', why, { fix: 'make one: vallum scan PATH --format json > baseline.json' });
  }
}
