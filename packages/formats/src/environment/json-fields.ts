// Looks into JSON values of unknown shape: what is not there, or is something else, is empty.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

export const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
export const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
export const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];
export const objectsOf = (value: JsonValue | undefined): readonly JsonObject[] => listOf(value).filter(isJsonObject);
