// Every place of a body or an answer where a secret could stand.
import type { JsonValue } from '@vallum/core';

/**
 * The value with the secret in the place of each text, and of each key, one at a time.
 * @param strangers also beside each key, as fields that no protocol knows
 */
export function* corners(value: JsonValue, secret: string, strangers = false): Generator<readonly [string, JsonValue]> {
  if (typeof value === 'string') yield ['=', secret];
  else if (Array.isArray(value))
    for (const [at, item] of (value as readonly JsonValue[]).entries())
      for (const [place, changed] of corners(item, secret, strangers))
        yield [`[${at}]${place}`, value.map((old: JsonValue, i) => (i === at ? changed : old))];
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) {
      for (const [place, changed] of corners(item, secret, strangers))
        yield [`.${key}${place}`, { ...value, [key]: changed }];
      yield [
        `.${key} as key`,
        Object.fromEntries(Object.entries(value).map(([old, member]) => [old === key ? secret : old, member])),
      ];
      if (strangers) yield [`.${key} and another`, { ...value, [secret]: secret, extra: secret }];
    }
}
