// Where a model is asked, by its protocol: the first operation that operations.json has for it.
import type { ProbeProtocol } from './probe-target.js';
import table from '../protocol/operations.json' with { type: 'json' };

export const PROBE_PROTOCOLS = ['oip', 'mlflow', 'openai', 'json'] as const satisfies readonly ProbeProtocol[];

export function probePath(protocol: ProbeProtocol, model: string): string {
  const { prefix, operations } = table[protocol];
  return `${prefix}${operations[0]?.path ?? ''}`.replaceAll('{model}', () => encodeURIComponent(model));
}
