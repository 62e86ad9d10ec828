// A CI system's identity provider on loopback, for tests: its discovery document, its key set, and a token for whoever asks
// with a job's claims, as a runner gets one for its own job. Vallum never calls it; the tests do, in a person's place.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwksOf, makeSigner, mint } from '../../packages/trust/src/testing/issuer.js';

export interface LocalIssuer {
  readonly url: string;
  /** What a person does before pinning: discovery, then the key set. */
  fetchKeys(): Promise<string>;
  /** What a job does: asks for a token with an audience. */
  fetchToken(audience: string, job: object): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<LocalIssuer> {
  const signer = makeSigner('loopback-1', 'RS256');
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', url);
    const answer = (body: object): void => void response.end(JSON.stringify(body));
    if (asked.pathname === '/.well-known/openid-configuration') return answer({ issuer: url, jwks_uri: `${url}/jwks` });
    if (asked.pathname === '/jwks') return answer(jwksOf([signer]));
    const now = Math.floor(Date.now() / 1000);
    const job = JSON.parse(asked.searchParams.get('job') ?? '{}') as object;
    const claims = {
      iss: url,
      aud: asked.searchParams.get('audience'),
      iat: now,
      nbf: now - 600,
      exp: now + 300,
      ...job,
    };
    answer({ value: mint(signer, claims) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    fetchKeys: async () => {
      const { jwks_uri: keys } = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as {
        jwks_uri: string;
      };
      return (await fetch(keys)).text();
    },
    fetchToken: async (audience, job) => {
      const query = new URLSearchParams({ audience, job: JSON.stringify(job) });
      return ((await (await fetch(`${url}/token?${query.toString()}`)).json()) as { value: string }).value;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
