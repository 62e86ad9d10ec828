// What the inspection of bodies needs of a route, and what the transport knows of a body.
import type { InputSettings } from '../config/schema.js';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import { quoted } from './parameters.js';

export type BodySettings = Pick<
  InputSettings,
  'contentTypes' | 'maxBytes' | 'maxDepth' | 'maxElements' | 'maxBinaryElements'
> & {
  readonly model: string;
  readonly upstreamModel?: string | undefined;
  /** Versions of the model that may be named; none named is always allowed. */
  readonly versions?: readonly string[];
};

/** Headers that describe a body, as they were sent. */
export interface BodyHeaders {
  readonly contentType: string | undefined;
  /** `inference-header-content-length`. */
  readonly headerLength?: string | undefined;
}

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:"utf-8"|utf-8)[ \t]*)?$/i;

/** A body with another charset would be read in two ways. */
export function isJsonType(contentType = ''): boolean {
  return JSON_TYPE.test(contentType);
}

/** Lower case, without parameters. */
export function mediaType(contentType = ''): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

export function refuseType(contentType = ''): Refusal {
  return refuse('unsupported-type', `the content type ${quoted(contentType)} is not read on this route`);
}

export const JSON_HEADERS: Readonly<Record<string, string>> = { 'content-type': 'application/json' };
