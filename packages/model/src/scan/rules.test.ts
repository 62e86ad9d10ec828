// The rule files hold together: ids that exist, names that can match, ATLAS techniques that are in the catalog.
import { readFileSync } from 'node:fs';
import { SEVERITIES } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { RULE_FILES } from './rule-files.js';
import { buildRules } from './rules.js';

const catalog = JSON.parse(readFileSync(new URL('../../../../catalog/atlas.json', import.meta.url), 'utf8')) as {
  techniques: { id: string }[];
};
const KINDS = new Set(
  'any pickle encoded function int float text bytes bool none tuple list dict set frozenset bytearray global class result instance persistent ...'.split(
    ' ',
  ),
);
const HOW = new Set(['reference', 'call', 'build', 'items']);

describe('findings', () => {
  const { findings } = { findings: RULE_FILES.findings.flatMap((family) => family.findings) };
  it('have unique ids, a severity, a fix and techniques of the catalog', () => {
    const techniques = new Set(catalog.techniques.map(({ id }) => id));
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    for (const { id, severity, fix, atlas, cwe } of findings) {
      expect(id).toMatch(/^VLM-[A-Z]{3,4}-\d{3}$/);
      expect(SEVERITIES).toContain(severity);
      expect(fix.length).toBeGreaterThan(5);
      expect(atlas.length).toBeGreaterThan(0);
      for (const one of atlas) expect(techniques).toContain(one);
      for (const one of cwe) expect(one).toMatch(/^CWE-\d+$/);
    }
  });

  it('are all that the key rules name', () => {
    const ids = new Set(findings.map(({ id }) => id));
    for (const rule of RULE_FILES.jsonKeys.rules) if (rule.finding !== undefined) expect(ids).toContain(rule.finding);
  });
});

describe('allowlist', () => {
  const entries = RULE_FILES.packs.flatMap((pack) => pack.allow);
  it('is well-formed', () => {
    for (const entry of entries) {
      for (const name of entry.names) expect(name).toMatch(/^[\w.]+:[\w.]+$/);
      for (const how of entry.how) expect(HOW).toContain(how);
      for (const spec of [...(entry.args ?? []), ...(entry.newArgs ?? []), ...(entry.sets ?? [])])
        if (typeof spec === 'string')
          for (const kind of spec.replace(/\?$/, '').split('|')) expect(KINDS).toContain(kind);
    }
  });

  it('lists no name twice', () => {
    const names = entries.flatMap((entry) => entry.names);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('lets no name be called that the explanations know to be dangerous, unless its arguments are fixed', () => {
    const called = entries.filter((entry) => entry.how.includes('call') && entry.args === undefined);
    expect(called.flatMap((entry) => entry.names)).toEqual([]);
  });

  it('allows classes by pattern only, never functions to be called', () => {
    for (const pack of RULE_FILES.packs)
      for (const { how, name } of pack.classes ?? []) {
        expect(how).not.toContain('call');
        for (const dotted of ['os.system', 'a.b']) expect(new RegExp(name).test(dotted)).toBe(false);
      }
  });
});

it('gives another digest for other rules', () => {
  const changed = buildRules({ ...RULE_FILES, explain: { explain: [], tampering: [] } });
  expect(buildRules().digest).toMatch(/^[0-9a-f]{64}$/);
  expect(changed.digest).not.toBe(buildRules().digest);
});
