// CI jobs as principals: which jobs fit, what their keys may say and from when on, and who is never believed.
import { describe, expect, it } from 'vitest';
import type { Statement } from '@vallum/core';
import { readEnvelope, signStatement } from '../envelope.js';
import type { Signed } from '../envelope.js';
import { generateKey, publicRecord } from '../keys.js';
import type { SigningKey } from '../keys.js';
import { issuerOf, makeSigner, mint } from '../testing/issuer.js';
import { approver, ledgers, NOW, principals, root, runner, statement, WINDOW } from '../testing/sample.js';
import type { Trust } from '../trust.js';
import { buildTrust, enrol, readTrust } from '../trust-file.js';
import { creditIdentity } from './credit.js';
import { addIssuer, enrolIdentity } from './enrol.js';
import { doubtAboutStatement, IdentityBook, withIdentities } from './identity-book.js';
import type { IdentityPattern } from './pattern.js';
import { buildIdentity, identityAudience } from './statement.js';

const URL = 'https://token.actions.example.com';
const signer = makeSigner('k1', 'ES256');
const WORKFLOW = 'acme/spam-filter/.github/workflows/check.yml';
const pattern: IdentityPattern = {
  issuer: URL,
  subject: 'repo:acme/spam-filter:*',
  workflow: WORKFLOW,
  branch: 'main',
  roles: ['produce:*'],
  ...WINDOW,
};
const iat = NOW.getTime() / 1000;
const claims = {
  iss: URL,
  sub: 'repo:acme/spam-filter:ref:refs/heads/main',
  iat,
  exp: iat + 300,
  ref: 'refs/heads/main',
  ref_type: 'branch',
  job_workflow_ref: `${WORKFLOW}@refs/heads/main`,
};
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

function trustWith(...patterns: readonly IdentityPattern[]): Trust {
  const jobs = patterns.map((one, at) => ({ id: `job-${at}`, name: 'A job', keys: [], identities: [one] }));
  const issuers = [issuerOf(URL, 'github', [signer])];
  const draft = { project: 'spam-filter', principals: [...principals, ...jobs], ledgers, issuers, root, now: NOW };
  return readTrust(buildTrust(draft));
}

const trust = trustWith(pattern);

interface Job {
  readonly key: SigningKey;
  readonly identity: Signed;
}

function jobWith(
  said: object = {},
  { key = generateKey('ci', 'ed25519'), project = 'spam-filter', at = NOW } = {},
): Job {
  const token = mint(signer, { ...claims, aud: identityAudience(project, key.keyid), ...said });
  return { key, identity: readEnvelope(signStatement(buildIdentity(token, key, at), key)) };
}

const says = (key: SigningKey, said: Statement = statement): Signed => readEnvelope(signStatement(said, key));
const doubtOf = (job: Job, given = trust): string | undefined =>
  withIdentities(given, [{ keyid: job.key.keyid, index: 0, signed: job.identity }]).doubtAbout(job.key.keyid);

