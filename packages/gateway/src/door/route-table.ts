// Every path that there is, each with its operation. What is not in the table is not there: no prefix, no pattern, no default.
import type { Plan, Transport } from './parts.js';
import type { Refusal } from './refusal.js';
import { refuse } from './refusal.js';

export class RouteTable {
  /** By transport and path, then by method. */
  readonly #paths = new Map<string, Map<string, Plan>>();

  constructor(plans: readonly Plan[]) {
    for (const plan of plans) {
      const { method, path, body } = plan.operation;
      const key = keyOf(body.startsWith('oip-proto') ? 'grpc' : 'rest', path);
      const methods = this.#paths.get(key) ?? new Map<string, Plan>();
      if (methods.has(method)) throw new Error(`two operations answer to ${method} ${path}`);
      this.#paths.set(key, methods.set(method, plan));
    }
  }

  /** @param path canonical */
  find(transport: Transport, method: string, path: string): Plan | Refusal {
    const methods = this.#paths.get(keyOf(transport, path));
    if (methods === undefined) return refuse('not-found', 'no route has this path');
    return methods.get(method) ?? refuse('method-not-allowed', `this path has no ${method.slice(0, 16)}`);
  }
}

function keyOf(transport: Transport, path: string): string {
  return `${transport} ${path}`;
}
