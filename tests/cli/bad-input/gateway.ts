// Bad input for `vallum gateway`: settings that make no sense, files that are not there or not what they should be, policies
// that nobody signed or that do not validate. None of it opens a door. What needs a running process is in gateway-start.test.ts.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { buildPolicyBundle, defaultPolicy } from '@vallum/policy';
import { readKeyFolder, readTrust, signStatement } from '@vallum/trust';
import { shippedKinds } from '../../../packages/cli/src/catalog.js';
import type { Place } from '../command.js';
import type { Row, Spoil } from './row.js';
import { inProject, put, remove } from './row.js';

const on = 'fresh';
const GATEWAY = ['gateway'];
const ROUTE =
  '{ model: spam-filter, protocol: oip, upstream: models, serving: { by: nothing, reason: a row of the table } }';
const BASE = {
  schema: 'vallum/gateway/v1',
  name: 'edge',
  listen: '{ rest: { address: "127.0.0.1:0" } }',
  operator: '{ address: "127.0.0.1:0" }',
  state: 'state',
  identity: '{ issuers: [{ issuer: "https://issuer.example", audience: a, algorithms: [ES256], jwks: jwks.json }] }',
  upstreams: '{ models: { url: "http://127.0.0.1:9" } }',
  routes: `[${ROUTE}]`,
};

/** Settings that would do, and what is wrong with them; a line each, in this order. */
export const settings = (change: Readonly<Record<string, string>> = {}): Spoil =>
  put(
    'gateway.yaml',
    Object.entries({ ...BASE, ...change })
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(''),
  );
export const both =
  (...spoils: readonly Spoil[]): Spoil =>
  async (place) => {
    let undo: Awaited<ReturnType<Spoil>> = undefined;
    for (const spoil of spoils) undo = (await spoil(place)) ?? undo;
    return undo;
  };

const rootOf = ({ project }: Place): string => readTrust(readFileSync(join(project, 'trust.json'))).rootFingerprint;
const signedPolicies: Spoil = (place) =>
  settings({ policy: `{ bundle: policy.json, trust: trust.json, root: ${rootOf(place)} }` })(place);

/** Signs what `vallum policy sign` would not. */
const bundleWith =
  (text: string, person: 'policy' | 'approver'): Spoil =>
  async ({ dir, project }) => {
    const kinds = shippedKinds();
    const draft = { requirements: [], cedar: { ...defaultPolicy(kinds).cedar, 'ours-alone': text } };
    const [key] = await readKeyFolder(nodeDisk, join(dir, 'keys', person));
    if (key === undefined) throw new Error(`${person} has no key`);
    writeFileSync(join(project, 'policy.json'), signStatement(buildPolicyBundle(draft, kinds, new Date()), key));
  };

const learned = `[${ROUTE.replace(' }', '').replace('oip,', 'oip, input: { learned: ranges.json },')} }]`;
export const KEYS = '{ keys: keys.json }';
const keyFile = inProject((file) => {
  mkdirSync(file('state/keys'), { recursive: true });
  writeFileSync(file('keys.json'), '{}', { mode: 0o600 });
  writeFileSync(file('state/keys/pepper'), Buffer.alloc(32), { mode: 0o600 });
});