describe('a job that is enrolled', () => {
  const { key, identity } = jobWith();
  const known = withIdentities(trust, [{ keyid: key.keyid, index: 5, signed: identity }]);

  it('is its principal, for its roles, as long as its token lasts', () => {
    expect(known.may(key.keyid, 'produce:artifact.scan', NOW)?.id).toBe('job-0');
    expect(known.may(key.keyid, 'produce:artifact.scan', later(300))?.id).toBe('job-0');
    expect(known.may(key.keyid, 'produce:artifact.scan', later(301))).toBeUndefined();
    expect(known.may(key.keyid, 'produce:artifact.scan', later(-61))).toBeUndefined();
    for (const role of ['decide', 'approve', 'revoke', 'policy', 'ledger', 'sign:model'])
      expect(known.may(key.keyid, role, NOW)).toBeUndefined();
    expect(known.signer(key.keyid, NOW)?.id).toBe('job-0');
    expect(known.principalOf(key.keyid)?.id).toBe('job-0');
    expect(known.rolesOf('job-0', NOW)).toEqual(['produce:*']);
    expect(known.key(key.keyid)?.keyid).toBe(key.keyid);
    expect(known.identityOf(key.keyid)).toMatchObject({ issuer: URL, workflow: WORKFLOW, branch: 'main' });
  });

  it('leaves the trust that was given as it was, and everybody else in it', () => {
    expect(trust.key(key.keyid)).toBeUndefined();
    expect(trust.identityOf(key.keyid)).toBeUndefined();
    expect(known.may(approver.keyid, 'approve', NOW)?.id).toBe('bo');
    expect(known.identityOf(approver.keyid)).toBeUndefined();
    expect(known.digest).toBe(trust.digest);
  });

  it('counts only for what was entered after its identity', () => {
    expect(doubtAboutStatement(known, says(key), 6)).toBeUndefined();
    expect(doubtAboutStatement(known, says(key))).toBeUndefined();
    expect(doubtAboutStatement(known, identity, 5)).toBeUndefined();
    expect(doubtAboutStatement(known, says(key), 4)).toMatch(/entered before/);
    expect(doubtAboutStatement(known, says(runner), 4)).toBeUndefined();
    const waiting = withIdentities(trust, [{ keyid: key.keyid, signed: identity }]);
    expect(doubtAboutStatement(waiting, says(key), 4)).toMatch(/entered before/);
    expect(doubtAboutStatement(waiting, says(key))).toBeUndefined();
  });

  it('has one identity, the first in the log, in whatever order they are read', () => {
    const second = jobWith({ exp: iat + 3000 }, { key });
    const entries = [
      { keyid: key.keyid, index: 9, signed: second.identity },
      { keyid: key.keyid, index: 5, signed: identity },
      { keyid: key.keyid, signed: second.identity },
    ];
    for (const order of [entries, [...entries].reverse()]) {
      const read = withIdentities(trust, order);
      expect([read.knownFrom(key.keyid), read.key(key.keyid)?.notAfter]).toEqual([5, later(300).toISOString()]);
    }
  });

  it('counts longer where the root says so, and never longer than its enrolment', () => {
    const end = (change: Partial<IdentityPattern>, exp = iat + 300): string | undefined => {
      const job = jobWith({ exp });
      const given = trustWith({ ...pattern, ...change });
      return withIdentities(given, [{ keyid: job.key.keyid, signed: job.identity }]).key(job.key.keyid)?.notAfter;
    };
    expect(end({ lifetime: 'PT2H' })).toBe(later(7200).toISOString());
    expect(end({}, iat + 90_000)).toBe(later(86_400).toISOString());
    expect(end({ notAfter: later(100).toISOString() })).toBe(later(100).toISOString());
    expect(end({ notAfter: later(-1).toISOString() })).toBeUndefined();
  });
});

