// Policies that permit to everybody are named, with the action; policies that ask for somebody are not.
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

const permit = (condition: string, scope = 'principal'): Record<string, string> => ({
  it: `permit (${scope}, ${OPEN}, resource) ${condition};`,
});

test.each([
  'when { principal == principal }',
  'when { principal.name == principal.name }',
  'when { principal.name like "*" }',
  'when { principal.name != "" && resource.name like "spam*" }',
  'unless { principal.name == "nobody" }',
  'when { !principal.roles.contains("banned") }',
  'unless { principal.roles.contains("banned") }',
  'when { principal.roles.contains("vault") || resource.kind == "data" }',
  'when { !(principal.roles.contains("vault") && resource.kind == "data") }',
  'unless { !principal.roles.contains("vault") && resource.kind == "data" }',
  'when { principal.roles.containsAll([]) }',
  'when { principal.roles.contains(principal.name) }',
  'when { if resource.kind == "data" then principal.name == "bob" else principal.name != "" }',
])('for everybody, though it mentions who asks: %s', async (condition) => {
  expect(await wildcardPermits(permit(condition), ACTIONS)).toHaveLength(1);
});

test.each([
  'when { principal.roles.contains("vault") }',
  'when { resource.kind == "data" } when { principal.roles.containsAny(["vault", "audit"]) }',
  'when { principal.roles.containsAll(["vault", "audit"]) && resource.kind == "data" }',
  'when { principal.name == "bob" || "eve" == principal.name }',
  'when { ["bob", "eve"].contains(principal.name) }',
  'when { principal in [Vallum::Principal::"bob", Vallum::Principal::"eve"] }',
  'when { principal == Vallum::Principal::"bob" }',
  'unless { principal.name != "bob" }',
  'unless { !principal.roles.contains("vault") || resource.kind == "key" }',
  'unless { !(principal.roles.contains("vault") && resource.kind == "data") }',
])('for somebody: %s', async (condition) => {
  expect(await wildcardPermits(permit(condition), ACTIONS)).toEqual([]);
});

test('a scope that names only the type is one of everybody, a scope within a group is not', async () => {
  const is = 'principal is Vallum::Principal';
  expect(await wildcardPermits(permit('when { resource.kind == "data" }', is), ACTIONS)).toHaveLength(1);
  expect(await wildcardPermits(permit('', `${is} in Vallum::Principal::"bob"`), ACTIONS)).toEqual([]);
});

test('what is no policy', async () => {
  await expect(wildcardPermits({ it: 'permit all;' }, ACTIONS)).rejects.toMatchObject({
    code: 'POLICY_CEDAR',
    message: expect.not.stringContaining('[object') as string,
  });
});
