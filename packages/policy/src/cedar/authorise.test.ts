// Who may do what under the default policies, and every way in which Cedar could fail open.
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../default-policy.js';
import type { AuthoriseRequest, CedarResource } from './authorise.js';
import { authorise, checkCedarPolicies } from './authorise.js';

const policies = DEFAULT_POLICY.cedar as Record<string, string>;
const model: CedarResource = { type: 'Subject', id: 'abc', name: 'spam-filter@v1' };
const waiver: CedarResource = { type: 'Waiver', id: 'def', owner: 'ada', requirement: 'robust' };
const target: CedarResource = { type: 'Target', id: 'ghi', kind: 'key' };
const endpoint: CedarResource = {
  type: 'Endpoint',
  id: 'oip/spam infer',
  model: 'spam',
  protocol: 'oip',
  operation: 'infer',
  role: 'infer:spam',
};
const asking = 'ask-with-the-role';
const base: AuthoriseRequest = {
  principal: 'bo',
  roles: ['approve', 'revoke'],
  action: 'approve',
  resource: model,
  context: { verdict: 'pass', authors: ['ada'] },
  policies,
};
const ask = (change: Partial<AuthoriseRequest>): ReturnType<typeof authorise> => authorise({ ...base, ...change });

describe('the default policies', () => {
  it('are valid', async () => {
    expect(await checkCedarPolicies(policies)).toEqual([]);
  });

  const release = 'release-on-a-passing-verdict';
  const rows: readonly (readonly [string, Partial<AuthoriseRequest>, boolean, readonly string[]])[] = [
    ['approve what holds', {}, true, ['approve-what-holds']],
    ['approve what does not hold', { context: { verdict: 'not-proven', authors: ['ada'] } }, false, []],
    ['approve without a verdict', { context: {} }, false, []],
    ['approve without the role', { roles: ['produce:*'] }, false, []],
    [
      'approve one’s own',
      { context: { verdict: 'pass', authors: ['ada', 'bo'] } },
      false,
      ['no-approval-by-the-author'],
    ],
    ['approve a waiver', { resource: waiver, context: {} }, true, ['approve-waivers']],
    [
      'approve one’s own waiver',
      { resource: { ...waiver, owner: 'bo' }, context: {} },
      false,
      ['no-approval-by-the-owner-of-a-waiver'],
    ],
    ['revoke with the role', { action: 'revoke', resource: target, context: {} }, true, ['revoke-with-the-role']],
    ['revoke without the role', { action: 'revoke', resource: target, context: {}, roles: ['approve'] }, false, []],
    ['deploy on pass', { action: 'deploy', context: { verdict: 'pass' } }, true, [release]],
    ['promote on pass', { action: 'promote', context: { verdict: 'pass' }, roles: ['decide'] }, true, [release]],
    ['export on refused', { action: 'export', context: { verdict: 'refused' } }, false, []],
    ['deploy without a role', { action: 'deploy', context: { verdict: 'pass' }, roles: [] }, false, []],
    [
      'ask a model with the role',
      { action: 'infer', resource: endpoint, context: {}, roles: ['infer'] },
      true,
      [asking],
    ],
    ['ask this model', { action: 'infer', resource: endpoint, context: {}, roles: ['infer:spam'] }, true, [asking]],
    ['ask another model', { action: 'infer', resource: endpoint, context: {}, roles: ['infer:other'] }, false, []],
    [
      'read about a model that may be asked',
      { action: 'readMetadata', resource: endpoint, context: {}, roles: ['infer:spam'] },
      true,
      ['read-what-may-be-asked'],
    ],
    ['ask with the role to read', { action: 'infer', resource: endpoint, context: {}, roles: ['metadata'] }, false, []],
    ['administer', { action: 'administer', resource: endpoint, context: {}, roles: ['infer', 'vault'] }, false, []],
    ['ask for a waiver', { action: 'waive', context: {}, roles: [] }, true, ['ask-for-a-waiver']],
  ];
  it.each(rows)('%s', async (_, change, allow, names) => {
    expect(await ask(change)).toEqual({ allow, policies: names, problems: [] });
  });
});

describe('anything unclear is a denial', () => {
  const permit = 'permit (principal, action, resource);';
  const rows: readonly (readonly [string, Partial<AuthoriseRequest>, RegExp])[] = [
    [
      'a misspelt forbid beside a permit',
      { policies: { permit, 'no-x': 'forbid (principal, action, resource) when { principal.rolse.contains("x") };' } },
      /no-x.*rolse/,
    ],
    [
      'a forbid that errs',
      { policies: { permit, 'no-x': 'forbid (principal, action, resource) when { context.verdict == "fail" };' } },
      /no-x/,
    ],
    [
      'a forbid that can never apply',
      { policies: { permit, never: 'forbid (principal, action, resource) when { 1 == 2 };' } },
      /never/,
    ],
    [
      'a type error',
      { policies: { permit: 'permit (principal, action, resource) when { principal.name > 1 };' } },
      /permit/,
    ],
    ['text that is no policy', { policies: { permit: 'allow all' } }, /./],
    [
      'an unknown action in a policy',
      { policies: { permit: 'permit (principal, action == Vallum::Action::"deploi", resource);' } },
      /deploi/,
    ],
    ['an action that is not in the schema', { action: 'divine' as 'deploy', policies: { permit } }, /divine/],
    ['a resource that does not fit the action', { resource: target, policies: { permit } }, /Target/],
    [
      'a context that does not fit the action',
      { action: 'waive', context: { verdict: 'pass' }, policies: { permit } },
      /verdict/,
    ],
    ['roles that are no texts', { roles: [1] as unknown as string[], policies: { permit } }, /./],
  ];
  it.each(rows)('%s', async (_, change, problem) => {
    const answer = await ask(change);
    expect(answer).toMatchObject({ allow: false, policies: [] });
    expect(answer.problems.join('; ')).toMatch(problem);
    expect((await ask({ policies: { permit } })).allow).toBe(true);
  });

  it('a forbid that errs while it is evaluated', async () => {
    const overflow = '9223372036854775807 + (if principal.roles.contains("approve") then 1 else 0) > 0';
    const over = `forbid (principal, action, resource) when { ${overflow} };`;
    const answer = await ask({ policies: { permit, over } });
    expect(answer.allow).toBe(false);
    expect(answer.problems.join('; ')).toMatch(/over.*overflow/);
  });

  it('no policies at all', async () => {
    expect(await ask({ policies: {} })).toEqual({ allow: false, policies: [], problems: [] });
  });

  it('two sets of policies do not mix', async () => {
    const forbid = { permit, forbid: 'forbid (principal, action, resource);' };
    expect((await ask({ policies: { permit } })).allow).toBe(true);
    expect(await ask({ policies: forbid })).toEqual({ allow: false, policies: ['forbid'], problems: [] });
    expect((await ask({ policies: { permit } })).allow).toBe(true);
  });
});