export const gatewayRows: readonly Row[] = [
  {
    condition: 'a gateway without settings',
    on,
    args: GATEWAY,
    exit: 3,
    first: 'vallum: cannot read DIR/project/gateway.yaml: there is no such file [DISK_READ]',
  },
  {
    condition: 'a gateway with a key that is not known',
    on,
    spoil: settings({ worker: '2' }),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: gateway.yaml, line 9: the key "worker" is not known [GATEWAY_CONFIG]',
    also: ['did you mean "workers"?'],
  },
  {
    condition: 'a gateway with a broken line',
    on,
    spoil: settings({ name: '[edge' }),
    args: GATEWAY,
    exit: 3,
    first:
      'vallum: gateway.yaml: this YAML is refused: flow sequence in block collection must be sufficiently indented and end with a ] (line 3, column 1) [GATEWAY_CONFIG]',
  },
  {
    condition: 'a route to an upstream that is not there',
    on,
    spoil: settings({ upstreams: '{ model: { url: "http://127.0.0.1:9" } }' }),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: gateway.yaml, line 8: the upstream "models" is not under upstreams [GATEWAY_CONFIG]',
    also: ['did you mean "model"?'],
  },
  {
    condition: 'a gateway that would take keys in the clear',
    on,
    spoil: settings({ listen: '{ rest: { address: "0.0.0.0:8080" } }' }),
    args: GATEWAY,
    exit: 3,
    first:
      'vallum: gateway.yaml, line 3: other machines reach this address, and keys would cross the network in the clear [GATEWAY_CONFIG]',
  },
  {
    condition: 'a gateway with no workers',
    on,
    spoil: settings(),
    args: ['gateway', '--workers', '0'],
    exit: 3,
    first: "vallum: option '--workers <n>' argument '0' is invalid. It is a number from 1 to 256. [USAGE]",
  },
  {
    condition: 'a certificate that is not there',
    on,
    spoil: settings({ listen: '{ rest: { address: "127.0.0.1:0", tls: { certificate: tls.crt, key: tls.key } } }' }),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: gateway.yaml names tls.crt, which cannot be read: it is not there [GATEWAY_FILE]',
  },
  {
    condition: 'a certificate that is none',
    on,
    spoil: both(
      settings({ listen: '{ rest: { address: "127.0.0.1:0", tls: { certificate: tls.crt, key: tls.key } } }' }),
      put('tls.crt', 'hello'),
    ),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: tls.crt holds no certificate [GATEWAY_CERTIFICATE]',
  },
  {
    condition: 'authorities of an upstream that are none',
    on,
    spoil: both(
      settings({ upstreams: '{ models: { url: "https://127.0.0.1:9", authorities: ca.crt } }' }),
      put('ca.crt', '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n'),
    ),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: ca.crt holds a certificate that cannot be read [GATEWAY_CERTIFICATE]',
  },
  {
    condition: 'a token of an upstream that no header can hold',
    on,
    spoil: both(
      settings({ upstreams: '{ models: { url: "https://127.0.0.1:9", token: token.txt } }' }),
      put('token.txt', 'two\nlines\n'),
    ),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: token.txt holds no token that can be sent to an upstream [GATEWAY_FILE]',
  },
  {
    condition: 'ranges that were never learned',
    on,
    spoil: settings({ routes: learned }),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: gateway.yaml names ranges.json, which cannot be read: it is not there [GATEWAY_FILE]',
  },
  {
    condition: 'ranges that are something else',
    on,
    spoil: both(settings({ routes: learned }), put('ranges.json', '{"schema":"vallum/ranges/v9"}')),
    args: GATEWAY,
    exit: 3,
    first:
      'vallum: ranges.json: these are no ranges of vallum/gateway-ranges/v1: they have another form [RANGES_INVALID]',
  },
  {
    condition: 'a file in place of the state folder of a gateway',
    on,
    spoil: both(settings(), put('state', 'hello')),
    args: GATEWAY,
    exit: 3,
    first:
      "vallum: cannot write DIR/project/state: EEXIST: file already exists, mkdir 'DIR/project/state' [DISK_WRITE]",
  },
  {
    condition: 'secrets of a gateway that are garbage',
    on,
    spoil: both(
      settings(),
      inProject((file) => {
        mkdirSync(file('state'), { mode: 0o700 });
        writeFileSync(file('state/secrets.json'), '{"inputs":"eA=="}', { mode: 0o600 });
      }),
    ),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: DIR/project/state/secrets.json does not hold the secret inputs [GATEWAY_SECRETS]',
  },
  {
    condition: 'API keys that nobody made',
    on,
    spoil: settings({ identity: KEYS }),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: there is no pepper at DIR/project/state/keys/pepper [GATEWAY_PEPPER]',
  },
  {
    condition: 'API keys that are garbage',
    on,
    spoil: both(settings({ identity: KEYS }), keyFile),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: the list of keys cannot be read: this is not strict JSON: it holds no list [GATEWAY_KEYS]',
  },
  {
    condition: 'policies under another root',
    on,
    spoil: settings({ policy: `{ bundle: policy.json, trust: trust.json, root: ${'ab'.repeat(32)} }` }),
    args: GATEWAY,
    exit: 2,
    first: 'vallum: trust.json is signed by another root than policy.root names [GATEWAY_TRUST]',
  },
  {
    condition: 'policies that are not there',
    on,
    spoil: both(signedPolicies, remove('policy.json')),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: cannot read DIR/project/policy.json: there is no such file [DISK_READ]',
  },
  {
    condition: 'policies that were signed by somebody without the role',
    on,
    spoil: both(signedPolicies, bundleWith('permit (principal, action, resource);', 'approver')),
    args: GATEWAY,
    exit: 2,
    first:
      'vallum: policy.json does not count: it is signed by a key without the role policy at that time [POLICY_ROLE]',
  },
  {
    condition: 'policies that do not validate',
    on,
    spoil: both(
      signedPolicies,
      bundleWith(
        'forbid (principal, action == Vallum::Action::"infer", resource) when { resource.modle == "x" };',
        'policy',
      ),
    ),
    args: GATEWAY,
    exit: 3,
    first:
      'vallum: the policies do not validate: ours-alone: for policy `ours-alone`, attribute `modle` on entity type `Vallum::Endpoint` not found [GATEWAY_POLICIES]',
  },
  {
    condition: 'a syslog server that is none',
    on,
    spoil: settings({ events: '{ syslog: "somewhere" }' }),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: "somewhere" is no address of a syslog server [EVENTS_SYSLOG]',
  },
  {
    condition: 'a webhook with a short secret',
    on,
    spoil: both(settings({ events: '{ webhook: { url: "https://example.org", secret: s.txt } }' }), put('s.txt', 'x')),
    args: GATEWAY,
    exit: 3,
    first: 'vallum: the secret of the webhook has fewer than 24 bytes [EVENTS_WEBHOOK]',
  },
];
