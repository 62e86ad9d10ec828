// Reads a Croissant card that somebody else wrote. It is JSON-LD, but no context is ever fetched and none is believed: names
// are taken with or without the prefixes and addresses that the standard gives them. Size, depth and lists are bounded.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, isSha256, parseJsonStrict, VallumError } from '@vallum/core';
import type { Card, CardField, CardFile, CardRecordSet } from './card.js';
import { RAI_NAMESPACE, raiProperty, textsOf } from './rai.js';
import type { RaiFacts } from './rai.js';

export const MAX_CARD_BYTES = 32 * 1024 * 1024;
const MAX_ITEMS = 100_000;
const PREFIX =
  /^(?:sc:|cr:|dct:|schema:|https?:\/\/schema\.org\/|http:\/\/mlcommons\.org\/croissant\/|http:\/\/purl\.org\/dc\/terms\/)/;

/** @throws VallumError `DATA_CARD`, naming where; `JSON_INVALID` */
export function readCard(bytes: Uint8Array): Card {
  const value = parseJsonStrict(bytes, { maxBytes: MAX_CARD_BYTES, maxDepth: 32, maxValues: 2_000_000 });
  if (!isJsonObject(value)) throw refuse('it is no object');
  const dataset = plain(value);
  const version = versionOf(dataset);
  if (!texts(dataset['@type'], 'its type').map(bare).includes('Dataset')) throw refuse('its type is not Dataset');
  const [name] = texts(dataset['name'], 'its name');
  if (name === undefined || name === '') throw refuse('it has no name');
  const distribution = objects(dataset['distribution'], 'distribution');
  const isSet = (each: JsonObject): boolean => texts(each['@type'], 'a distribution').map(bare).includes('FileSet');
  const { rai, notes } = raiOf(value);
  return {
    version,
    name,
    description: texts(dataset['description'], 'its description')[0],
    license: addresses(dataset['license'], 'its license'),
    url: addresses(dataset['url'], 'its url')[0],
    files: distribution.filter((each) => !isSet(each)).map(fileOf),
    fileSets: distribution
      .filter(isSet)
      .map((each) => ({ id: idOf(each, 'a file set'), includes: texts(each['includes'], 'includes') })),
    recordSets: objects(dataset['recordSet'], 'recordSet').map(recordSetOf),
    rai,
    notes,
  };
}

function refuse(why: string): VallumError {
  return new VallumError('DATA_CARD', `this is no Croissant card: ${why}`, {
    fix: 'see docs/data-check.md, "A card"; Croissant 1.0 and 1.1 are read',
  });
}

function bare(name: string): string {
  return name.replace(PREFIX, '');
}

/** Keys without prefixes. Two keys that mean the same would give two readers two meanings. */
function plain(object: JsonObject): JsonObject {
  const entries = Object.entries(object).map(([key, value]) => [bare(key), value] as const);
  if (new Set(entries.map(([key]) => key)).size < entries.length)
    throw refuse('a property stands twice, under two names');
  return Object.fromEntries(entries);
}

function versionOf(dataset: JsonObject): Card['version'] {
  const found = addresses(dataset['conformsTo'], 'conformsTo').map(
    (each) => /^https?:\/\/mlcommons\.org\/croissant\/(1\.[01])$/.exec(each)?.[1],
  );
  const version = found.find((each) => each === '1.0' || each === '1.1');
  if (version === undefined) throw refuse('it does not say that it conforms to Croissant 1.0 or 1.1');
  return version;
}

/** None where the value is absent. */
function texts(value: JsonValue | undefined, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  // In 1.1 names may be given by language; the first one counts.
  const given = isJsonObject(value) && value['@value'] === undefined ? (Object.values(value)[0] ?? '') : value;
  const found = textsOf(given);
  if (found === undefined) throw refuse(`${what} is no text`);
  return found;
}

/** Addresses and ids: texts, or objects with `@id`. */
function addresses(value: JsonValue | undefined, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return items.flatMap((item) =>
    isJsonObject(item) ? texts(item['@id'] ?? item['url'] ?? item['name'], what) : texts(item, what),
  );
}

function objects(value: JsonValue | undefined, what: string): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  if (items.length > MAX_ITEMS) throw refuse(`${what} has more than ${MAX_ITEMS} entries`);
  return items.map((item) => {
    if (!isJsonObject(item)) throw refuse(`${what} holds something that is no object`);
    return plain(item);
  });
}

function idOf(object: JsonObject, what: string): string {
  const [id] = [...texts(object['@id'], what), ...texts(object['name'], what)];
  if (id === undefined || id === '') throw refuse(`${what} has no id and no name`);
  return id;
}

function fileOf(object: JsonObject): CardFile {
  const id = idOf(object, 'a file');
  const [digest] = texts(object['sha256'], 'sha256');
  const lower = digest?.toLowerCase();
  if (lower !== undefined && !isSha256(lower)) throw refuse(`the sha256 of ${JSON.stringify(id.slice(0, 80))} is none`);
  return {
    id,
    contentUrl: addresses(object['contentUrl'], 'contentUrl')[0],
    encodingFormat: texts(object['encodingFormat'], 'encodingFormat')[0],
    sha256: lower === undefined || !isSha256(lower) ? undefined : lower,
    bytes: bytesOf(texts(object['contentSize'], 'contentSize')[0]),
    containedIn: addresses(object['containedIn'], 'containedIn'),
  };
}

/** Only sizes in bytes can be compared: "2.3 MB" is rounded. */
function bytesOf(text: string | undefined): number | undefined {
  const digits = /^(\d{1,15})(?: ?B)?$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function recordSetOf(object: JsonObject): CardRecordSet {
  return { id: idOf(object, 'a record set'), fields: objects(object['field'], 'field').map(fieldOf) };
}

function fieldOf(object: JsonObject): CardField {
  const source = isJsonObject(object['source'] ?? null) ? plain(object['source'] as JsonObject) : {};
  const extract = isJsonObject(source['extract'] ?? null) ? plain(source['extract'] as JsonObject) : {};
  const id = idOf(object, 'a field');
  return {
    name: texts(object['name'], 'the name of a field')[0] ?? id.slice(id.lastIndexOf('/') + 1),
    dataTypes: addresses(object['dataType'], 'dataType').map(bare),
    file: [...addresses(source['fileObject'], 'fileObject'), ...addresses(source['fileSet'], 'fileSet')][0],
    column: texts(extract['column'], 'column')[0],
  };
}

function raiOf(object: JsonObject): { readonly rai: RaiFacts; readonly notes: readonly string[] } {
  const rai: Record<string, readonly string[]> = {};
  const notes: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    const name = key.startsWith('rai:')
      ? key.slice(4)
      : key.startsWith(RAI_NAMESPACE)
        ? key.slice(RAI_NAMESPACE.length)
        : undefined;
    if (name === undefined) continue;
    const written = raiProperty(name);
    const found = textsOf(value);
    if (written === undefined) notes.push(`rai:${name.slice(0, 60)} is not of the vocabulary`);
    else if (found === undefined) notes.push(`rai:${name} is no text`);
    // Two spellings with two texts: both are kept, so that none is lost.
    else rai[written] = [...(rai[written] ?? []), ...found];
  }
  return { rai, notes: notes.slice(0, 100) };
}
