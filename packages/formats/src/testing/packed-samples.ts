// Streams and archives made by other tools than ours: the measure of our decoders. Made by
// packages/model/src/scan/testing/make/archive.py.
import samples from './packed-samples.json' with { type: 'json' };

function decoded<K extends string>(texts: Readonly<Record<K, string>>): Readonly<Record<K, Uint8Array>> {
  const pairs = Object.entries<string>(texts).map(([name, text]) => [name, Buffer.from(text, 'base64')] as const);
  return Object.fromEntries(pairs) as Readonly<Record<string, Uint8Array>>;
}

export const PACKED = {
  text: decoded(samples.text),
  shell: decoded(samples.shell),
  joblib: decoded(samples.joblib),
  bombs: decoded(samples.bombs),
  zeros: Buffer.from(samples.zeros, 'base64'),
  seven: Buffer.from(samples.seven, 'base64'),
};
