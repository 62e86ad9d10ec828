// What `vallum scan` writes for other tools: SARIF and CycloneDX by their published schemas, and what a code-scanning
// service asks of SARIF beyond its schema.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pickle, zip } from '@vallum/formats/testing';
import { runHere } from './command.js';

type Json = Record<string, unknown>;

const read = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../fixtures/schemas/${name}.json`, import.meta.url), 'utf8')) as Json;

/** SARIF's schema is of draft 4, whose only difference here is the word for its id. */
function sarifValidator(): ValidateFunction {
  const { id, $schema, ...schema } = read('sarif-2.1.0');
  expect([typeof id, String($schema)]).toEqual(['string', 'http://json-schema.org/draft-04/schema#']);
  return new Ajv({ strict: false, validateFormats: false }).compile(schema);
}

function bomValidator(): ValidateFunction {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const base = 'http://cyclonedx.org/schema';
  for (const name of ['spdx', 'jsf-0.82']) {
    const { $id, ...schema } = read(name);
    expect(String($id).startsWith(base)).toBe(true);
    ajv.addSchema(schema, `${base}/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(read('bom-1.6'));
}

const shell = pickle().global('os', 'system').call('id').stop();
let dir = '';
const run = async (...args: readonly string[]): Promise<{ exit: number; json: Json }> => {
  const ran = await runHere(['scan', ...args], dir, join(dir, 'keys'));
  expect(ran.stderr).toBe('');
  return { exit: ran.exit, json: JSON.parse(ran.stdout) as Json };
};

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vallum-documents-'));
  mkdirSync(join(dir, 'models'));
  writeFileSync(join(dir, 'models/a b%.pkl'), shell);
  writeFileSync(join(dir, 'models/in.zip'), zip([{ name: 'x/é.pkl', data: shell }]));
  writeFileSync(join(dir, 'models/blob'), Buffer.from('000102fffe', 'hex'));
  writeFileSync(join(dir, 'models/requirements.txt'), 'numpy\n');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Sarif {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly rules: readonly { readonly id: string; readonly properties: Json }[] };
    };
    readonly invocations: readonly { readonly toolExecutionNotifications: readonly Json[] }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly baselineState?: string;
      readonly suppressions?: readonly Json[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

describe('SARIF', () => {
  test('is valid, and its schema refuses what is not', async () => {
    const validate = sarifValidator();
    const { exit, json } = await run('models', '--format', 'sarif');
    expect([exit, validate(json), validate.errors]).toEqual([1, true, null]);
    expect(validate({ ...json, version: '2.0.0' })).toBe(false);
  });

  test('has what code scanning asks for: relative URIs, regions, fingerprints, rules with a severity', async () => {
    const { json } = await run('models', '--format', 'sarif');
    const [one] = (json as unknown as Sarif).runs;
    const { rules } = one?.tool.driver ?? { rules: [] };
    expect(one?.results.length).toBeGreaterThanOrEqual(3);
    for (const { ruleId, ruleIndex, locations, partialFingerprints } of one?.results ?? []) {
      expect(rules[ruleIndex]?.id).toBe(ruleId);
      expect(Object.values(partialFingerprints)[0]).toMatch(/^[0-9a-f]{64}$/);
      const { artifactLocation, region } = locations[0]?.physicalLocation ?? { artifactLocation: { uri: '/' } };
      expect(artifactLocation.uri).toMatch(/^models\/[\w.%-]+$/);
      expect(region?.startLine).toBeGreaterThanOrEqual(1);
    }
    for (const { properties } of rules) expect(Number(properties['security-severity'])).toBeLessThanOrEqual(10);
    expect(one?.results.map((each) => each.locations[0]?.physicalLocation.artifactLocation.uri)).toContain(
      'models/a%20b%25.pkl',
    );
    expect(one?.invocations[0]?.toolExecutionNotifications.length).toBeGreaterThan(0);
  });

  test('marks what a baseline or a suppression accepts', async () => {
    const { json: baseline } = await run('models', '--format', 'json');
    writeFileSync(join(dir, 'baseline.json'), JSON.stringify(baseline));
    const known = await run('models', '--format', 'sarif', '--baseline', 'baseline.json');
    expect([known.exit, sarifValidator()(known.json)]).toEqual([0, true]);
    const states = (known.json as unknown as Sarif).runs[0]?.results.map(({ baselineState }) => baselineState);
    expect(new Set(states)).toEqual(new Set(['unchanged']));

    const files = baseline['files'] as readonly { path: string; sha256: string }[];
    const sha256 = files.find(({ path }) => path === 'a b%.pkl')?.sha256 ?? '';
    const row = { rule: 'VLM-PKL-001', sha256, reason: 'a sample of an attack', expires: '2999-12-31' };
    writeFileSync(join(dir, 'policy.yaml'), JSON.stringify({ schema: 'vallum/scan-policy/v1', suppressions: [row] }));
    const policed = await run('models/a b%.pkl', '--format', 'sarif', '--policy', 'policy.yaml');
    expect([policed.exit, sarifValidator()(policed.json)]).toEqual([0, true]);
    expect((policed.json as unknown as Sarif).runs[0]?.results[0]?.suppressions).toMatchObject([
      { status: 'accepted' },
    ]);
  });
});

describe('CycloneDX', () => {
  test('is valid, names every file with its digest and every finding with the file it affects', async () => {
    const validate = bomValidator();
    const { exit, json } = await run('models', '--format', 'cyclonedx');
    expect([exit, validate(json), validate.errors]).toEqual([1, true, null]);
    expect(validate({ ...json, specVersion: 1.6 })).toBe(false);
    const components = json['components'] as readonly { 'bom-ref': string; hashes: readonly Json[] }[];
    expect(components.map(({ hashes }) => String(hashes[0]?.['content']))).toEqual(
      Array.from({ length: 4 }, () => expect.stringMatching(/^[0-9a-f]{64}$/) as string),
    );
    const refs = new Set(components.map((one) => one['bom-ref']));
    const vulnerabilities = json['vulnerabilities'] as readonly { affects: readonly { ref: string }[] }[];
    expect(vulnerabilities.length).toBeGreaterThanOrEqual(3);
    for (const { affects } of vulnerabilities) expect(refs).toContain(affects[0]?.ref);
  });
});
