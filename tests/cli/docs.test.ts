// The pages about files and outputs are true: every example is read by the reader that it is for, and every field and
// key of the code stands on its page.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isJsonObject, parseJsonStrict } from '@vallum/core';
import type { JsonObject } from '@vallum/core';
import { effectiveRequirements, defaultPolicy } from '@vallum/policy';
import { shippedKinds } from '../../packages/cli/src/catalog.js';
import { PROJECT_KEYS, readDeclaration } from '../../packages/cli/src/project/declaration.js';
import { readFeedJson } from '../../packages/data/src/rows/feed-json.js';
import { readMailRows } from '../../packages/data/src/rows/mail-rows.js';
import { Fields } from '../../packages/governance/src/lineage/fields.js';
import { readRun } from '../../packages/governance/src/lineage/documents.js';
import { readDeclaration as readModelJson } from '../../packages/model/src/assess/declaration.js';
import { readGatewayConfig } from '../../packages/gateway/src/index.js';
import { GatewayMetrics } from '../../packages/gateway/src/records/metrics/gateway-metrics.js';
import type { SchemaKey } from './gateway-keys-of-schema.js';
import { keysOfSchema } from './gateway-keys-of-schema.js';
import { outputSchemas } from './schemas.js';

const docs = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'docs');
const outputPage = readFileSync(join(docs, 'json-output.md'), 'utf8');
const yamlPage = readFileSync(join(docs, 'vallum-yaml.md'), 'utf8');

const blocks = (language: string): readonly string[] =>
  [...yamlPage.matchAll(new RegExp('```' + language + '\\n([^]*?)```', 'g'))].map(([, text]) => text ?? '');
const jsonBlock = (schema: string): string => blocks('json').find((text) => text.includes(schema)) ?? '';

describe('docs/vallum-yaml.md', () => {
  const [whole = '', requirements = ''] = blocks('yaml');

  test('its example is a project', () => {
    expect(readDeclaration(Buffer.from(whole)).versions['v1']?.feeds).toEqual(['easy-ham-1', 'spam-1']);
  });

  test('its requirements tighten the default policy', () => {
    const project = readDeclaration(Buffer.from(`${whole.slice(0, whole.indexOf('requirements:'))}${requirements}`));
    const kinds = shippedKinds();
    const { requirements: floor } = defaultPolicy(kinds);
    const asked = effectiveRequirements(floor, project.requirements as unknown as JsonObject[], kinds);
    expect(asked.length).toBe(floor.length + 1);
  });

  test('its feed.json, row, model.json and run.json are read', async () => {
    expect(readFeedJson(Buffer.from(jsonBlock('vallum/feed/v1')), 'feed.json').license).toBe('PDDL-1.0');
    expect(readFeedJson(Buffer.from(jsonBlock('vallum/feed/v2')), 'feed.json').table?.label).toBe('fraud');
    const [row] = await readMailRows(Buffer.from(`${jsonBlock('"mail"').trim()}\n`), 'rows.jsonl');
    expect(row).toMatchObject({ subject: 'lunch', label: 'ham' });
    expect(readModelJson(Buffer.from(jsonBlock('vallum/model/v1'))).weights).toBe('model.onnx');
    const run = parseJsonStrict(jsonBlock('vallum/run/v1'));
    expect(isJsonObject(run) && readRun(new Fields('run.json', run)).feeds).toHaveLength(1);
  });

  test('it explains every key', () => {
    expect(PROJECT_KEYS.filter((key) => !new RegExp(`[\`.]${key}\\b`).test(yamlPage))).toEqual([]);
  });
});

describe('docs/json-output.md', () => {
  const names = (node: unknown): readonly string[] => {
    if (Array.isArray(node)) return node.flatMap(names);
    if (typeof node !== 'object' || node === null) return [];
    const own = 'properties' in node && typeof node.properties === 'object' ? Object.keys(node.properties ?? {}) : [];
    return [...own, ...Object.values(node).flatMap(names)];
  };
  const unexplained = (schema: unknown): readonly string[] =>
    [...new Set(names(schema))].filter((field) => !new RegExp(`[\`.{ ]${field}\\b`).test(outputPage));
  const outputs = outputSchemas.filter(({ $id }) => !$id.includes(':common:') && !$id.includes(':verdict:'));

  test.each(outputs.map((schema) => [schema.$id.split(':')[3] ?? '', schema] as const))('%s', (name, schema) => {
    expect(outputPage).toContain(`\`vallum/${name}/v1\``);
    expect(unexplained(schema)).toEqual([]);
  });

  test('the verdict', () => {
    const verdict = outputSchemas.find(({ $id }) => $id.includes(':verdict:'));
    expect(unexplained(verdict)).toEqual([]);
  });
});

describe('docs/gateway.md', () => {
  const page = readFileSync(join(docs, 'gateway.md'), 'utf8');
  const [example = ''] = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text ?? '');
  const [quick = ''] = [...page.matchAll(/<<'END'\n([^]*?)END\n/g)].map(([, text]) => text ?? '');

  test('its examples are settings', () => {
    expect(readGatewayConfig(Buffer.from(example), '/').routes.map(({ id }) => id)).toEqual([
      'oip/spam-filter',
      'oip-grpc/digits',
    ]);
    expect(readGatewayConfig(Buffer.from(quick), '/').settings.name).toBe('try');
  });

  test('it explains every key, with its default', () => {
    const rowOf = ({ path, fallback }: SchemaKey): string => {
      const told = path
        .replace(/^listen\.grpc/, 'listen.rest')
        .replace(/limits\.(bytes|elements|tokens|cost)\./, 'limits.requests.');
      return `| \`${told}\` | ${fallback === undefined ? '' : `\`${fallback.replaceAll('"', '')}\``} | `;
    };
    const keys = keysOfSchema();
    expect(keys.length).toBeGreaterThan(100);
    expect(keys.map(rowOf).filter((row) => !page.includes(row))).toEqual([]);
    // And no row is about a key that is gone.
    const rows = [...page.matchAll(/^\| `([a-zA-Z[\].]+)` \| (?:`[^`]*`)? \| /gm)].map(([, path]) => path);
    expect(rows.filter((path) => !keys.some((key) => rowOf(key).startsWith(`| \`${path}\``)))).toEqual([]);
  });

  test('it names every metric', async () => {
    const metrics = await new GatewayMetrics().metricsText();
    const names = [...metrics.matchAll(/^# TYPE (vallum_\S+)/gm)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
