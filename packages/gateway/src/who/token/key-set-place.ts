// Where the keys of an issuer are: a file, or a URL. Whoever can change the answer on its way can sign tokens, so that plain
// http is for this machine only.
import { VallumError } from '@vallum/core';

const LOCAL = ['127.0.0.1', '[::1]', 'localhost'];

/** The URL; undefined when the place is a file. @throws VallumError `GATEWAY_JWKS` */
export function keySetUrl(place: string): URL | undefined {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(place)) return undefined;
  const url = URL.canParse(place) ? new URL(place) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOCAL.includes(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.password === '') return url;
  throw new VallumError(
    'GATEWAY_JWKS',
    `${JSON.stringify(place.slice(0, 200))} is not a place for the keys of an issuer`,
    {
      fix: 'give an https URL without a user, an http URL of this machine, or a file',
    },
  );
}
