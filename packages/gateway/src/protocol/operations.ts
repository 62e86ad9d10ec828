// The operations of a route, one by one, from operations.json: what a protocol can do and no more. Repository, shared-memory,
// trace and logging paths are in no list, so they do not exist here (CVE-2023-43654, CVE-2025-23319).
import type { RouteSettings } from '../config/schema.js';
import type { Operation } from '../door/operation.js';
import table from './operations.json' with { type: 'json' };

type Template = Pick<Operation, 'id' | 'method' | 'path' | 'action' | 'body'>;
interface ProtocolTemplates {
  readonly prefix: string;
  readonly upstreamPrefix: string;
  readonly operations: readonly Template[];
  /** For each version that the route names, beside those without one. */
  readonly versioned: readonly Template[];
}

const TEMPLATES = table as Readonly<Record<RouteSettings['protocol'], ProtocolTemplates>>;

export function operationsOf(settings: RouteSettings): readonly Operation[] {
  const { model, upstreamModel = model, versions } = settings;
  const protocol = TEMPLATES[settings.protocol];
  const prefix = withoutSlash(settings.prefix ?? filled(protocol.prefix, model));
  const upstreamPrefix = withoutSlash(settings.upstreamPrefix ?? filled(protocol.upstreamPrefix, upstreamModel));
  const operation = (template: Template, version?: string): Operation => ({
    ...template,
    ...(version !== undefined && { id: `${template.id}@${version}`, version }),
    path: prefix + filled(template.path, model, version) || '/',
    upstreamPath: upstreamPrefix + filled(template.path, upstreamModel, version) || '/',
  });
  return [
    ...protocol.operations.map((template) => operation(template)),
    ...versions.flatMap((version) => protocol.versioned.map((template) => operation(template, version))),
  ];
}

/** Names go in percent-encoded, so that none can begin another segment. */
function filled(template: string, model: string, version = ''): string {
  return template
    .replaceAll('{model}', () => encodeURIComponent(model))
    .replaceAll('{version}', () => encodeURIComponent(version));
}

function withoutSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}
