// gateway.yaml as a value. A person writes it, so a message names the line and what would be right; and the whole of it has to
// make sense before a single socket is opened.
import { digestJson, isJsonObject, VallumError } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import { readYaml, yamlLineOf } from '@vallum/formats';
import { didYouMean } from '@vallum/policy';
import type * as z from 'zod';
import type { Operation } from '../door/operation.js';
import { namesModel } from '../protocol/named-model.js';
import { operationsOf } from '../protocol/operations.js';
import { administrationRoutes } from './administration.js';
import type { GatewayConfig, Route } from './config.js';
import { findContradiction } from './contradictions.js';
import { knownKeys, optionsOf } from './known-keys.js';
import type { GatewaySettings } from './schema.js';
import { gatewaySchema } from './schema.js';

const MAX_BYTES = 1024 * 1024;

/**
 * @param bytes of gateway.yaml
 * @param folder where it lies
 * @param workers in place of those that the file names; the digest stays that of the file
 * @throws VallumError `GATEWAY_CONFIG`, with the line
 */
export function readGatewayConfig(bytes: Uint8Array, folder: string, workers?: number): GatewayConfig {
  const text = new TextDecoder().decode(bytes);
  const value = parse(text);
  const parsed = gatewaySchema.safeParse(value);
  if (!parsed.success) {
    // A misspelt key is also a missing one; the misspelling is what helps.
    const { issues } = parsed.error;
    throw explain(issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0], value, text);
  }
  const settings = parsed.data;
  const meant = { ...settings, workers: workers ?? settings.workers };
  const found = findContradiction(meant);
  if (found !== undefined) throw wrong(text, found.path, found.what, found.fix);
  refuseSharedPaths(settings, text);
  return { ...compileConfig(settings, folder), settings: meant };
}

/** Settings that were checked before, as a worker gets them. */
export function compileConfig(settings: GatewaySettings, folder: string): GatewayConfig {
  const routes: readonly Route[] = [
    ...settings.routes.map((route) => ({
      id: `${route.protocol}/${route.model}`,
      settings: route,
      operations: operationsOf(route),
    })),
    ...administrationRoutes(settings),
  ];
  return { settings, routes, digest: digestJson(JSON.parse(JSON.stringify(settings)) as JsonValue), folder };
}

function parse(text: string): JsonValue {
  try {
    return readYaml(text, { maxBytes: MAX_BYTES });
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    throw new VallumError('GATEWAY_CONFIG', `gateway.yaml: ${error.message}`, { fix: error.fix ?? FIX, cause: error });
  }
}

/** Two routes that answer to one path would make it a matter of order who serves it, unless the body names its model. */
function refuseSharedPaths(settings: GatewaySettings, text: string): void {
  const taken = new Map<string, { readonly by: string; readonly shares: boolean }>();
  for (const [index, { id, operations }] of compileConfig(settings, '').routes.entries()) {
    const over = index - settings.routes.length;
    const path = over < 0 ? ['routes', index] : ['administration', over];
    const places = operations.map((operation) => ({ key: keyOf(operation), shares: sharesPath(operation) }));
    for (const { key, shares } of [{ key: `the name ${id}`, shares: false }, ...places]) {
      const other = taken.get(key);
      if (other !== undefined && !(shares && other.shares))
        throw wrong(text, path, `${key} belongs to ${other.by} already`, 'give one of them another model or prefix');
      taken.set(key, { by: id, shares });
    }
  }
}

/** A list of models, and what a server tells of itself, are of one upstream: where several routes have them, nobody has. */
function sharesPath({ id, body }: Operation): boolean {
  return namesModel(body) || id === 'models' || id === 'server';
}

function keyOf({ method, path, body }: Operation): string {
  return `${body.startsWith('oip-proto') ? 'grpc ' : ''}${method} ${path}`;
}

const FIX = 'see docs/gateway.md';

function explain(issue: z.core.$ZodIssue | undefined, value: JsonValue, text: string): VallumError {
  if (issue === undefined) return wrong(text, [], 'it does not have the expected form', FIX);
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const word = issue.keys[0] ?? '';
    const key = where === '' ? word : `${where}.${word}`;
    return wrong(
      text,
      [...issue.path, word],
      `the key ${JSON.stringify(key)} is not known`,
      didYouMean(word, knownKeys(issue.path)),
    );
  }
  if (!isJsonObject(value)) return wrong(text, [], 'it is not a mapping of keys', FIX);
  const key = where === '' ? 'the document' : `the key ${JSON.stringify(where)}`;
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const words = optionsOf(issue.path.slice(0, -1), issue.discriminator);
    const given = valueAt(value, issue.path);
    if (typeof given !== 'string') return wrong(text, issue.path, `${key}: expected one of ${words.join(', ')}`, FIX);
    const said = JSON.stringify(given.slice(0, 80));
    return wrong(text, issue.path, `${key}: there is no ${said}`, didYouMean(given, words));
  }
  const what = isMissing
    ? `${key} is missing`
    : `${key}: ${(inner ?? issue).message.replace(/^Invalid (input|option): /, '')}`;
  return wrong(text, issue.path, what, FIX);
}

function valueAt(value: JsonValue, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined),
    value,
  );
}

function wrong(text: string, path: readonly PropertyKey[], what: string, fix: string): VallumError {
  const line = yamlLineOf(text, path)?.line ?? 1;
  return new VallumError('GATEWAY_CONFIG', `gateway.yaml, line ${line}: ${what}`, { fix });
}
