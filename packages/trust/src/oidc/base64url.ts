// Base64url as JOSE writes it (RFC 7515 appendix C): no padding, one text for one value. Node's decoder skips what it does
// not know and ignores spare bits, so two texts could stand for one signature; only the way back shows that none did.

/** The bytes, or undefined when this is not the one canonical text for them. */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
