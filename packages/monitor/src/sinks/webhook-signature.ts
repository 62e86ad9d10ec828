// The signature of a webhook, in the form of Standard Webhooks (github.com/standard-webhooks/standard-webhooks): HMAC-SHA-256
// over id, time and body, so that a receiver can tell a forged message, a changed one, and one that is played again.
import { createHmac } from 'node:crypto';

/** Shortest secret, in bytes. */
export const SECRET_BYTES = 24;

/** @param seconds since the epoch, of this try @returns header values by lower-case name */
export function signatureHeaders(
  secret: Uint8Array,
  { id, seconds, body }: { readonly id: string; readonly seconds: number; readonly body: string },
): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
}
