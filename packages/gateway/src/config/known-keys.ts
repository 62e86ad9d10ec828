// Which keys may stand where in gateway.yaml, read off its schema, so that a misspelt one can be told its neighbour.
import * as z from 'zod';
import { gatewaySchema } from './schema.js';

/** Keys that may stand at a path; none where there is no mapping with fixed keys. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  return [...new Set(schemasAt(path).flatMap((schema) => keysOf(bare(schema))))];
}

/** Words that tell the forms of a mapping apart, such as those of `serving.by`. */
export function optionsOf(path: readonly PropertyKey[], key: string): readonly string[] {
  const words = schemasAt(path).flatMap((schema) => below(bare(schema), key));
  return words.flatMap((word) => (word instanceof z.ZodLiteral ? [...word.values].map(String) : []));
}

function schemasAt(path: readonly PropertyKey[]): readonly unknown[] {
  return path.reduce<readonly unknown[]>((at, step) => at.flatMap((one) => below(bare(one), step)), [gatewaySchema]);
}

/** Without what zod wraps around: defaults, optionals. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return bare(schema.unwrap());
  return schema;
}

function below(schema: unknown, step: PropertyKey): readonly unknown[] {
  if (schema instanceof z.ZodObject) return [(schema.shape as Record<PropertyKey, unknown>)[step]];
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((one) => below(bare(one), step));
  return [];
}

function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((one) => keysOf(bare(one)));
  return [];
}
