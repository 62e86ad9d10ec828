// Configuration that names classes for its loader: `auto_map` of transformers, `model_index.json` of diffusers.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

export function namesLoaders(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && ('auto_map' in value || 'custom_pipelines' in value || '_diffusers_version' in value);
}
