// Routes: a listener that takes them, paths that a request can have, a canary that can be asked, and bounds that let something
// through.
import { canonicalPath } from '../../door/canonical-path.js';
import { operationsOf } from '../../protocol/operations.js';
import type { RouteSettings } from '../schema.js';
import type { Check, Contradiction } from './check.js';
import { first, firstTwin } from './check.js';

/** What may go out in a request line: no space, no query, no fragment. */
const UPSTREAM_PATH = /^\/[^\s?#\\\u0000-\u0020\u007f-\uffff]*$/;

export const ROUTE_CHECKS: readonly Check[] = [
  ({ routes, listen }) =>
    first(routes, ({ protocol }, index) => {
      const which = protocol === 'oip-grpc' ? 'grpc' : 'rest';
      return listen[which] === undefined
        ? {
            path: ['routes', index, 'protocol'],
            what: `there is no listener for ${protocol}`,
            fix: `give listen.${which} an address`,
          }
        : undefined;
    }),
  ({ routes, workers }) =>
    first(routes, ({ limits }, index) =>
      limits.concurrency < workers
        ? {
            path: ['routes', index, 'limits', 'concurrency'],
            what: `${limits.concurrency} requests at once cannot be shared by ${workers} workers: each takes at least one`,
            fix: 'allow at least as many requests at once as there are workers',
          }
        : undefined,
    ),
  ({ administration, listen }) =>
    administration.length > 0 && listen.rest === undefined
      ? {
          path: ['administration'],
          what: 'management paths are asked over REST, and there is no listener for it',
          fix: 'give listen.rest an address',
        }
      : undefined,
  ({ routes }) => first(routes, (route, index) => unreachablePath(route, ['routes', index])),
  ({ administration }) =>
    first(administration, ({ path }, index) =>
      canonicalPath(path) === path ? undefined : nobodyAsks(path, ['administration', index, 'path']),
    ),
  ({ routes, upstreams }) =>
    first(routes, ({ serving, upstream }, index) => {
      const url = upstreams[upstream]?.url ?? '';
      return serving.by === 'canary' && url.startsWith('grpc')
        ? {
            path: ['routes', index, 'serving', 'by'],
            what: `a canary is asked over HTTP, and ${url} speaks gRPC`,
            fix: 'let the gateway read the model store (by: store), or declare the version',
          }
        : undefined;
    }),
  ({ routes }) => first(routes, ({ input }, index) => crossedBounds(input, ['routes', index, 'input', 'tensors'])),
];

function unreachablePath(route: RouteSettings, at: readonly PropertyKey[]): Contradiction | undefined {
  return first(operationsOf(route), ({ path, upstreamPath }) => {
    if (canonicalPath(path) !== path) return nobodyAsks(path, [...at, 'prefix']);
    if (UPSTREAM_PATH.test(upstreamPath)) return undefined;
    return {
      path: [...at, 'upstreamPrefix'],
      what: `${JSON.stringify(upstreamPath.slice(0, 200))} is not a path that can be asked of an upstream`,
      fix: 'write it without spaces, query and fragment',
    };
  });
}

function nobodyAsks(path: string, at: readonly PropertyKey[]): Contradiction {
  return {
    path: at,
    what: `no request can have the path ${JSON.stringify(path.slice(0, 200))}`,
    fix: 'write /segments of letters, digits, ".", "_", "~" and "-", without a slash at the end',
  };
}

function crossedBounds(
  { tensors = [] }: RouteSettings['input'],
  at: readonly PropertyKey[],
): Contradiction | undefined {
  const twin = firstTwin(tensors, ({ name }) => name);
  if (twin !== undefined)
    return {
      path: [...at, twin, 'name'],
      what: `the tensor ${JSON.stringify(tensors[twin]?.name.slice(0, 80))} stands twice`,
      fix: 'say everything about it in one place',
    };
  return first(tensors, ({ minimum = -Infinity, maximum = Infinity }, index) =>
    minimum <= maximum
      ? undefined
      : {
          path: [...at, index, 'minimum'],
          what: `no number is at least ${minimum} and at most ${maximum}`,
          fix: 'write the smaller one under minimum',
        },
  );
}
