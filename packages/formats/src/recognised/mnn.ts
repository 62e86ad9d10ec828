// MNN writes a FlatBuffer without an identifier: a table whose fourth field is a vector of operators, each a table, and
// whose eighth is a vector of the tensors' names.
import type { Parser } from '../bytes/parser.js';
import { FlatBuffer, FlatBufferError } from '../flatbuffers/flat-buffer.js';

const FIELD = { operators: 3, tensorNames: 7 } as const;

export function* looksLikeMnn(size: number): Parser<boolean> {
  const buffer = new FlatBuffer(size, 10_000);
  try {
    const root = yield* buffer.root();
    const operators = yield* buffer.vector(root, FIELD.operators, 4);
    const names = yield* buffer.vector(root, FIELD.tensorNames, 4);
    if (operators === undefined || names === undefined || operators.length === 0 || names.length === 0) return false;
    yield* buffer.table(yield* buffer.follow(operators.start));
    return (yield* buffer.textAt(yield* buffer.follow(names.start), 100)).length > 0;
  } catch (error) {
    if (error instanceof FlatBufferError) return false;
    throw error;
  }
}
