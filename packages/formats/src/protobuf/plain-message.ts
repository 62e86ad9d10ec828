// Walks over a message of which only the outer fields matter: that they are well-formed up to the last byte, and known.
import type { Parser } from '../bytes/parser.js';
import { Wire, WireError } from './wire.js';

/** @returns why it is not such a message, or undefined */
export function* readPlainMessage(size: number, known: readonly number[]): Parser<string | undefined> {
  const wire = new Wire(size, 5_000_000);
  try {
    for (let at = 0; at < size;) {
      const field = yield* wire.field(at, size);
      if (!known.includes(field.number)) return `field ${field.number} is not part of the format`;
      at = field.end;
    }
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
  return undefined;
}
