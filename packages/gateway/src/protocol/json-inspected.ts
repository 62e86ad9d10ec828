// What mlflow and plain JSON have in common: leaves of a parsed body as an `Inspected`, and the body with other texts.
import type { JsonValue } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import { JSON_HEADERS } from './body-settings.js';
import type { Inspected } from './inspected.js';
import type { Leaves } from './leaves.js';
import { LeafWriter } from './leaves.js';
import { withReplacedTexts } from './oip.js';

/** @param write the whole body with the leaves that a writer has */
export function inspectedLeaves(
  body: Buffer,
  { tensors, elements }: Leaves,
  rows: number,
  maxElements: number,
  write: (writer: LeafWriter) => JsonValue,
): Inspected | Refusal {
  if (elements > maxElements) return refuse('too-large', `it has more than ${maxElements} numbers and texts`);
  const inspected: Inspected = {
    inputs: tensors,
    elements,
    rows: Math.max(1, rows),
    stream: false,
    forward: body,
    headers: JSON_HEADERS,
  };
  if (!tensors.some(({ texts }) => texts !== undefined)) return inspected;
  return {
    ...inspected,
    withTexts: (texts) => {
      const inputs = withReplacedTexts(tensors, texts);
      const forward = Buffer.from(JSON.stringify(write(new LeafWriter(tensors, inputs))));
      return { ...inspected, inputs, forward };
    },
  };
}
