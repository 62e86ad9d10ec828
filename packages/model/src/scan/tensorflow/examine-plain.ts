// Messages that are data and nothing else: the fingerprint of a SavedModel, the pieces of a SentencePiece tokenizer.
import { readPlainMessage } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { read, skip } from '../context.js';

const FIELDS = [1, 2, 3, 4, 5, 6, 7];

export async function examinePlainMessage(context: Context, item: Item): Promise<void> {
  const fault = await read(context, item, readPlainMessage(item.source.size, FIELDS));
  if (fault !== undefined) skip(context, item, 'as a protobuf message', fault);
}
