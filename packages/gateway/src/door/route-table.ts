// Every path that there is, each with its operation. What is not in the table is not there: no prefix, no pattern, no default.
// Where several routes have one path, the model that the body names decides between them.
import { namedModel, namesModel } from '../protocol/named-model.js';
import type { Choice, Plan, Transport } from './parts.js';
import type { Refusal } from './refusal.js';
import { isRefusal, refuse } from './refusal.js';

export class RouteTable {
  /** By transport and path, then by method. */
  readonly #paths = new Map<string, Map<string, Plan | Choice>>();

  constructor(plans: readonly Plan[]) {
    const groups = new Map<string, Plan[]>();
    for (const plan of plans) {
      const { method, path, body } = plan.operation;
      const key = `${keyOf(body.startsWith('oip-proto') ? 'grpc' : 'rest', path)} ${method}`;
      groups.set(key, [...(groups.get(key) ?? []), plan]);
    }
    for (const [key, group] of groups) {
      const place = key.slice(0, key.lastIndexOf(' '));
      const found = planOf(group);
      const methods = this.#paths.get(place) ?? new Map<string, Plan | Choice>();
      if (found !== undefined) this.#paths.set(place, methods.set(key.slice(place.length + 1), found));
    }
  }

  /** @param path canonical */
  find(transport: Transport, method: string, path: string): Plan | Choice | Refusal {
    const methods = this.#paths.get(keyOf(transport, path));
    if (methods === undefined) return refuse('not-found', 'no route has this path');
    return methods.get(method) ?? refuse('method-not-allowed', `this path has no ${method.slice(0, 16)}`);
  }
}

/** Undefined where several routes have a path and nothing of a request says which is meant: then it does not exist. */
function planOf(group: readonly Plan[]): Plan | Choice | undefined {
  const [first] = group;
  if (first === undefined || group.length === 1) return first;
  return group.every(({ operation }) => namesModel(operation.body)) ? choiceOf(first, group) : undefined;
}

function choiceOf({ operation }: Plan, group: readonly Plan[]): Choice {
  const byModel = new Map(group.map((plan) => [plan.asked.model, plan]));
  const inputs = group.map(({ route }) => route.settings.input);
  const bounds = {
    maxDepth: Math.max(...inputs.map(({ maxDepth }) => maxDepth)),
    maxElements: Math.max(...inputs.map(({ maxElements }) => maxElements)),
  };
  return {
    maxBytes: Math.max(...group.map(({ maxBytes }) => maxBytes)),
    choose: (body) => {
      const name = namedModel(operation.body, body, bounds);
      if (isRefusal(name)) return name;
      return byModel.get(name) ?? refuse('not-found', 'the body names a model that no route of this path has');
    },
  };
}

function keyOf(transport: Transport, path: string): string {
  return `${transport} ${path}`;
}
