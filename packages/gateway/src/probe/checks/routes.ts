// What is none of a caller's business: models that nobody named, management of model servers (admin-routes.json), and other
// ways to write a path. A route counts as reachable when it is answered otherwise than a path that certainly does not exist.
import adminRoutes from '../admin-routes.json' with { type: 'json' };
import type { Came, Checked } from '../check.js';
import { isBusyStatus, judgedAs, mustRefuse, refusal, told } from '../check.js';
import type { Probe } from '../probe.js';
import { servedAs } from './control.js';

const ABSENT = 'vallum-probe-absent';
/** Statuses that keep a route shut, whatever another path is answered with. */
const SHUT = new Set([401, 403, 404, 405, 410]);

export async function modelCheck(probe: Probe): Promise<readonly Checked[]> {
  const { path, model, protocol } = probe.settings;
  const encoded = encodeURIComponent(model);
  if (protocol === 'openai' || !path.includes(`/${encoded}`)) return [];
  const other = path.replace(`/${encoded}`, `/${ABSENT}`);
  return [
    mustRefuse(
      { id: 'model.unknown', rule: 'VLM-GWP-006', sent: `a good request for the model ${ABSENT}` },
      await probe.ask(probe.infer({ path: other })),
    ),
  ];
}

interface AdminRoute {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

export async function adminChecks(probe: Probe): Promise<readonly Checked[]> {
  const absent = new Map<string, Came>();
  const found: Checked[] = [];
  for (const route of adminRoutes.routes as readonly AdminRoute[]) {
    const { server, method, path } = route;
    const like = `/${ABSENT}${path.endsWith('/') ? '/' : ''}${path.includes('?') ? '?a=b' : ''}`;
    const kind = `${method} ${like}`;
    let baseline = absent.get(kind);
    if (baseline === undefined) absent.set(kind, (baseline = await askRoute(probe, { ...route, path: like })));
    const came = await askRoute(probe, route);
    const trial = {
      id: `admin.${server} ${method} ${path}`,
      rule: 'VLM-GWP-007' as const,
      sent: `${method} ${path}`,
      expected: 'what a path that does not exist gets, or 401, 403, 404, 405',
    };
    found.push(judgedAs(trial, shut(came, baseline), told(came)));
  }
  return found;
}

function askRoute(probe: Probe, { method, path, body }: AdminRoute): Promise<Came> {
  const headers = probe.headers(undefined, body === undefined ? '' : 'application/json');
  return probe.ask({ method, path, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
}

function shut(came: Came, baseline: Came): Checked['verdict'] {
  if (came.kind !== 'answer') return refusal(came);
  const { status } = came.answer;
  if (isBusyStatus(status)) return 'inconclusive';
  const isLikeAbsent = status >= 400 && baseline.kind === 'answer' && baseline.answer.status === status;
  return SHUT.has(status) || isLikeAbsent ? 'pass' : 'fail';
}

/** A header that names another method or path must have no effect. */
export async function overrideChecks(probe: Probe): Promise<readonly Checked[]> {
  const { path } = probe.settings;
  const found: Checked[] = [];
  const tried: readonly (readonly [string, string, string])[] = [
    ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map(
      (name) => ['PUT', path, `${name}: POST`] as const,
    ),
    ...['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Uri'].map(
      (name) => ['POST', `/${ABSENT}`, `${name}: ${path}`] as const,
    ),
  ];
  for (const [method, at, line] of tried) {
    const came = await probe.ask(probe.infer({ method, path: at, headers: [...probe.headers(), line] }));
    const trial = {
      id: `override.${line.slice(0, line.indexOf(':'))}`,
      rule: 'VLM-GWP-008' as const,
      sent: `${method} ${at} with ${line}`,
      expected: 'no answer of the model',
    };
    found.push(judgedAs(trial, servedAs(came), told(came)));
  }
  return found;
}

export async function pathChecks(probe: Probe): Promise<readonly Checked[]> {
  const { path, target } = probe.settings;
  const cut = path.lastIndexOf('/');
  const [folder, last] = [path.slice(0, cut), path.slice(cut + 1)];
  const depth = path.split('/').length - 1;
  const up = (segment: string): string => `${path}/${`${segment}/`.repeat(depth)}metrics`;
  const spellings: readonly (readonly [id: string, path: string])[] = [
    ['dots', `${folder}/x/../${last}`],
    ['encoded-dots', `${folder}/x/%2e%2e/${last}`],
    ['double-encoded-dots', `${folder}/x/%252e%252e/${last}`],
    ['double-slash', `${folder}//${last}`],
    ['encoded-slash', `${folder}%2f${last}`],
    ['backslash', `${folder}\\${last}`],
    ['parameter', `${path};a=b`],
    ['null', `${path}%00`],
    ['line', `${path}%0d%0aX:%20y`],
    ['trailing-dot', `${path}.`],
    ['absolute', `${target.origin}${path}`],
    ['other-host', `http://${ABSENT}.invalid${path}`],
    ['fragment', `${path}#a`],
  ];
  const found: Checked[] = [];
  for (const [id, spelled] of spellings)
    found.push(
      mustRefuse(
        { id: `path.${id}`, rule: 'VLM-GWP-009', sent: `a good request to ${spelled}` },
        await probe.ask(probe.infer({ path: spelled })),
      ),
    );
  for (const [id, segment] of [
    ['up', '..'],
    ['up-encoded', '%2e%2e'],
    ['up-double-encoded', '%252e%252e'],
    ['up-parameter', '..;'],
  ] as const)
    found.push(
      mustRefuse(
        { id: `path.${id}`, rule: 'VLM-GWP-009', sent: `GET ${up(segment)}` },
        await probe.ask({ method: 'GET', path: up(segment), headers: probe.headers(undefined, '') }),
      ),
    );
  return found;
}
