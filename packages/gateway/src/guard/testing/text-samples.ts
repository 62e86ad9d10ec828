// Texts with secrets and personal data in the forms that the rules of `detect` know; none of them is anybody's.
export const TOKEN = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0xL3rUo'}`;
export const JWT = [
  Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'),
  Buffer.from(`{"sub":"1234567890","scope":"${'read write '.repeat(30)}"}`).toString('base64url'),
  'dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1gFWFOEjXk9s',
].join('.');
export const MAIL = 'mary.jones@mailbox.org';
export const CARD = '4111 1111 1111 1111';

const lines = Array.from({ length: 12 }, (_, i) => Buffer.alloc(48, i * 37 + 11).toString('base64'));
export const PRIVATE_KEY = ['-----BEGIN RSA PRIVATE KEY-----', ...lines, '-----END RSA PRIVATE KEY-----'].join('\n');
/** A line of the body, which says nothing by itself. */
export const KEY_LINE = lines[5] as string;
