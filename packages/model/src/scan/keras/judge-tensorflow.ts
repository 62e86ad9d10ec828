// The layers with which Keras 2 records plain calls of TensorFlow: each names a function, a method or an operator, and
// TensorFlow has functions that read and write files, load libraries and run Python.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { KerasFinding, KerasNames } from './names.js';
import { quoted } from './names.js';

export const TENSORFLOW_CLASSES: ReadonlySet<string> = new Set([
  'TFOpLambda',
  'SlicingOpLambda',
  'TensorFlowOpLayer',
  'ClassMethod',
  'InstanceMethod',
  'InstanceProperty',
]);

export function judgeTensorflow(
  names: KerasNames,
  node: JsonObject,
  path: string,
  kind: string,
): readonly KerasFinding[] {
  const config = node['config'];
  const settings = config !== undefined && isJsonObject(config) ? config : {};
  const called = nameOf(kind, settings);
  if (called !== undefined && isKnown(names, kind, called)) return [];
  return [{ rule: 'VLM-KRS-010', detail: `${path} (${kind}) calls ${quoted(called ?? 'something unnamed')}` }];
}

function nameOf(kind: string, settings: JsonObject): string | undefined {
  switch (kind) {
    case 'TFOpLambda':
    case 'SlicingOpLambda':
      return asText(settings['function']);
    case 'TensorFlowOpLayer':
      return operatorOf(settings['node_def']);
    case 'ClassMethod':
      return asText(settings['cls_ref']) ?? asText(settings['cls_symbol']);
    case 'InstanceMethod':
      return asText(settings['method_name']);
    default:
      return asText(settings['attr_name']);
  }
}

/** The node is an object, or JSON or protobuf text. */
function operatorOf(node: JsonValue | undefined): string | undefined {
  if (node !== undefined && isJsonObject(node)) return asText(node['op']);
  const found = typeof node === 'string' ? /["']?\bop["']?\s*:\s*["']([^"']{1,200})["']/.exec(node) : null;
  return found?.[1];
}

function isKnown(names: KerasNames, kind: string, called: string): boolean {
  const name = called.replace(/^(?:tf\.|tensorflow\.)?(?:compat\.v[12]\.)?/, '');
  if (kind === 'TensorFlowOpLayer') return names.tensorflowOperators.has(called);
  if (kind === 'ClassMethod') return names.tensorMethods.has(name);
  if (kind === 'InstanceMethod' || kind === 'InstanceProperty') return /^[A-Za-z][A-Za-z0-9_]*$/.test(called);
  if (name.startsWith('raw_ops.')) return names.tensorflowOperators.has(name.slice('raw_ops.'.length));
  return names.tensorflowFunctions.has(name);
}

function asText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
