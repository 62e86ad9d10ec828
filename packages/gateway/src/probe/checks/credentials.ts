// Who has no credential, or one that proves nothing, must get nothing: neither an answer nor what the model is like.
import { keyIdOf, mintKeyToken } from '../../who/keys/key-token.js';
import type { Checked } from '../check.js';
import { mustRefuse } from '../check.js';
import type { Probe } from '../probe.js';

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export async function credentialChecks(probe: Probe): Promise<readonly Checked[]> {
  const { key, protocol, path } = probe.settings;
  const found: Checked[] = [
    mustRefuse(
      { id: 'anonymous.infer', rule: 'VLM-GWP-001', sent: 'a good request without credential' },
      await probe.ask(probe.infer({ headers: probe.headers([]) })),
    ),
  ];
  if (protocol === 'oip')
    found.push(
      mustRefuse(
        { id: 'anonymous.metadata', rule: 'VLM-GWP-001', sent: 'a request for the metadata without credential' },
        await probe.ask({ method: 'GET', path: path.replace(/\/infer$/, ''), headers: probe.headers([], '') }),
      ),
    );
  for (const [id, sent, lines] of forged(probe, key))
    found.push(
      mustRefuse(
        { id: `credential.${id}`, rule: 'VLM-GWP-002', sent },
        await probe.ask(probe.infer({ headers: probe.headers(lines) })),
      ),
    );
  return found;
}

type Forged = readonly [id: string, sent: string, lines: readonly string[]];

function forged(probe: Probe, key: string | undefined): readonly Forged[] {
  const bearer = (token: string): readonly string[] => probe.credential(token);
  const wrong = wrongKey(key, probe.ports.random);
  return [
    ['empty', 'an empty bearer token', ['Authorization: Bearer ']],
    ['wrong', 'a key of the right form that nobody has', bearer(wrong)],
    ['unsigned', 'a token with algorithm none that ended in 2001', bearer(token('none', 1_000_000_000, ''))],
    ['expired', 'a token signed by nobody that ended in 2001', bearer(token('RS256', 1_000_000_000, 'AAAA'))],
    ['forged', 'a token signed by nobody that ends in 2100', bearer(token('HS256', 4_102_444_800, 'AAAA'))],
    ['basic', 'a user name and a password', ['Authorization: Basic YWRtaW46YWRtaW4=']],
    ...(key === undefined
      ? []
      : [['twice', 'a wrong key and the right one', [...bearer(wrong), ...bearer(key)]] as Forged]),
  ];
}

/** Of Vallum's own keys the id stays, so that the secret is what is compared. */
function wrongKey(key: string | undefined, random: (count: number) => Uint8Array): string {
  const id = key === undefined ? undefined : keyIdOf(key);
  if (key === undefined || id !== undefined) {
    const bytes = id === undefined ? undefined : Uint8Array.from(id, (letter) => ID_ALPHABET.indexOf(letter));
    return mintKeyToken((count) => (count === bytes?.length ? bytes : random(count)));
  }
  const half = Math.floor(key.length / 2);
  const end = Buffer.from(random(key.length))
    .toString('hex')
    .slice(0, key.length - half);
  return key.slice(0, half) + end;
}

/** A token that looks like one (RFC 7519); its signature is none. */
function token(alg: string, exp: number, signature: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg, typ: 'JWT' })}.${part({ sub: 'vallum-probe', iss: 'vallum-probe', aud: 'vallum-probe', exp })}.${signature}`;
}
