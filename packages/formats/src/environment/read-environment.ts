// Bytes of a capture to the normal form. Recognised by content first, by name where contents look alike; nothing throws:
// what cannot be read is a note, so that whoever judges can say that the capture proves nothing.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict } from '@vallum/core';
import { readToml } from '../toml/read-toml.js';
import { readYaml } from '../yaml/read-yaml.js';
import type { Environment } from './environment.js';
import { ENVIRONMENT_LIMITS, Gathered } from './environment.js';
import { fromCondaLock, fromEnvironmentYml, fromExplicit } from './from-conda.js';
import { fromPipfileLock, fromTomlLock } from './from-locks.js';
import { fromPipInspect, fromPipList, fromPipReport } from './from-pip-json.js';
import { fromRequirements } from './from-requirements.js';
import { ENVIRONMENT_SCHEMA, fromNormalForm } from './normal-form.js';

/** @param name of the file, without its folder */
export function readEnvironment(name: string, bytes: Uint8Array): Environment {
  if (bytes.length > ENVIRONMENT_LIMITS.maxBytes)
    return unreadable(
      'unknown',
      `it has ${bytes.length} bytes, more than the ${ENVIRONMENT_LIMITS.maxBytes} that are read`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return unreadable('unknown', 'it is not UTF-8');
  }
  try {
    return recognise(name.toLowerCase(), text);
  } catch (error) {
    return unreadable('unknown', messageOf(error));
  }
}

function unreadable(format: string, why: string): Environment {
  const gathered = new Gathered(format);
  gathered.unread(`the capture: ${why}`);
  return gathered.environment;
}

function recognise(name: string, text: string): Environment {
  const start = text.slice(0, 64 * 1024).trimStart();
  // A list of TOML tables begins with a bracket too.
  if (name.endsWith('.json') || /^(?:\{|\[\s*(?:\{|\]))/.test(start)) return fromJson(text);
  if (/^@EXPLICIT\s*$/m.test(start)) return fromExplicit(text);
  const lock = tomlFormat(name, start);
  if (lock !== undefined) return fromToml(text, lock);
  if (/\.ya?ml$/.test(name)) return fromYaml(text);
  return fromRequirements(text);
}

function fromJson(text: string): Environment {
  const value: JsonValue = parseJsonStrict(text, { maxBytes: ENVIRONMENT_LIMITS.maxBytes });
  if (Array.isArray(value)) return fromPipList(value as readonly JsonValue[]);
  if (!isJsonObject(value)) return unreadable('json', 'it is neither a list nor an object');
  if (value['schema'] === ENVIRONMENT_SCHEMA) return fromNormalForm(value);
  if (Array.isArray(value['installed'])) return fromPipInspect(value);
  if (Array.isArray(value['install'])) return fromPipReport(value);
  if (isJsonObject(value['_meta'])) return fromPipfileLock(value);
  return unreadable('json', 'its form is not known');
}

const TOML_NAMES: Readonly<Record<string, string>> = {
  'poetry.lock': 'poetry.lock',
  'uv.lock': 'uv.lock',
  'pdm.lock': 'pdm.lock',
};

function tomlFormat(name: string, start: string): string | undefined {
  if (TOML_NAMES[name] !== undefined) return TOML_NAMES[name];
  if (/^pylock(?:\.[^.]+)?\.toml$/.test(name)) return 'pylock.toml';
  return /^\[\[packages?\]\]\s*$/m.test(start) ? 'toml lock' : undefined;
}

function fromToml(text: string, format: string): Environment {
  const { value, problem } = readToml(text);
  if (!isJsonObject(value)) return unreadable(format, 'it is no table');
  const environment = fromTomlLock(value, format);
  return problem === undefined ? environment : withUnread(environment, problem);
}

function withUnread(environment: Environment, text: string): Environment {
  return { ...environment, notes: [{ code: 'unread', text }, ...environment.notes] };
}

function fromYaml(text: string): Environment {
  const value: JsonValue = readYaml(text, { maxBytes: 8 * 1024 * 1024, maxNodes: 1_000_000 });
  if (!isJsonObject(value)) return unreadable('yaml', 'it is no mapping');
  return isCondaLock(value) ? fromCondaLock(value) : fromEnvironmentYml(value);
}

function isCondaLock(value: JsonObject): boolean {
  return Array.isArray(value['package']);
}
