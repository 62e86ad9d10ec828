// Management paths: none unless written out, each only as it was written, and never by the right to infer.
import { expect, it } from 'vitest';
import { readGatewayConfig } from './read-config.js';
import { GATEWAY_YAML, withChange } from './testing/gateway-yaml.js';

const managed = (text: string) =>
  readGatewayConfig(Buffer.from(text), '/').routes.filter(({ id }) => id.startsWith('administration/'));

it('are routes of their own, which only who may administer can ask', () => {
  const [route, ...others] = managed(GATEWAY_YAML);
  expect(others).toEqual([]);
  expect(route?.operations).toEqual([
    {
      id: 'administer',
      method: 'POST',
      path: '/v2/repository/index',
      upstreamPath: '/v2/repository/index',
      action: 'administer',
      body: 'opaque',
    },
  ]);
  expect(route?.settings).toMatchObject({
    upstream: 'plain',
    input: { maxBytes: 1024 ** 2 },
    detection: { kind: 'off' },
  });
});

it('take no body with GET', () => {
  expect(managed(withChange('method: POST', 'method: GET'))[0]?.operations[0]?.body).toBe('none');
});

it('are not there unless they are named', () => {
  expect(
    managed(
      withChange('  - { upstream: plain, method: POST, path: /v2/repository/index }\n', '').replace(
        'administration:\n',
        '',
      ),
    ),
  ).toEqual([]);
});
