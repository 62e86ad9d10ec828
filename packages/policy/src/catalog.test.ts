// The catalog as the packages rely on it: what judges reads it, the schemas are real JSON Schema that accept what controls
// write and refuse what they must not, and the check notices a broken edit.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@vallum/core';
import { parseJsonStrict, readKinds, sha256 } from '@vallum/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { predicate } from './testing/world.js';

const catalog = fileURLToPath(new URL('../../../catalog', import.meta.url));
const kinds = readKinds(parseJsonStrict(readFileSync(join(catalog, 'evidence-kinds.json'))));
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
for (const file of readdirSync(join(catalog, 'schemas')))
  ajv.addSchema(parseJsonStrict(readFileSync(join(catalog, 'schemas', file))) as object);

function accepts(kind: string, value: object): boolean {
  return ajv.validate(`urn:vallum:schema:${kind}:v1`, value);
}

const share = (id: string) => ({
  id,
  value: 0.1,
  unit: 'share',
  n: 10,
  interval: { low: 0, high: 0.2, level: 0.95, method: 'clopper-pearson' },
});
const monitored = {
  gate: 'critical',
  window: { rows: 1000 },
  falseAlarm: 'P30D',
  floor: { shift: 0.05, moved: 0.02, performance: 0.02 },
  ignore: [],
};
const samples: Readonly<Record<string, { readonly parameters: JsonObject; readonly metrics?: readonly object[] }>> = {
  'data.manifest': { parameters: {} },
  'data.validation': { parameters: { labels: ['ham', 'spam'], gate: 'high' } },
  'data.pii_scan': { parameters: { approved: [{ class: 'email', feeds: ['easy-ham-1'] }], gate: 'high' } },
  'data.poison_scan': {
    parameters: { seed: 1, trained: { 'easy-ham-1': 2000 } },
    metrics: [share('poison.suspect-rows')],
  },
  'artifact.scan': { parameters: { gate: 'high', budgets: { depth: 4 } } },
  'signature.verify': {
    parameters: { format: 'openssf-model-signing-v1.0', profile: 'strict', trustedKeys: [sha256('k')] },
  },
  'robustness.report': {
    parameters: { attack: 'good-words', words: 5, samples: 200, seed: 1 },
    metrics: [share('evasion-rate'), share('clean-accuracy')],
  },
  'data.encryption': { parameters: { gate: 'high', declared: ['model/v1', 'data/easy-ham-1'] } },
  'access.policy': { parameters: { actions: ['open', 'export'], probes: ['nobody', 'stranger'] } },
  'dep.scan': { parameters: { gate: 'high' } },
  'secret.scan': { parameters: { gate: 'high', allowed: [], outOfScope: [], excluded: ['.vallum'], maxSeconds: 300 } },
  'monitor.drift': { parameters: monitored },
  'monitor.performance': { parameters: monitored },
  'gateway.config': {
    parameters: {
      gate: 'high',
      maxBytes: 67108864,
      maxElements: 1048576,
      maxTextLength: 1048576,
      answerBytes: 67108864,
      digits: 4,
    },
  },
  'gateway.events': { parameters: { gate: 'high' } },
  'gateway.probe': {
    parameters: {
      gate: 'high',
      path: '/v2/models/digits/infer',
      oversizeBytes: 67108864,
      authenticated: true,
      quota: 100,
    },
  },
  'integrity.check': { parameters: { by: 'store', gateway: 'edge', route: 'oip/spam-filter' } },
  'lineage.graph': { parameters: {}, metrics: [{ id: 'lineage-dangling', value: 0, unit: 'edges' }] },
  'source.policy': { parameters: { allowed: [], sources: [], attesters: [sha256('k')], lost: [] } },
  'approval.record': { parameters: { saw: [sha256('s')], note: '' } },
};
/** What may be absent; `lost` came later, and the evidence of before still counts. */
const optional: ReadonlySet<string> = new Set(['note', 'lost']);
const whole = (kind: string): Record<string, unknown> => ({ ...predicate(kind), metrics: [], ...samples[kind] });

describe('the kinds', () => {
  it('tell what verdicts need to know', () => {
    expect(kinds.get('approval.record')).toMatchObject({ role: 'approve', bindsName: true, waivable: [] });
    expect(kinds.get('data.poison_scan')).toMatchObject({
      role: 'produce:data.poison_scan',
      waivable: ['no-predecessor'],
    });
    expect(kinds.get('artifact.scan')).toMatchObject({ rulesetChange: true, bindsName: false });
    expect([...kinds.values()].filter((kind) => kind.bindsName || kind.waivable.length > 0)).toHaveLength(3);
  });
});