describe('a job that is not', () => {
  it.each<readonly [string, object, RegExp]>([
    ['on another branch', { ref: 'refs/heads/dev' }, /its branch is "refs\/heads\/dev", not "refs\/heads\/main"/],
    ['on a tag', { ref: 'refs/tags/main', ref_type: 'tag' }, /its branch is not told/],
    ['of a pull request', { ref: 'refs/pull/1/merge' }, /its branch is not told/],
    [
      'of a branch by the name of a ref',
      { ref: 'refs/heads/refs/heads/main' },
      /its branch is "refs\/heads\/refs\/heads\/main"/,
    ],
    [
      'of another workflow',
      { job_workflow_ref: 'acme/spam-filter/.github/workflows/x.yml@refs/heads/main' },
      /its workflow is ".*x.yml"/,
    ],
    ['of a workflow with two refs', { job_workflow_ref: `${WORKFLOW}@x@refs/heads/main` }, /its workflow is not told/],
    [
      'called from a workflow that is',
      {
        job_workflow_ref: 'evil/x/.github/workflows/x.yml@refs/heads/main',
        workflow_ref: `${WORKFLOW}@refs/heads/main`,
      },
      /its workflow is "evil/,
    ],
    ['of a fork', { sub: 'repo:evil/spam-filter:ref:refs/heads/main' }, /its subject is "repo:evil/],
    ['of a repository whose name goes on', { sub: 'repo:acme/spam-filter-x:ref:refs/heads/main' }, /its subject/],
    ['with nothing after the prefix', { sub: 'repo:acme/spam-filter:' }, /its subject/],
    ['with an expired token', { exp: iat - 1, iat: iat - 300 }, /expired/],
    ['with a token for another key', { aud: identityAudience('spam-filter', runner.keyid) }, /audience/],
  ])('%s', (_, said, why) => {
    expect(doubtOf(jobWith(said))).toMatch(why);
  });

  it('of another project', () => {
    expect(doubtOf(jobWith({}, { project: 'ham-filter' }))).toMatch(/audience/);
  });

  it('of any project where none is enrolled', () => {
    expect(doubtOf(jobWith(), readTrust(buildTrust({ project: 'p', principals, ledgers, root, now: NOW })))).toMatch(
      /issuer/,
    );
  });

  it('that fits two identities', () => {
    expect(
      doubtOf(jobWith(), trustWith(pattern, { ...pattern, branch: 'main', workflow: `${WORKFLOW}@refs/heads/main` })),
    ).toMatch(/two identities/);
  });

  it('with another than its own key, with an enrolled one, or with a broken signature', () => {
    const job = jobWith();
    const thief = generateKey('thief', 'ed25519');
    const stolen = says(thief, job.identity.statement);
    expect(() => creditIdentity(trust, stolen)).toThrow(expect.objectContaining({ code: 'IDENTITY_KEY' }));
    const enrolled = jobWith({}, { key: runner }).identity;
    expect(() => creditIdentity(trust, enrolled)).toThrow(/enrols already/);
    expect(() => creditIdentity(trust, jobWith({}, { key: root }).identity)).toThrow(/enrols already/);
    const broken = { ...job.identity, signature: new Uint8Array(64) };
    expect(() => creditIdentity(trust, broken)).toThrow(/not signed by the key/);
  });

  it('cannot keep another job out by leaving a broken statement under its key', () => {
    const job = jobWith();
    const book = new IdentityBook(trust);
    book.learn({ keyid: job.key.keyid, signed: { ...job.identity, signature: new Uint8Array(64) } });
    expect(book.trust.key(job.key.keyid)).toBeUndefined();
    book.learn({ keyid: job.key.keyid, signed: job.identity });
    expect(book.trust.signer(job.key.keyid, NOW)?.id).toBe('job-0');
  });
});

describe('a lost identity statement', () => {
  const { key } = jobWith();
  const known = withIdentities(trust, [{ keyid: key.keyid, index: 5 }]);

  it('gives no role, and hides nothing that the key may have said', () => {
    expect(known.isLost(key.keyid)).toBe(true);
    expect(known.may(key.keyid, 'produce:artifact.scan', NOW)).toBeUndefined();
    expect(doubtAboutStatement(known, says(key), 6)).toMatch(/cannot be read/);
    expect(known.mayHaveHeld(key.keyid, 'produce:artifact.scan')).toBe(true);
    expect(known.mayHaveHeld(key.keyid, 'approve')).toBe(false);
    expect(known.isLost(approver.keyid)).toBe(false);
  });
});

describe('trust.json', () => {
  const now = NOW;
  const draft = { issuer: URL, claims: 'github', ...WINDOW } as const;
  const { keys } = issuerOf(URL, 'github', [signer]);
  const plain = readTrust(buildTrust({ project: 'spam-filter', principals, ledgers, root, now }));

  it('without CI jobs is what it was before there were any', () => {
    const { statement: said } = readEnvelope(buildTrust({ project: 'spam-filter', principals, ledgers, root, now }));
    expect(Object.keys(said.predicate).sort()).toEqual(['issuedAt', 'ledgers', 'principals', 'project', 'root']);
    expect(plain.issuers).toEqual([]);
  });

  it('takes an issuer, more of its keys, and a job, and keeps all that was there', () => {
    const one = readTrust(addIssuer(plain, { ...draft, keys }, root, now));
    const other = issuerOf(URL, 'github', [makeSigner('k2', 'RS256')]).keys;
    const two = readTrust(addIssuer(one, { ...draft, keys: [...keys, ...other], notAfter: '2030-01-01' }, root, now));
    expect(two.issuers[0]?.keys.map(({ kid, notAfter }) => [kid, notAfter])).toEqual([
      ['k1', WINDOW.notAfter],
      ['k2', '2030-01-01'],
    ]);
    const job = readTrust(enrolIdentity(two, { id: 'ci-job', name: 'CI' }, pattern, root, now));
    expect(job.principals.at(-1)).toEqual({ id: 'ci-job', name: 'CI', keys: [], identities: [pattern] });
    expect([job.principals.length, job.ledgers]).toEqual([principals.length + 1, ledgers]);
    const ended = { ...pattern, notAfter: later(1).toISOString() };
    const again = readTrust(enrolIdentity(job, { id: 'ci-job', name: 'CI' }, ended, root, now));
    expect(again.principals.at(-1)?.identities).toEqual([ended]);
    const fresh = generateKey('new', 'ed25519');
    const more = { principal: { id: 'ci-job', name: 'CI' }, key: publicRecord(fresh), roles: [], ...WINDOW };
    const grown = readTrust(enrol(again, more, root, now));
    expect([grown.issuers, grown.principals.at(-1)?.identities]).toEqual([again.issuers, [ended]]);
  });

  it('never takes another key for a kid, other claims for an issuer, or another root', () => {
    const one = readTrust(addIssuer(plain, { ...draft, keys }, root, now));
    const forged = issuerOf(URL, 'github', [makeSigner('k1', 'ES256')]).keys;
    expect(() => addIssuer(one, { ...draft, keys: forged }, root, now)).toThrow(/pinned already as another key/);
    expect(() => addIssuer(one, { ...draft, claims: 'gitlab', keys }, root, now)).toThrow(/pinned already with claims/);
    expect(() => addIssuer(one, { ...draft, keys }, runner, now)).toThrow(
      expect.objectContaining({ code: 'TRUST_ROOT' }),
    );
    expect(() => enrolIdentity(one, { id: 'x', name: 'X' }, pattern, runner, now)).toThrow(/not the root/);
  });

  it.each<readonly [string, Partial<IdentityPattern>, string]>([
    ['a job that approves', { roles: ['approve'] }, 'TRUST_ROLE'],
    ['a job that decides', { roles: ['decide'] }, 'TRUST_ROLE'],
    ['a job that owns the policy', { roles: ['policy'] }, 'TRUST_ROLE'],
    ['a job that keeps the ledger', { roles: ['ledger'] }, 'TRUST_ROLE'],
    ['a job that signs models', { roles: ['sign:model'] }, 'TRUST_ROLE'],
    ['an unknown role', { roles: ['aprove'] }, 'TRUST_ROLE'],
    ['everybody on the host', { subject: 'repo:*' }, 'IDENTITY_PATTERN'],
    ['everybody', { subject: '*' }, 'IDENTITY_PATTERN'],
    ['a star inside a name', { subject: 'repo:acme/spam-*' }, 'IDENTITY_PATTERN'],
    ['two stars', { subject: 'repo:*/spam-filter:*' }, 'IDENTITY_PATTERN'],
    ['an empty owner', { subject: 'repo:/*' }, 'IDENTITY_PATTERN'],
    ['all of an owner', { subject: 'repo:acme/*' }, 'IDENTITY_PATTERN'],
    ['all of an owner, by a colon', { subject: 'repo:acme:*' }, 'IDENTITY_PATTERN'],
    ['all of an owner that is empty', { subject: 'repo::acme:*' }, 'IDENTITY_PATTERN'],
    ['all of an owner, whole', { subject: 'repository_owner:acme' }, 'IDENTITY_PATTERN'],
    ['folders in a repository that is none', { subject: 'repo:acme/spam-filter/*' }, 'IDENTITY_PATTERN'],
    ['all of a host', { subject: 'https://x/*' }, 'IDENTITY_PATTERN'],
    ['all refs', { subject: 'ref:refs/*' }, 'IDENTITY_PATTERN'],
    ['any two words', { subject: 'a:b:*' }, 'IDENTITY_PATTERN'],
    ['a project as another CI system writes it', { subject: 'project_path:acme/spam:*' }, 'IDENTITY_PATTERN'],
    ['a workflow with two refs', { workflow: 'a@b@c' }, 'IDENTITY_PATTERN'],
    ['an issuer that is not pinned', { issuer: 'https://other.example' }, 'IDENTITY_ISSUER'],
    ['a lifetime of a week', { lifetime: 'P7D' }, 'IDENTITY_LIFETIME'],
    ['a lifetime that is none', { lifetime: '2h' }, 'IDENTITY_LIFETIME'],
    ['a window that ends before it starts', { notAfter: '2025-01-01' }, 'TRUST_WINDOW'],
  ])('refuses %s', (_, change, code) => {
    expect(() => trustWith({ ...pattern, ...change })).toThrow(expect.objectContaining({ code }));
  });

  it.each(['http://ci.example.com', 'ftp://ci', 'https://ci.example.com?x', 'https://a:b@ci.example.com', 'ci'])(
    'refuses the issuer %s',
    (issuer) => {
      expect(() => addIssuer(plain, { ...draft, issuer, keys }, root, now)).toThrow(
        expect.objectContaining({ code: 'ISSUER_URL' }),
      );
    },
  );

  it('takes the clean twins of them', () => {
    const whole = ['repo:acme/spam-filter:ref:refs/heads/main', 'repository:acme/spam:x', 'repository_id:7:x'];
    for (const subject of ['repo:acme/spam-filter:*', 'repo:acme/spam-filter:ref:refs/heads/*', ...whole])
      expect(
        trustWith({ ...pattern, subject, workflow: `${WORKFLOW}@refs/heads/main`, lifetime: 'PT24H' }).issuers,
      ).toHaveLength(1);
    expect(
      readTrust(addIssuer(plain, { ...draft, issuer: 'http://127.0.0.1:8080', keys }, root, now)).issuers,
    ).toHaveLength(1);
  });
});
