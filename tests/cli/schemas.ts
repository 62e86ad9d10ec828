// The published schemas: docs/schemas for what commands print, catalog/schemas for what statements say.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Schema {
  readonly $id: string;
  readonly [keyword: string]: unknown;
}

function schemasIn(folder: string): readonly Schema[] {
  const path = join(REPOSITORY, folder);
  return readdirSync(path).map((file) => JSON.parse(readFileSync(join(path, file), 'utf8')) as Schema);
}

export const outputSchemas: readonly Schema[] = schemasIn('docs/schemas');
const evidenceSchemas: readonly Schema[] = schemasIn('catalog/schemas');

/** Published schemas let fields be added; a test that closes them finds every field that nobody wrote down. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  const isObject = 'properties' in inner && inner['type'] === 'object' && !('oneOf' in inner);
  return isObject && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner;
}

function compiler(schemas: readonly unknown[]): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
  for (const schema of schemas) ajv.addSchema(schema as Schema);
  return ajv;
}

const open = compiler([...outputSchemas, ...evidenceSchemas]);
const strict = compiler([...outputSchemas, ...evidenceSchemas].map(closed));

function problems(validate: ValidateFunction | undefined, id: string, value: unknown): readonly string[] {
  if (validate === undefined) return [`there is no schema ${id}`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`.trim(),
  );
}

/** What is wrong with an output, or not written down; `vallum/check/v1` is judged by `check-v1.json`. */
export function outputProblems(output: { readonly schema?: unknown }): readonly string[] {
  const name = /^vallum\/([a-z-]+)\/v1$/.exec(String(output.schema))?.[1] ?? '';
  return problems(strict.getSchema(`urn:vallum:output:${name}:v1`), String(output.schema), output);
}

/** What is wrong with a value by the published, open schema. */
export function schemaProblems(id: string, value: unknown): readonly string[] {
  return problems(open.getSchema(id), id, value);
}
