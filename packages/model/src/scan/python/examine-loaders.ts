// Which Python code a configuration makes its loader import, and where that code lies: beside it, in another repository, or
// nowhere here. The switch itself is a finding of the key rules (VLM-JSN-001, VLM-JSN-004).
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import { namesLoaders } from './loader-shape.js';

const MAX_NAMES = 50;

export async function examineLoaders(context: Context, item: Item, value: JsonValue): Promise<void> {
  if (!namesLoaders(value)) return;
  const map = value['auto_map'];
  for (const [name, reference] of references(map, 'auto_map').slice(0, MAX_NAMES)) {
    const where = await whereIs(context, item, reference);
    find(context, item, { rule: 'VLM-PYS-022', detail: `${name} = ${reference.slice(0, 120)}, ${where}` });
  }
  const pipelines = value['custom_pipelines'];
  if (isJsonObject(pipelines))
    for (const [name, one] of Object.entries(pipelines).slice(0, MAX_NAMES)) {
      const reference = isJsonObject(one) && typeof one['impl'] === 'string' ? one['impl'] : '';
      if (reference !== '')
        find(context, item, {
          rule: 'VLM-PYS-022',
          detail: `${name} = ${reference.slice(0, 120)}, ${await whereIs(context, item, reference)}`,
        });
    }
  if ('_diffusers_version' in value) await examineIndex(context, item, value);
}

function references(value: JsonValue | undefined, name: string): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[name, value]];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((one) => references(one, name));
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, one]) => references(one, key.slice(0, 60))) : [];
}

async function whereIs(context: Context, item: Item, reference: string): Promise<string> {
  const [repository, rest] = reference.includes('--') ? reference.split('--', 2) : [undefined, reference];
  if (repository !== undefined) return `from the repository ${repository.slice(0, 80)}`;
  const module = rest.split('.').slice(0, -1);
  if (module.length === 0 || !module.every((part) => /^\w+$/.test(part)))
    return 'which is no name of a class in a module';
  const file = `${module.join('/')}.py`;
  if (context.near === undefined || item.entry !== undefined) return `in ${file}`;
  return (await context.near(file))?.kind === 'file' ? `in ${file} beside it` : `in ${file}, which is not here`;
}

/** diffusers imports the first name of each pair, and takes the second from it. */
async function examineIndex(context: Context, item: Item, value: JsonObject): Promise<void> {
  const own = value['_class_name'];
  const tell = (detail: string): void => find(context, item, { rule: 'VLM-JSN-004', detail });
  if (Array.isArray(own)) tell(`_class_name = ${JSON.stringify(own).slice(0, 120)}, a pipeline of its own`);
  const known = new Set(context.rules.files.pythonCode.loaderLibraries);
  for (const [part, pair] of Object.entries(value)) {
    if (part.startsWith('_') || !Array.isArray(pair) || pair.length !== 2) continue;
    const [library, name] = pair as readonly JsonValue[];
    if (typeof library !== 'string' || typeof name !== 'string') continue;
    const shown = `${part.slice(0, 60)} = ${JSON.stringify(pair).slice(0, 120)}`;
    if (!known.has(library)) {
      const file = /^\w+$/.test(library) ? `${library}.py` : '';
      const paths = file === '' || context.near === undefined ? [] : [file, `${part}/${file}`];
      const found = await firstFile(context, paths);
      tell(
        `${shown}, ${found === undefined ? 'a library that is not among the known ones' : `from ${found} beside it`}`,
      );
    } else if (!/^[A-Z]\w*$/.test(name)) tell(`${shown}, which is no class`);
  }
}

async function firstFile(context: Context, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await context.near?.(path))?.kind === 'file') return path;
  return undefined;
}
