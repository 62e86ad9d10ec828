// What mlflow and plain JSON have in common: leaves of a parsed body as an `Inspected`, and the body with other texts.
import type { JsonValue } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import { JSON_HEADERS } from './body-settings.js';
import type { Inspected } from './inspected.js';
import type { Leaves } from './leaves.js';
import { LeafWriter } from './leaves.js';
import { withReplacedTexts } from './oip.js';
import type { Beside } from './texts-in.js';
import { inOrder } from './texts-in.js';

export interface ReadLeaves {
  readonly body: Buffer;
  readonly leaves: Leaves;
  readonly beside: Beside;
}

/** @param write the whole body with the leaves that a writer has, and one text beside them after the other */
export function inspectedLeaves(
  { body, leaves: { tensors, elements }, beside }: ReadLeaves,
  rows: number,
  maxElements: number,
  write: (writer: LeafWriter, next: () => string) => JsonValue,
): Inspected | Refusal {
  if (elements > maxElements) return refuse('too-large', `it has more than ${maxElements} numbers and texts`);
  const inspected: Inspected = {
    inputs: tensors,
    elements,
    rows: Math.max(1, rows),
    stream: false,
    forward: body,
    headers: JSON_HEADERS,
    beside,
  };
  if (beside.texts.length === 0 && !tensors.some(({ texts }) => texts !== undefined)) return inspected;
  return {
    ...inspected,
    withTexts: (texts, besideTexts = beside.texts) => {
      const inputs = withReplacedTexts(tensors, texts);
      const written = write(new LeafWriter(tensors, inputs), inOrder(besideTexts));
      const forward = Buffer.from(JSON.stringify(written));
      return { ...inspected, inputs, forward, beside: { ...beside, texts: besideTexts } };
    },
  };
}
