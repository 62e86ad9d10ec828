// Control `gateway.config`: whether authentication, authorisation, limits, size caps and output minimisation are on for every
// route, read from the settings alone. It says what the gateway was told to do; `gateway.probe` says what it does.
import type { Finding, Task } from '@vallum/core';
import type { GatewayConfig, Route } from '../../config/config.js';
import { BOUNDS, findingOf, GATE, judged, RULES_DIGEST } from './rules.js';

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost):\d+$/;

export function planGatewayConfig(config: GatewayConfig): Task {
  return {
    kind: 'gateway.config',
    version: '1',
    rules: RULES_DIGEST,
    subject: { name: config.settings.name, digest: { sha256: config.digest } },
    inputs: [],
    parameters: { gate: GATE, ...BOUNDS },
    run: () => {
      const models = config.routes.filter(({ id }) => !id.startsWith('administration/'));
      const findings = [...doorFindings(config), ...models.flatMap(routeFindings)];
      return Promise.resolve(
        judged(findings, [
          { id: 'routes', value: models.length, unit: 'routes' },
          { id: 'administration-routes', value: config.settings.administration.length, unit: 'routes' },
        ]),
      );
    },
  };
}

/** Authorisation needs no look: every request is put to Cedar, and what no policy permits is refused. */
function doorFindings({ settings }: GatewayConfig): readonly Finding[] {
  const { identity, listen } = settings;
  const listeners = Object.entries(listen).filter(([, listener]) => listener !== undefined);
  const knowsClients = listeners.some(([, listener]) => listener?.tls?.clientAuthorities !== undefined);
  const means =
    identity.keys !== undefined || identity.issuers.length > 0 || (identity.certificates.length > 0 && knowsClients);
  return [
    ...(means
      ? []
      : [findingOf('VLM-GWC-001', 'nobody can prove who they are: no means of authentication is set', 'identity')]),
    ...listeners
      .filter(
        ([, listener]) => listener !== undefined && listener.tls === undefined && !LOOPBACK.test(listener.address),
      )
      .map(([name]) =>
        findingOf('VLM-GWC-002', 'credentials arrive in clear text: the listener has no TLS', `listen.${name}`),
      ),
  ];
}

function routeFindings(route: Route): readonly Finding[] {
  const entry = `routes ${route.id}`;
  const { limits, input, serving } = route.settings;
  const found: Finding[] = [];
  if (limits.requests === undefined) found.push(findingOf('VLM-GWC-003', 'the route has no rate of requests', entry));
  if (limits.lifetime === undefined)
    found.push(findingOf('VLM-GWC-004', 'the route has no bound on what a principal may ever ask', entry));
  for (const [name, value, most] of capsOf(route))
    if (value > most)
      found.push(findingOf('VLM-GWC-005', `${name} is ${value}, more than ${most}, and so no protection`, entry));
  if (serving.by === 'nothing') found.push(findingOf('VLM-GWC-008', 'the route serves without a verdict', entry));
  if (input.notFinite === 'allow') found.push(findingOf('VLM-GWC-009', 'NaN and infinities reach the model', entry));
  return [...found, ...outputFindings(route, entry)];
}

function capsOf({ settings: { input, output } }: Route): readonly (readonly [string, number, number])[] {
  return [
    ['input.maxBytes', input.maxBytes, BOUNDS.maxBytes],
    ['input.maxElements', input.maxElements, BOUNDS.maxElements],
    ['input.maxTextLength', input.maxTextLength, BOUNDS.maxTextLength],
    ['output.maxBytes', output.maxBytes, BOUNDS.answerBytes],
  ];
}

/** Of text the least is that secrets stay in; of numbers, that they are not told whole. */
function outputFindings({ settings: { protocol, output } }: Route, entry: string): readonly Finding[] {
  const { topK, round, labelOnly, noise, secrets } = output;
  if (protocol === 'openai')
    return secrets === 'off' ? [findingOf('VLM-GWC-007', 'secrets in answers are passed on', entry)] : [];
  const isLess = labelOnly || topK !== undefined || (noise ?? 0) > 0 || (round !== undefined && round <= BOUNDS.digits);
  return isLess ? [] : [findingOf('VLM-GWC-006', 'answers are told whole: every probability with every digit', entry)];
}
