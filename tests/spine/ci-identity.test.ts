// A CI job as a principal, from its token to the auditor: the enrolled job's evidence counts, and its twins' does not - the
// same job on another branch, of another workflow, of a fork, with an old token, with a token for another key or project.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { kindOf, nodeDisk } from '@vallum/core';
import { submit } from '@vallum/ledger';
import type { Signed, SigningKey } from '@vallum/trust';
import { buildIdentity, envelopeOf, IDENTITY_TYPE, readEnvelope, readKeyFolder, signStatement } from '@vallum/trust';
import type { Place, Ran } from '../cli/command.js';
import { copyOf, runHere } from '../cli/command.js';
import { outputProblems } from '../cli/schemas.js';
import type { LocalIssuer } from '../support/local-issuer.js';
import { startIssuer } from '../support/local-issuer.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

const WORKFLOW = 'acme/spam-filter/.github/workflows/check.yml';
const JOB = {
  sub: 'repo:acme/spam-filter:ref:refs/heads/main',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  job_workflow_ref: `${WORKFLOW}@refs/heads/main`,
};

interface Answered {
  readonly exit: number;
  readonly json: Readonly<Record<string, unknown>>;
}

interface Gate {
  readonly verdict: {
    readonly evidence: readonly string[];
    readonly reasons: readonly { readonly kind: string; readonly code: string; readonly message: string }[];
  };
  readonly ledger: { readonly setAside: readonly { readonly reason: string }[] };
}

const temporary: string[] = [];
const places: Place[] = [];
let issuer: LocalIssuer;
let base: TinyProject;
let root: string;
/** Seconds since the epoch. */
let enrolledAt: number;
/** The inbox as the enrolled job left it. */
let left: readonly Signed[];

const answered = (ran: Ran): Answered => {
  const json = JSON.parse(ran.stdout) as { schema?: unknown };
  expect(outputProblems(json)).toEqual([]);
  return { exit: ran.exit, json };
};
const inboxOf = ({ project }: Place): string => join(project, '.vallum/inbox');
const waitingIn = (place: Place): readonly Signed[] =>
  readdirSync(inboxOf(place))
    .filter((name) => name.endsWith('.json'))
    .map((name) => readEnvelope(readFileSync(join(inboxOf(place), name))));

/** A copy of the project, and a job's own empty folder of keys in which the root is pinned. */
async function checkout(): Promise<{ readonly place: Place; readonly keys: string; readonly run: Run }> {
  const place = copyOf(base);
  places.push(place);
  const keys = mkdtempSync(join(tmpdir(), 'vallum-job-'));
  temporary.push(keys);
  const run: Run = async (...args) => answered(await runHere([...args, '--format', 'json'], place.project, keys));
  await run('trust', 'pin', root);
  return { place, keys, run };
}
type Run = (...args: readonly string[]) => Promise<Answered>;

async function useToken(run: Run, keys: string, token: string): Promise<Answered> {
  writeFileSync(join(keys, 'token.jwt'), `${token}\n`, { mode: 0o600 });
  return run('identity', 'use', '--token', join(keys, 'token.jwt'));
}

const gate = async (place: Place): Promise<Gate> =>
  answered(await place.inProcess('runner', ['gate', 'v1', '--format', 'json'])).json as unknown as Gate;
const missingIn = ({ verdict }: Gate): readonly string[] =>
  verdict.reasons.filter(({ code }) => code === 'missing').map(({ kind }) => kind);

beforeAll(async () => {
  issuer = await startIssuer();
  base = await makeTinyProject();
  const keys = join(base.keys, 'jwks.json');
  writeFileSync(keys, await issuer.fetchKeys());
  const asRoot: Run = async (...args) => answered(await runHere([...args, '--format', 'json'], base.root, base.keys));
  enrolledAt = Math.floor(Date.now() / 1000);
  const pinned = await asRoot('trust', 'issuer', 'add', issuer.url, '--keys', keys, '--claims', 'github');
  expect(pinned).toMatchObject({ exit: 0, json: { pinned: [{ kid: 'loopback-1', alg: 'RS256' }], known: 0 } });
  const who = ['--issuer', issuer.url, '--subject', JOB.sub, '--workflow', WORKFLOW, '--branch', 'main'];
  expect(await asRoot('trust', 'enrol', 'ci', ...who, '--roles', 'produce:*')).toMatchObject({ exit: 0 });
  const shown = await asRoot('trust', 'show');
  expect(shown).toMatchObject({ exit: 0, json: { issuers: [{ issuer: issuer.url }] } });
  root = String(shown.json['root']);

  const { place, keys: own, run } = await checkout();
  const { json: asked } = await run('identity', 'new');
  const token = await issuer.fetchToken(String(asked['audience']), JOB);
  expect(await useToken(run, own, token)).toMatchObject({
    exit: 0,
    json: { principal: 'ci', roles: ['produce:*'], identity: { branch: 'main', workflow: WORKFLOW } },
  });
  expect((await run('check', 'v1')).exit).toBe(2);
  left = waitingIn(place);
}, 60_000);

