// A scan policy, `vallum/scan-policy/v1`: the gate, names that pickles of one's own may use, and findings that somebody
// has accepted for exactly these bytes until a day. It changes what `vallum scan` answers and never what evidence says.
import { isJsonObject, VallumError } from '@vallum/core';
import { readYaml } from '@vallum/formats';
import type { AllowEntry, Suppression } from '@vallum/model';
import { didYouMean } from '@vallum/policy';
import * as z from 'zod';

export const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_ROWS = 10_000;

const suppression = z.strictObject({
  rule: z
    .string()
    .regex(/^(?:VLM-[A-Z]{3,4}-\d{3}|not-examined)$/, 'a rule is an id such as VLM-PKL-001, or not-examined'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a digest has 64 lower-case hexadecimal digits'),
  reason: z.string().min(10, 'a reason is a sentence'),
  expires: z.iso.date('a day is written YYYY-MM-DD'),
});
const allow = z.strictObject({
  names: z.array(z.string().regex(/^[\w.]+:[\w.]+$/, 'a name is written module:name')).min(1),
  how: z.array(z.enum(['reference', 'call', 'build', 'items'])).min(1),
  reason: z.string().min(10, 'a reason is a sentence'),
});
const schema = z.strictObject({
  schema: z.literal('vallum/scan-policy/v1'),
  gate: z.enum(['critical', 'high', 'medium', 'low']).optional(),
  allow: z.array(allow).max(MAX_ROWS).default([]),
  suppressions: z.array(suppression).max(MAX_ROWS).default([]),
});

export interface ScanPolicy {
  readonly gate: 'critical' | 'high' | 'medium' | 'low' | undefined;
  readonly allow: readonly AllowEntry[];
  readonly suppressions: readonly Suppression[];
}

/** @throws VallumError `SCAN_POLICY` naming the key, or why the YAML cannot be read */
export function readScanPolicy(bytes: Uint8Array): ScanPolicy {
  const value = readYaml(new TextDecoder().decode(bytes), { maxBytes: MAX_POLICY_BYTES });
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw explain(parsed.error.issues, isJsonObject(value));
  const { gate, suppressions, allow: rows } = parsed.data;
  return { gate, suppressions, allow: rows.map(({ names, how }) => ({ names, how })) };
}

function explain(issues: readonly z.core.$ZodIssue[], mapping: boolean): VallumError {
  if (!mapping) return wrong('it is not a mapping of keys');
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const where = (issue?.path ?? []).map(String).join('.');
  if (issue?.code === 'unrecognized_keys') {
    const word = issue.keys[0] ?? '';
    const key = where === '' ? word : `${where}.${word}`;
    return wrong(`the key ${JSON.stringify(key)} is not known`, didYouMean(word, KEYS));
  }
  return wrong(`${where === '' ? 'the document' : `the key ${JSON.stringify(where)}`}: ${issue?.message ?? 'wrong'}`);
}

const KEYS = ['schema', 'gate', 'allow', 'suppressions', 'rule', 'sha256', 'reason', 'expires', 'names', 'how'];

function wrong(sentence: string, fix = 'see docs/scanner.md, "Policy"'): VallumError {
  return new VallumError('SCAN_POLICY', sentence, { fix });
}
