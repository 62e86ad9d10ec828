// Walks the bytes of a JSON body once, before a single value of it is built: depth, counts, integers that a double cannot
// hold. It does not check the grammar; JSON.parse does that after it. A caller controls every byte.

export interface ScanLimits {
  readonly maxDepth: number;
  /** Values in all, keys not counted; arrays and objects are counted apart, up to as many. */
  readonly maxValues: number;
}

export interface Scan {
  /** Keys in all objects, as written: two equal keys count twice. */
  readonly keys: number;
  /** An escape that may be half of a surrogate pair was seen. */
  readonly surrogates: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LETTER_D = 0x64;
const LETTER_U = 0x75;
/** Integers of fewer digits are always held exactly. */
const SAFE_DIGITS = 15;

/** Why a body is refused: beyond a bound, or because two readers could read two things. */
export interface ScanFault {
  readonly fault: string;
  readonly isTooMuch: boolean;
}

export function scanJson(bytes: Buffer, { maxDepth, maxValues }: ScanLimits): Scan | ScanFault {
  const end = bytes.length;
  let depth = 0;
  let openings = 0;
  let commas = 0;
  let keys = 0;
  let surrogates = false;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      for (at += 1; at < end; at++) {
        const inside = bytes[at] as number;
        if (inside === QUOTE) break;
        if (inside !== BACKSLASH) continue;
        at += 1;
        // \uD8.. to \uDF..: whole pairs and halves alike; which it is, the value tells.
        if (bytes[at] === LETTER_U && ((bytes[at + 1] ?? 0) | 0x20) === LETTER_D) surrogates = true;
      }
    } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const start = at;
      let isInteger = true;
      for (at += 1; at < end; at++) {
        const digit = bytes[at] as number;
        if (digit >= ZERO && digit <= NINE) continue;
        // A point, e, E, + or -: whatever else ends the number.
        if (digit !== 0x2e && (digit | 0x20) !== 0x65 && digit !== 0x2b && digit !== MINUS) break;
        isInteger = false;
      }
      if (isInteger && at - start > SAFE_DIGITS && !Number.isSafeInteger(Number(bytes.toString('latin1', start, at))))
        return { fault: 'an integer is too large for a double, so readers differ about it', isTooMuch: false };
      at -= 1;
    } else if (byte === COMMA) {
      if (++commas > maxValues) return tooMuch(`it has more than ${maxValues} values`);
    } else if (byte === COLON) keys += 1;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) return tooMuch(`it is nested deeper than ${maxDepth}`);
      if (++openings > maxValues) return tooMuch(`it has more than ${maxValues} arrays and objects`);
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return { keys, surrogates };
}

function tooMuch(fault: string): ScanFault {
  return { fault, isTooMuch: true };
}