afterAll(async () => {
  await issuer.close();
  base.remove();
  for (const place of places) place.remove();
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

/** What a job leaves behind that ignores every refusal: an identity with its token, and the evidence signed by its key. */
async function forge(place: Place, key: SigningKey, token: string, at = new Date()): Promise<void> {
  await submit(nodeDisk, inboxOf(place), signStatement(buildIdentity(token, key, at), key));
  for (const { statement } of left)
    if (kindOf(statement.predicateType) !== undefined)
      await submit(nodeDisk, inboxOf(place), signStatement(statement, key));
}

async function leaveIn(place: Place, signed: readonly Signed[]): Promise<void> {
  for (const one of signed) await submit(nodeDisk, inboxOf(place), envelopeOf(one));
}

describe('the enrolled job', () => {
  test("leaves its identity and its evidence, which count once the ledger is its holder's", async () => {
    const kinds = left.map(({ statement }) => kindOf(statement.predicateType) ?? statement.predicateType);
    expect(kinds).toEqual(expect.arrayContaining([IDENTITY_TYPE, 'artifact.scan', 'data.manifest']));
    const { place } = await checkout();
    await leaveIn(place, left);
    const seen = await gate(place);
    expect(seen.ledger.setAside).toEqual([]);
    expect(missingIn(seen)).not.toContain('artifact.scan');
    const ours = left.filter(({ statement }) => kindOf(statement.predicateType) !== undefined).map(({ id }) => id);
    expect(seen.verdict.evidence.length).toBeGreaterThan(3);
    for (const id of seen.verdict.evidence) expect(ours).toContain(id);
  });

  test('counts too when its files arrive with the evidence first', async () => {
    const { place } = await checkout();
    await leaveIn(
      place,
      left.filter(({ statement }) => statement.predicateType !== IDENTITY_TYPE),
    );
    await leaveIn(
      place,
      left.filter(({ statement }) => statement.predicateType === IDENTITY_TYPE),
    );
    const seen = await gate(place);
    expect([seen.ledger.setAside, missingIn(seen).includes('artifact.scan')]).toEqual([[], false]);
  });

  test('is believed by an auditor who has nothing but trust.json', async () => {
    const { place } = await checkout();
    await leaveIn(place, left);
    await gate(place);
    expect((await place.inProcess('runner', ['evidence', 'export', 'v1', '--out', 'v1.json'])).exit).toBe(0);
    const verify = ['evidence', 'verify', 'v1.json', '--trust', 'trust.json', '--format', 'json'];
    const { json } = answered(await place.inProcess('runner', verify));
    expect(json).toMatchObject({ unverified: [] });
    expect(json['statements']).toBeGreaterThan(left.length);
  });

  test('stops to count when its key is revoked', async () => {
    const { place } = await checkout();
    await leaveIn(place, left);
    const key = left[0]?.keyid ?? '';
    await place.inProcess('approver', ['revoke', '--key', key, '--reason', 'the runner was compromised']);
    const { verdict } = await gate(place);
    expect(verdict.reasons.filter(({ kind, code }) => kind === 'artifact.scan' && code === 'revoked')).toHaveLength(1);
  });

  test('hides nothing when its identity is deleted', async () => {
    const { place } = await checkout();
    await leaveIn(place, left);
    await gate(place);
    const identity = left.find(({ statement }) => statement.predicateType === IDENTITY_TYPE)?.id ?? '';
    const state = join(place.project, '.vallum/statements');
    const file = readdirSync(state, { recursive: true, encoding: 'utf8' }).find((name) => name.includes(identity));
    rmSync(join(state, file ?? 'no file of this statement'));
    const { verdict } = await gate(place);
    const codes = verdict.reasons.filter(({ kind }) => kind === 'artifact.scan').map(({ code }) => code);
    expect(codes).toEqual(['unreadable']);
  });

  test('uses a key once', async () => {
    const { keys, run } = await checkout();
    const { json } = await run('identity', 'new');
    const token = await issuer.fetchToken(String(json['audience']), JOB);
    expect((await useToken(run, keys, token)).exit).toBe(0);
    expect(await useToken(run, keys, token)).toMatchObject({ exit: 3, json: { code: 'IDENTITY_USED' } });
  });
});

test('a token may come through a pipe, and not without end', async () => {
  const { run } = await checkout();
  const { json } = await run('identity', 'new');
  const token = await issuer.fetchToken(String(json['audience']), JOB);
  const piped = (...chunks: readonly string[]): Promise<Answered> => {
    const stdin = Readable.from(chunks.map((chunk) => Buffer.from(chunk))) as unknown as typeof process.stdin;
    const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin);
    return run('identity', 'use', '--token', '-').finally(() => spy.mockRestore());
  };
  expect(await piped('x'.repeat(10_000), 'x'.repeat(10_000))).toMatchObject({ exit: 3, json: { code: 'TOKEN_FORM' } });
  expect(await piped(token.slice(0, 50), token.slice(50), '\n')).toMatchObject({ exit: 0, json: { principal: 'ci' } });
});

describe('its twins do not count, and are told why', () => {
  const now = (): number => Math.floor(Date.now() / 1000);
  const rows: readonly (readonly [string, () => object, string])[] = [
    [
      'on another branch',
      () => ({ ...JOB, sub: JOB.sub, ref: 'refs/heads/dev' }),
      'its branch is "refs/heads/dev", not "refs/heads/main"',
    ],
    [
      'of another workflow',
      () => ({ ...JOB, job_workflow_ref: 'acme/spam-filter/.github/workflows/other.yml@refs/heads/main' }),
      `its workflow is "acme/spam-filter/.github/workflows/other.yml", not "${WORKFLOW}"`,
    ],
    [
      'of a fork',
      () => ({ ...JOB, sub: 'repo:mallory/spam-filter:ref:refs/heads/main' }),
      `its subject is "repo:mallory/spam-filter:ref:refs/heads/main", not "${JOB.sub}"`,
    ],
    ['with an expired token', () => ({ ...JOB, iat: now() - 400, exp: now() - 100 }), 'the token expired at'],
    ['for another key', () => ({ ...JOB, aud: `vallum:spam-filter:${'0'.repeat(64)}` }), 'is for the audience'],
    ['for several audiences', () => ({ ...JOB, aud: ['sts.example.com', 'vallum'] }), 'is for the audience'],
    ['of another issuer', () => ({ ...JOB, iss: 'https://ci.example.com' }), 'the issuer of the token is'],
  ];

  test.each(rows)('%s', async (_, job, why) => {
    const { place, keys, run } = await checkout();
    const { json: asked } = await run('identity', 'new');
    const token = await issuer.fetchToken(String(asked['audience']), job());
    const refused = await useToken(run, keys, token);
    expect(refused.exit).toBe(2);
    expect(refused.json['message']).toContain(why);

    const [key] = await readKeyFolder(nodeDisk, keys);
    if (key === undefined) throw new Error('the job has no key');
    await forge(place, key, token);
    const seen = await gate(place);
    expect(seen.verdict.evidence).toEqual([]);
    expect(missingIn(seen)).toContain('artifact.scan');
    const sentences = seen.ledger.setAside.map(({ reason }) => reason);
    expect(sentences).toHaveLength(left.length);
    const mentioned = why.startsWith('is for') ? 'audience' : why;
    for (const sentence of sentences) expect(sentence).toContain(mentioned);
  });

  test('for another project', async () => {
    const { keys, run } = await checkout();
    const { json: asked } = await run('identity', 'new');
    const audience = String(asked['audience']).replace('spam-filter', 'ham-filter');
    const refused = await useToken(run, keys, await issuer.fetchToken(audience, JOB));
    expect(refused).toMatchObject({ exit: 2, json: { code: 'TOKEN_AUDIENCE' } });
  });

  test('with evidence that is dated after its token', async () => {
    const { place, keys, run } = await checkout();
    const { json: asked } = await run('identity', 'new');
    const token = await issuer.fetchToken(String(asked['audience']), {
      ...JOB,
      iat: enrolledAt - 50,
      exp: enrolledAt - 20,
    });
    const [key] = await readKeyFolder(nodeDisk, keys);
    if (key === undefined) throw new Error('the job has no key');
    await forge(place, key, token, new Date((enrolledAt - 40) * 1000));
    const seen = await gate(place);
    expect(seen.verdict.evidence).toEqual([]);
    expect(
      seen.verdict.reasons.filter(({ kind, code }) => kind === 'artifact.scan' && code === 'untrusted'),
    ).toHaveLength(1);
  });
});
