// What Keras 2 notes beside a SavedModel, in `keras_metadata.pb` or in the graph's objects: the configuration of every
// layer as JSON. Loading it with Keras builds the layers anew, and a Lambda layer brings its Python code along. The rules
// are those of any other description of a Keras model.
import type { JsonValue } from '@vallum/core';
import { messageOf, parseJsonStrict } from '@vallum/core';
import type { TensorflowGraph } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { skip } from '../context.js';
import { applyKeys } from '../document/json-keys.js';
import { readAsPython } from '../document/python-json.js';
import { tellLaxKeras } from '../keras/examine-config.js';

export function judgeMetadata(context: Context, item: Item, metadata: TensorflowGraph['metadata']): void {
  const limits = { maxBytes: context.budgets.maxTextBytes, maxDepth: 200 };
  for (const { identifier, text, at } of metadata) {
    // Only objects of Keras are built from what is noted about them.
    const keras = identifier.startsWith('_tf_keras');
    if (text.trim() === '' || (!keras && !text.trimStart().startsWith('{'))) continue;
    let value: JsonValue;
    try {
      value = parseJsonStrict(text, limits);
    } catch (error) {
      const lax = readAsPython(text, limits);
      if (keras && lax?.strict !== true) skip(context, item, `what Keras noted at ${at}`, messageOf(error));
      if (lax === undefined) continue;
      value = lax.value;
      if (!lax.strict) tellLaxKeras(context, item, value, messageOf(error));
    }
    applyKeys(context, item, value);
  }
}
