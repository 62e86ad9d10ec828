// Finds the delimiter of a text table: the one that splits the first lines into equally many fields, and into most.
const CANDIDATES = [0x2c, 0x09, 0x3b, 0x7c];
const ROWS = 100;
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** @param bytes the start of the file @returns a comma where nothing splits */
export function sniffDelimiter(bytes: Uint8Array, candidates: readonly number[] = CANDIDATES): number {
  let best = candidates[0] ?? 0x2c;
  let score = 0;
  for (const delimiter of candidates) {
    const widths = fieldCounts(bytes, delimiter);
    const first = widths[0] ?? 1;
    const even = widths.every((width) => width === first);
    // A header that does not split is no header of this delimiter, however even it is.
    const points = first < 2 ? 0 : (even ? 1e6 : 0) + first;
    if (points > score) {
      best = delimiter;
      score = points;
    }
  }
  return best;
}

/** What a first line `sep=;` says, which Excel reads and does not show. @returns with the bytes of the line */
export function saidDelimiter(bytes: Uint8Array): { readonly delimiter: number; readonly length: number } | undefined {
  const line = /^sep=([,;|\t])(?:\r\n|\n|\r)/i.exec(Buffer.from(bytes.subarray(0, 7)).toString('latin1'));
  return line === null ? undefined : { delimiter: line[1]!.charCodeAt(0), length: line[0].length };
}

/** Fields of the first complete rows that are not blank. */
function fieldCounts(bytes: Uint8Array, delimiter: number): number[] {
  const widths: number[] = [];
  let fields = 1;
  let inQuotes = false;
  let atStart = true;
  let lineStart = 0;
  for (let at = 0; at < bytes.length && widths.length < ROWS; at++) {
    const byte = bytes[at];
    if (inQuotes) {
      if (byte === QUOTE) inQuotes = false;
    } else if (byte === QUOTE && (atStart || bytes[at - 1] === QUOTE)) inQuotes = true;
    else if (byte === delimiter) {
      fields += 1;
      atStart = true;
      continue;
    } else if (byte === LF || byte === CR) {
      if (at > lineStart) widths.push(fields);
      fields = 1;
      lineStart = at + 1;
      atStart = true;
      continue;
    }
    atStart = false;
  }
  return widths.length === 0 ? [fields] : widths;
}
