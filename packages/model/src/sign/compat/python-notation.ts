// `repr()` of a `bytes` object in Python 3, which model-signing 0.2 signed by mistake. In one buffer of the right size:
// it is made of payloads that nobody has vouched for yet.

const SINGLE = 0x27;
const DOUBLE = 0x22;
const ESCAPES: Readonly<Record<number, string>> = { 0x09: '\\t', 0x0a: '\\n', 0x0d: '\\r', 0x5c: '\\\\' };

/** At most so many bytes stand for one. */
const WIDTH = 4;

function notationOf(byte: number, quote: number): Buffer {
  const plain = byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
  return Buffer.from(byte === quote ? `\\${plain}` : (ESCAPES[byte] ?? plain));
}

/** ASCII. */
export function pythonNotation(bytes: Uint8Array): Buffer {
  const quote = bytes.includes(SINGLE) && !bytes.includes(DOUBLE) ? DOUBLE : SINGLE;
  const table = Buffer.alloc(256 * WIDTH);
  const lengths = Uint8Array.from({ length: 256 }, (_, byte) => notationOf(byte, quote).copy(table, byte * WIDTH));
  let size = 3;
  for (let from = 0; from < bytes.length; from += 1) size += lengths[bytes[from] ?? 0] ?? 0;
  const out = Buffer.allocUnsafe(size);
  out.write(`b${String.fromCharCode(quote)}`);
  let at = 2;
  for (let from = 0; from < bytes.length; from += 1) {
    const byte = bytes[from] ?? 0;
    const end = at + (lengths[byte] ?? 0);
    for (let part = byte * WIDTH; at < end; part += 1, at += 1) out[at] = table[part] ?? 0;
  }
  out[at] = quote;
  return out;
}