describe('the schemas', () => {
  it('are there for each sample, and for nothing else', () => {
    const files = readdirSync(join(catalog, 'schemas')).map((file) => file.replace(/\.json$/, ''));
    expect(files.sort()).toEqual([...Object.keys(samples), 'evidence'].sort());
  });

  it.each(Object.keys(samples))('%s: accepts a whole predicate, refuses a broken one', (kind) => {
    expect(accepts(kind, whole(kind)), JSON.stringify(ajv.errors)).toBe(true);
    expect(accepts(kind, { ...whole(kind), more: 'unknown fields are ignored' })).toBe(true);
    const parameters = Object.keys(samples[kind]?.parameters ?? {}).filter((name) => !optional.has(name));
    for (const name of parameters) {
      const rest = Object.fromEntries(
        Object.entries(samples[kind]?.parameters ?? {}).filter(([other]) => other !== name),
      );
      expect(accepts(kind, { ...whole(kind), parameters: rest }), name).toBe(false);
    }
    for (const { id } of (samples[kind]?.metrics ?? []) as { id: string }[])
      expect(accepts(kind, { ...whole(kind), metrics: [share('another')] }), id).toBe(false);
  });

  const broken: readonly (readonly [string, object])[] = [
    ['no tool', { tool: undefined }],
    ['an unknown outcome', { outcome: 'ok' }],
    ['an inconclusive outcome without a reason', { outcome: 'inconclusive' }],
    ['a date that is none', { finishedAt: 'today' }],
    ['no end of validity', { expiresAt: undefined }],
    ['a digest that is none', { inputs: [{ name: 'x', digest: { sha256: 'abc' } }] }],
    ['an input that is absent and present', { inputs: [{ name: 'x', absent: true, digest: { sha256: sha256('x') } }] }],
    [
      'a finding without a fix',
      { findings: [{ rule: 'r', severity: 'high', message: 'm', location: {}, atlas: [], cve: [], cwe: [] }] },
    ],
    ['a figure that is a text', { metrics: [{ id: 'm', value: '1', unit: 'x' }] }],
    ['an interval without a method', { metrics: [{ ...share('m'), interval: { low: 0, high: 1, level: 0.95 } }] }],
  ];
  it.each(broken)('the base refuses %s', (_, change) => {
    expect(accepts('evidence', { ...whole('data.manifest'), ...change })).toBe(false);
    expect(accepts('evidence', whole('data.manifest'))).toBe(true);
  });
});

describe('check.mjs', () => {
  /** Exit code and output on a copy of the catalog with one text replaced. */
  function checked(
    file: string,
    from: string,
    to: string,
  ): { readonly status: number | null; readonly output: string } {
    const copy = mkdtempSync(join(tmpdir(), 'vallum-catalog-'));
    try {
      cpSync(catalog, copy, { recursive: true });
      const text = readFileSync(join(copy, file), 'utf8');
      expect(text).toContain(from);
      writeFileSync(join(copy, file), text.replace(from, to));
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, 'check.mjs')], { encoding: 'utf8' });
      return { status, output: stdout + stderr };
    } finally {
      rmSync(copy, { recursive: true });
    }
  }

  it('passes on the catalog', () => {
    expect(checked('README.md', 'Vallum', 'Vallum')).toMatchObject({ status: 0 });
  });

  const edits: readonly (readonly [string, string, string, string])[] = [
    ['evidence-kinds.json', '"owner": "planned"', '"owner": "nobody"', 'owner nobody'],
    ['evidence-kinds.json', ', "schema": "schemas/artifact.scan.json"', '', 'artifact.scan: a schema belongs'],
    ['evidence-kinds.json', '"role": "approve"', '"role": "aprove"', 'role aprove'],
    ['evidence-kinds.json', '"no-predecessor"', '"No predecessor"', 'waivable must be'],
    ['evidence-kinds.json', '"bindsName": true', '"bindsname": true', 'unknown field bindsname'],
    [
      'schemas/artifact.scan.json',
      'urn:vallum:schema:evidence:v1"}]',
      'urn:vallum:schema:evidenc:v1"}]',
      'leads nowhere',
    ],
    ['schemas/artifact.scan.json', '"required"', '"requird"', 'unknown keyword requird'],
    ['schemas/evidence.json', '2020-12', '2019-09', '$schema is not 2020-12'],
  ];
  it.each(edits)('notices an edit of %s: %s -> %s', (file, from, to, what) => {
    const { status, output } = checked(file, from, to);
    expect(status).toBe(1);
    expect(output).toContain(what);
  });
});
