// The mails of an mbox file (RFC 4155): each begins with a line `From ` at the start or behind an empty line. The text of a
// mail may hold such a line too when it was not quoted; nobody can tell, so it begins a mail here, as with other readers.
import type { OpenFile } from '@vallum/core';

const SEPARATOR = Buffer.from('\nFrom ');
const PIECE = 1024 * 1024;

/** @yields a mail with its `From ` line, and the offset behind it; of a mail that is too long only the first bytes */
export async function* mboxMails(
  file: OpenFile,
  maxBytes: number,
): AsyncGenerator<{ readonly mail: Uint8Array; readonly end: number }, void, undefined> {
  let held = Buffer.alloc(0);
  let offset = 0;
  while (offset < file.size) {
    const piece = await file.read(offset, PIECE);
    if (piece.length === 0) break;
    offset += piece.length;
    held = Buffer.concat([held, piece]);
    let start = 0;
    for (let at = separator(held, 0); at >= 0; at = separator(held, start)) {
      yield { mail: held.subarray(start, at + 1), end: offset - held.length + at };
      start = at + 1;
    }
    held = held.subarray(start);
    // The rest of a mail that is too long is not needed but for the line that ends it.
    if (held.length > maxBytes * 2 + PIECE)
      held = Buffer.concat([held.subarray(0, maxBytes + 1), held.subarray(held.length - PIECE)]);
  }
  if (held.length > 0) yield { mail: held, end: offset };
}

/** Index of the line feed in front of a `From ` that has an empty line before it. */
function separator(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(SEPARATOR, from); at >= 0; at = bytes.indexOf(SEPARATOR, at + 1)) {
    const empty = bytes[at - 1] === 0x0a || (bytes[at - 1] === 0x0d && bytes[at - 2] === 0x0a);
    if (empty && at >= from) return at;
  }
  return -1;
}
