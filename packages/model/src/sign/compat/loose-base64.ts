// Base64 for the profile `compat`, as CPython's `binascii.a2b_base64` reads it: unknown characters are skipped, and what
// follows the padding too. In buffers: a list of 30 million characters would cost gigabytes before anything is believed.

const PAD = 0x3d;
const KNOWN = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')) KNOWN[byte] = 1;

/** Undefined for what Python refuses: text outside ASCII, and padding that is missing. */
export function looseBase64(text: string): Buffer | undefined {
  if (/[^\0-\x7f]/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'latin1');
  let kept = 0;
  let pads = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === PAD) {
      const filled = kept % 4;
      if (filled < 2) continue;
      pads += 1;
      if (filled + pads >= 4) return decoded(bytes, kept);
    } else if (KNOWN[byte] === 1) {
      pads = 0;
      // Never ahead of what is read.
      bytes[kept] = byte;
      kept += 1;
    }
  }
  return kept % 4 === 0 ? decoded(bytes, kept) : undefined;
}

function decoded(bytes: Buffer, kept: number): Buffer {
  return Buffer.from(bytes.toString('latin1', 0, kept), 'base64');
}
