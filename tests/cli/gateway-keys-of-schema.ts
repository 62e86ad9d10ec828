// Every key of gateway.yaml with its default, read off the schema: `routes[].limits.concurrency`, `upstreams.NAME.url`.
import * as z from 'zod';
import { gatewaySchema } from '../../packages/gateway/src/config/schema.js';

export interface SchemaKey {
  readonly path: string;
  /** As JSON; undefined where there is none, or where it is that of the keys below. */
  readonly fallback: string | undefined;
}

export function keysOfSchema(schema: unknown = gatewaySchema, at = ''): readonly SchemaKey[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault)
    return keysOfSchema(schema.unwrap(), at);
  if (schema instanceof z.ZodArray) return keysOfSchema(schema.element, `${at}[]`);
  if (schema instanceof z.ZodRecord) return keysOfSchema(schema.valueType, `${at}.NAME`);
  if (schema instanceof z.ZodUnion) {
    const all = schema.options.flatMap((one) => keysOfSchema(one, at));
    return all.filter(({ path }, index) => all.findIndex((other) => other.path === path) === index);
  }
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, unknown>).flatMap(([key, value]) => {
    const path = at === '' ? key : `${at}.${key}`;
    const below = keysOfSchema(value, path);
    return below.length > 0 ? below : [{ path, fallback: fallbackOf(value) }];
  });
}

function fallbackOf(schema: unknown): string | undefined {
  return schema instanceof z.ZodDefault ? JSON.stringify(schema.def.defaultValue) : undefined;
}
