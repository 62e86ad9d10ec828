// JSON documents that are known by their shape. The name may help to know one, and never keeps another from being looked at.
import type { JsonValue } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { looksLikeIndex } from './index-shape.js';
import { looksLikeNotebook } from '@vallum/formats';
import { namesLoaders } from '../python/loader-shape.js';
import { looksLikeSkops } from '../skops/shape.js';
import { looksLikeCoremlManifest, looksLikeMxnetSymbol } from '../tensorflow/json-shape.js';
import { hasWorkspaceShape } from '../workspace/json-shapes.js';
import { looksLikeXgboost } from '../trees/shape.js';

export interface JsonShape {
  readonly matches: (value: JsonValue, name: string) => boolean;
  readonly load: () => Promise<(context: Context, item: Item, value: JsonValue) => Promise<void> | void>;
}

export const JSON_SHAPES: readonly JsonShape[] = [
  {
    matches: (value) => namesLoaders(value),
    load: async () => (await import('../python/examine-loaders.js')).examineLoaders,
  },
  {
    matches: (value) => looksLikeNotebook(value),
    load: async () => (await import('../notebook/examine-notebook.js')).examineNotebook,
  },
  {
    matches: (value, name) => looksLikeIndex(value, name),
    load: async () => (await import('./examine-index.js')).examineIndex,
  },
  {
    matches: (value, name) => hasWorkspaceShape(value, name),
    load: async () => (await import('../workspace/json-files.js')).examineWorkspaceJson,
  },
  {
    matches: (value) => looksLikeSkops(value),
    load: async () => (await import('../skops/examine-skops.js')).examineSkops,
  },
  {
    matches: (value) => looksLikeXgboost(value),
    load: async () => (await import('../trees/examine-xgboost.js')).examineXgboostJson,
  },
  {
    matches: (value) => looksLikeCoremlManifest(value),
    load: async () => (await import('../tensorflow/examine-recognised.js')).examineCoremlManifest,
  },
  {
    matches: (value) => looksLikeMxnetSymbol(value),
    load: async () => (await import('../tensorflow/examine-recognised.js')).examineMxnetSymbol,
  },
];
