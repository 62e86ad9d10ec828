// `vallum trust issuer add` and `vallum trust enrol --issuer`: whose tokens count, and which CI jobs are a principal. The key
// set comes from a file that the holder of the root fetched and looked at; Vallum itself fetches nothing.
import { parseTime, VallumError, writeDurably } from '@vallum/core';
import type { IdentityPattern } from '@vallum/trust';
import { addIssuer, DIALECT_NAMES, enrolIdentity, isDialect, readJwks } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { readNamed } from '../project/read-named.js';
import { drafted } from './draft.js';
import { assertPrincipal, openAsRoot, rolesIn, windowUntil } from './trust-desk.js';

const MAX_JWKS_BYTES = 256 * 1024;
const FETCH = 'give the file that the issuer names as its jwks_uri';

export interface IssuerOptions {
  readonly keys: string;
  readonly claims: string;
  readonly until?: string;
}

/** Pins the keys of an issuer; keys that are pinned already keep their window. */
export async function trustIssuerAdd(io: Io, issuer: string, options: IssuerOptions): Promise<Answer> {
  const { paths, trust, root } = await openAsRoot(io);
  const { claims } = options;
  if (!isDialect(claims))
    throw new VallumError('ISSUER_CLAIMS', `${JSON.stringify(claims)} is no form of claims`, {
      fix: `the forms are ${DIALECT_NAMES}`,
    });
  const source = { path: options.keys, name: options.keys, limit: MAX_JWKS_BYTES, fix: FETCH };
  const { keys, skipped } = await readNamed(io.disk, source, (bytes) => drafted(() => readJwks(bytes), FETCH));
  const now = io.clock();
  const window = windowUntil(now, options.until === undefined ? undefined : parseTime(options.until));
  await writeDurably(io.disk, paths.trust, addIssuer(trust, { issuer, claims, keys, ...window }, root, now));
  const fresh = keys.filter(
    ({ kid }) => !trust.issuers.some((one) => one.issuer === issuer && one.keys.some((key) => key.kid === kid)),
  );
  return {
    exit: EXIT.pass,
    text: [
      `Pinned ${fresh.length} keys of ${printable(issuer)} until ${window.notAfter.slice(0, 10)}`,
      ...fresh.map(({ kid, alg }) => `  ${printable(kid)} ${alg}`),
      ...skipped.map(({ kid, why }) => `  left out ${printable(kid)}: ${why}`),
    ].join('\n'),
    json: {
      schema: 'vallum/trust-issuer/v1',
      issuer,
      claims,
      pinned: fresh.map(({ kid, alg }) => ({ kid, alg, ...window })),
      known: keys.length - fresh.length,
      skipped,
    },
  };
}

export interface EnrolJobOptions {
  readonly roles: string;
  readonly issuer?: string;
  readonly name?: string;
  readonly subject?: string;
  readonly workflow?: string;
  readonly branch?: string;
  readonly lifetime?: string;
  readonly algorithm?: string;
  readonly until?: string;
}

/** Enrols a CI job; no key is made, each run of the job makes its own. */
export async function trustEnrolJob(io: Io, id: string, options: EnrolJobOptions): Promise<Answer> {
  assertPrincipal(id);
  const { issuer, subject, workflow, branch, lifetime } = options;
  if (issuer === undefined || subject === undefined)
    throw new VallumError('IDENTITY_OPTIONS', 'a CI job is enrolled by its issuer and its subject', {
      fix: 'give --issuer and --subject as the claims iss and sub have them',
    });
  if (options.algorithm !== undefined)
    throw new VallumError('IDENTITY_OPTIONS', 'a CI job makes its own Ed25519 keys', { fix: 'leave --algorithm out' });
  const { paths, trust, root } = await openAsRoot(io);
  const roles = rolesIn(options.roles);
  const now = io.clock();
  const identity: IdentityPattern = {
    issuer,
    subject,
    ...(workflow === undefined ? {} : { workflow }),
    ...(branch === undefined ? {} : { branch }),
    ...(lifetime === undefined ? {} : { lifetime }),
    roles,
    ...windowUntil(now, options.until === undefined ? undefined : parseTime(options.until)),
  };
  await writeDurably(io.disk, paths.trust, enrolIdentity(trust, { id, name: options.name ?? id }, identity, root, now));
  return {
    exit: EXIT.pass,
    text: [
      `Enrolled ${id} with ${roles.join(', ') || 'no role'}: jobs of ${printable(issuer)}`,
      `  subject ${printable(subject)}, ${workflow === undefined ? 'any workflow' : `workflow ${printable(workflow)}`}, ${branch === undefined ? 'any branch' : `branch ${printable(branch)}`}`,
    ].join('\n'),
    json: { schema: 'vallum/trust-enrol/v1', principal: id, roles, identity },
  };
}
