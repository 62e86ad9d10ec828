import { digestJson } from '@vallum/core';
import { expect, it } from 'vitest';
import type { Caller } from '../door/caller.js';
import type { Operation } from '../door/operation.js';
import type { Asked, PolicySet } from './decide.js';
import { Authoriser } from './decide.js';

const operation: Operation = {
  id: 'infer',
  method: 'POST',
  path: '/v2/models/spam/infer',
  upstreamPath: '/v2/models/spam/infer',
  action: 'infer',
  body: 'oip',
};
const asked: Asked = { route: 'oip/spam', model: 'spam', protocol: 'oip', operation };
const ada: Caller = {
  principal: 'ada',
  roles: ['infer:spam'],
  means: 'key',
  credential: 'k1',
  group: 'ada',
  own: false,
};
const setOf = (cedar: Record<string, string>): PolicySet => ({ digest: digestJson(cedar), cedar });
const permit = setOf({
  asking:
    'permit (principal, action == Vallum::Action::"infer", resource) when { principal.roles.contains(resource.role) };',
});

it('allows what a policy permits, names it, and remembers the answer', async () => {
  const may = new Authoriser(permit);
  const first = may.decide(ada, asked);
  expect(first).toBeInstanceOf(Promise);
  expect(await first).toEqual({ policies: ['asking'] });
  expect(may.decide(ada, asked)).toEqual({ policies: ['asking'] });
});

it('denies everybody else, and another model or action of the same caller', async () => {
  const may = new Authoriser(permit);
  await may.decide(ada, asked);
  expect(await may.decide({ ...ada, roles: [] }, asked)).toMatchObject({ code: 'forbidden' });
  expect(await may.decide(ada, { ...asked, route: 'oip/other', model: 'other' })).toMatchObject({ code: 'forbidden' });
  const read: Operation = { ...operation, id: 'metadata', action: 'readMetadata' };
  expect(await may.decide(ada, { ...asked, operation: read })).toMatchObject({ code: 'forbidden' });
});

it('asks again under other policies, and an answer that was on its way is not kept', async () => {
  const may = new Authoriser(permit);
  const pending = may.decide(ada, asked);
  may.replace(setOf({ nobody: 'forbid (principal, action, resource);' }));
  await pending;
  expect(await may.decide(ada, asked)).toMatchObject({ code: 'forbidden', policies: ['nobody'] });
});

it('denies when the policies are broken', async () => {
  const may = new Authoriser(setOf({ odd: 'permit (principal, action, resource) when { principal.nothing };' }));
  expect(await may.decide(ada, asked)).toMatchObject({ code: 'forbidden' });
});
