// Policies that permit to everybody are named, with the action; policies that look at who asks are not.
import { expect, test } from 'vitest';
import policy from '../default-policy.json' with { type: 'json' };
import { wildcardPermits } from './wildcards.js';

const ACTIONS = ['open', 'export'] as const;
const OPEN = 'action == Vallum::Action::"open"';

test('the default policy permits nothing of the vault to everybody', async () => {
  expect(await wildcardPermits(policy.cedar, ACTIONS)).toEqual([]);
});

test.each([
  ['one action', `permit (principal, ${OPEN}, resource);`, ['open']],
  [
    'a list',
    'permit (principal, action in [Vallum::Action::"open", Vallum::Action::"export"], resource);',
    ['open', 'export'],
  ],
  ['all actions', 'permit (principal, action, resource);', ['open', 'export']],
  [
    'a condition about something else',
    `permit (principal, ${OPEN}, resource) when { resource.kind == "data" };`,
    ['open'],
  ],
  ['another action', 'permit (principal, action == Vallum::Action::"waive", resource);', []],
  ['a condition about who asks', `permit (principal, ${OPEN}, resource) when { principal.name == "bob" };`, []],
  ['one principal', `permit (principal == Vallum::Principal::"bob", ${OPEN}, resource);`, []],
  ['a denial', `forbid (principal, ${OPEN}, resource);`, []],
])('%s', async (_, policy, expected) => {
  const found = await wildcardPermits({ it: policy }, ACTIONS);
  expect(found.map(({ action }) => action)).toEqual(expected);
});

test('what is no policy', async () => {
  await expect(wildcardPermits({ it: 'permit all;' }, ACTIONS)).rejects.toMatchObject({ code: 'POLICY_CEDAR' });
});
