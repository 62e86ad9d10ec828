// Images and sounds in a message. They are counted and not looked at, so they may hold nothing but what they are: an image its
// data URL and `detail`, a sound its data and `format`. A URL that the model server would fetch lets a caller reach its network
// (CWE-918; CVE-2025-6242), and so might a field that nobody knows; bytes that are no base64 would be a text that no guard sees.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import { isBase64 } from './base64.js';
import { unknownKey } from './json-body.js';
import table from './openai-media.json' with { type: 'json' };

const IMAGE_KEYS = new Set(['url', 'detail']);
const AUDIO_KEYS = new Set(['data', 'format']);
const IMAGES: ReadonlySet<unknown> = new Set(table.image);
const DETAILS: ReadonlySet<unknown> = new Set(table.detail);
const FORMATS: ReadonlySet<unknown> = new Set(table.audio);
/** Its first characters; the type is looked up in the list. */
const DATA_URL = /^data:image\/([a-z]{1,8});base64,/;

/** @returns why an image is refused */
export function imageFault(image: JsonValue | undefined): string | undefined {
  if (!isObject(image) || unknownKey(image, IMAGE_KEYS) !== undefined) return 'an image is more than url and detail';
  const { url, detail } = image;
  if (detail !== undefined && detail !== null && !DETAILS.has(detail)) return 'the detail of an image is no known word';
  const [head = '', type] = typeof url === 'string' ? (DATA_URL.exec(url.slice(0, 64)) ?? []) : [];
  if (typeof url !== 'string' || type === undefined || !IMAGES.has(type))
    return 'an image is no data URL of a known type: the server would fetch what a caller names';
  return url.length > head.length && isBase64(url, head.length) ? undefined : 'the data of an image are no base64';
}

/** @returns why a sound is refused */
export function audioFault(audio: JsonValue | undefined): string | undefined {
  if (!isObject(audio) || unknownKey(audio, AUDIO_KEYS) !== undefined) return 'a sound is more than data and format';
  const { data, format } = audio;
  if (!FORMATS.has(format)) return 'the format of a sound is no known word';
  return typeof data === 'string' && data !== '' && isBase64(data) ? undefined : 'the data of a sound are no base64';
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== undefined && isJsonObject(value);
}
