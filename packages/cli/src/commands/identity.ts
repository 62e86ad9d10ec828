// `vallum identity new|use`: what a CI job does to be known. It makes a key, asks its CI system for a token whose audience
// names that key and this project, and files both; whoever has trust.json verifies them later, offline. The token is read
// from a file or from the standard input and never from the environment or the command line, where other processes see it.
import type { Disk, Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { SigningKey, Trust } from '@vallum/trust';
import {
  buildIdentity,
  creditIdentity,
  generateKey,
  identityAudience,
  MAX_TOKEN_LENGTH,
  readEnvelope,
  readToken,
  signStatement,
  writeKeyFile,
} from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { closeProjectLedger, fileStatement, filedText, openProjectLedger } from '../project/log.js';
import { named } from '../project/read-named.js';
import { openSession, trustOf } from '../project/session.js';

/** Makes a key for one run of a job, and says which audience its token must have. */
export async function identityNew(io: Io): Promise<Answer> {
  const session = await openSession(io);
  const { project, issuers } = trustOf(session);
  if (issuers.length === 0)
    throw new VallumError(
      'IDENTITY_NONE',
      'trust.json pins no issuer of CI identities',
      { fix: 'have the holder of the root run vallum trust issuer add, then vallum trust enrol --issuer' },
      'unproven',
    );
  const made = generateKey('ci', 'ed25519');
  const key = { ...made, name: `ci-${made.keyid.slice(0, 12)}` };
  const path = await writeKeyFile(io.disk, io.keysFolder, key);
  const audience = identityAudience(project, key.keyid);
  return {
    exit: EXIT.pass,
    text: [
      'Ask the CI system for an identity token with exactly this audience, and hand it to vallum identity use:',
      printable(audience),
    ].join('\n'),
    json: { schema: 'vallum/identity-new/v1', project, keyid: key.keyid, key: path, audience },
  };
}

export interface UseOptions {
  /** A file, or `-` for the standard input. */
  readonly token: string;
}

/** Verifies a token and files it with the key that it names. @throws VallumError (not proven) with the claim that differs */
export async function identityUse(io: Io, options: UseOptions): Promise<Answer> {
  const session = await openSession(io);
  const token = await tokenFrom(io.disk, options.token);
  const ledger = await openProjectLedger(session);
  try {
    const trust = trustOf(session);
    const key = keyOfToken(session.keys, token, trust, io.keysFolder);
    if (trust.knownFrom(key.keyid) !== undefined && trust.key(key.keyid) !== undefined)
      throw new VallumError('IDENTITY_USED', `the key ${key.name} has its identity already`, {
        fix: 'go on with it, or run vallum identity new for another one',
      });
    const envelope = signStatement(buildIdentity(token, key, io.clock()), key);
    const signed = readEnvelope(envelope);
    const { principal, identity, key: known } = creditIdentity(trust, signed);
    const filed = await fileStatement(ledger, envelope);
    const { roles, notBefore, notAfter } = known;
    return {
      exit: EXIT.pass,
      text: [
        `This job is ${principal.id}, with ${roles.join(', ') || 'no role'}, until ${notAfter}`,
        `  ${printable(identity.subject)} of ${printable(identity.issuer)}`,
        `  ${filedText(filed)}`,
      ].join('\n'),
      json: {
        schema: 'vallum/identity-use/v1',
        principal: principal.id,
        roles,
        identity,
        keyid: key.keyid,
        notBefore,
        notAfter,
        statement: signed.id,
        filed,
      },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

/** One line break at the end, as shells leave it, is not part of the token. */
async function tokenFrom(disk: Disk, source: string): Promise<string> {
  const file = { name: source, fix: 'name the file that the token was written to, or - for the standard input' };
  const bytes =
    source === '-' ? await standardInput() : await named(file, () => disk.read(source, MAX_TOKEN_LENGTH + 2));
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/\r?\n$/, '');
}

async function standardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_TOKEN_LENGTH + 2)
      throw new VallumError('TOKEN_FORM', `the token has more than ${MAX_TOKEN_LENGTH} characters`, {
        fix: 'hand over the token alone',
      });
  }
  return Buffer.concat(chunks);
}

function keyOfToken(keys: readonly SigningKey[], token: string, { project }: Trust, folder: string): SigningKey {
  const { aud } = readToken(token).claims;
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  const key = keys.find(({ keyid }: { readonly keyid: Sha256 }) => identityAudience(project, keyid) === only);
  if (key !== undefined) return key;
  throw new VallumError(
    'TOKEN_AUDIENCE',
    `the token is for the audience ${JSON.stringify(aud ?? null)}, which names no key in ${folder} for the project ${project}`,
    { fix: 'run vallum identity new, and ask for a token with exactly the audience that it prints' },
    'unproven',
  );
}
