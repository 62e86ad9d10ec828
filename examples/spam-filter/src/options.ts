// Options of the scripts: `--name value`, all of them required unless a default is given.
import { parseArgs } from 'node:util';

export function readOptions<K extends string>(
  names: readonly K[],
  defaults: Partial<Record<K, string>> = {},
): Record<K, string> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const result = {} as Record<K, string>;
  for (const name of names) {
    const value = values[name] ?? defaults[name];
    if (typeof value !== 'string') throw new Error(`--${name} is missing`);
    result[name] = value;
  }
  return result;
}
