// Sends a request to a witness over HTTP. The answer is a few lines; more is cut off, and redirects are not followed.
import { VallumError } from '@vallum/core';
import type { Post } from '../ask.js';

const TIMEOUT_MS = 15_000;
const MOST_ANSWER_BYTES = 64 * 1024;

/** @param url submission prefix of the witness @throws VallumError `WITNESS_URL`; calls throw `WITNESS_UNREACHABLE` */
export function postTo(url: string): Post {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol) || parsed.username !== '')
    throw new VallumError('WITNESS_URL', `${JSON.stringify(url.slice(0, 200))} is not the address of a witness`, {
      fix: 'give its submission prefix, such as https://witness.example.org/w1',
    });
  const target = `${url.replace(/\/+$/, '')}/add-checkpoint`;
  return async (body) => {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(target, { method: 'POST', body, signal, redirect: 'error' });
      return { status: response.status, body: await bounded(response) };
    } catch (cause) {
      throw new VallumError(
        'WITNESS_UNREACHABLE',
        `no answer from the witness at ${parsed.origin}`,
        { fix: 'see whether it runs and can be reached', cause },
        'unproven',
      );
    }
  };
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error('the answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
