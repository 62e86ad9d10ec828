// Inflates constants that source holds packed, within a bound.
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** zlib, gzip or raw deflate; undefined when it is none of them or gives more than the bound. */
export function inflate(bytes: Buffer, maxBytes: number): Buffer | undefined {
  for (const unpack of [inflateSync, gunzipSync, inflateRawSync])
    try {
      return unpack(bytes, { maxOutputLength: maxBytes });
    } catch {
      // The next kind.
    }
  return undefined;
}
