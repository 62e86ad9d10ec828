// Whether a text is base64 throughout (RFC 4648, 4), by one look at each character: a regular expression would keep a place to
// go back to for each of them, and texts here have megabytes.
const IS_CODE = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  IS_CODE[character.charCodeAt(0)] = 1;
const EQUALS = 0x3d;

/** @param from where it begins; padding may be left out; no bytes at all are base64 too */
export function isBase64(text: string, from = 0): boolean {
  let end = text.length;
  for (let i = 0; i < 2 && end > from && text.charCodeAt(end - 1) === EQUALS; i += 1) end -= 1;
  if ((end - from) % 4 === 1) return false;
  for (let at = from; at < end; at += 1) if (IS_CODE[text.charCodeAt(at)] !== 1) return false;
  return true;
}
