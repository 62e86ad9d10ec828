// The form of gateway.yaml. Everything has a bound and a safe default; nothing is open unless it stands here.
import * as z from 'zod';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name has letters, digits, ".", "_" and "-"');
const file = z.string().min(1);
const role = z.string().regex(/^[a-z][A-Za-z0-9._:-]{0,127}$/, 'a role begins with a lower-case letter');
const seconds = (low: number, high: number): z.ZodNumber => z.number().min(low).max(high);
const count = (high: number): z.ZodInt => z.int().min(1).max(high);
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'an address is HOST:PORT, with IPv6 in brackets');

const tls = z.strictObject({
  certificate: file,
  key: file,
  /** Authorities of client certificates; without it no client certificate counts. */
  clientAuthorities: file.optional(),
  /** Refuse who has no client certificate. */
  requireClient: z.boolean().default(false),
});
const listener = z.strictObject({
  address,
  tls: tls.optional(),
  /** Connections at once, and of one address. */
  connections: count(100_000).default(10_000),
  connectionsPerAddress: count(100_000).default(1_000),
});

const issuer = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }),
  audience: z.string().min(1),
  algorithms: z
    .array(z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']))
    .min(1),
  /** Where the keys are: a URL that is asked again, or a file. */
  jwks: z.string().min(1),
  /** How long keys count without asking again, and how long stale ones count when the issuer cannot be reached. */
  freshSeconds: seconds(1, 86_400).default(300),
  staleSeconds: seconds(0, 7 * 86_400).default(3_600),
  /** Claims that hold the principal and its roles; roles are taken only as far as `roles` allows. */
  principalClaim: z.string().min(1).default('sub'),
  rolesClaim: z.string().min(1).default('roles'),
  roles: z.array(role).default([]),
  groupClaim: z.string().min(1).optional(),
  clockSkewSeconds: seconds(0, 300).default(60),
});
const certificatePrincipal = z.strictObject({
  /** The whole URI or DNS name, such as `URI:spiffe://acme/web`. */
  name: z.string().min(1),
  principal: name,
  roles: z.array(role).default([]),
  group: name.optional(),
});
const identity = z.strictObject({
  /** Made by `vallum gateway keys`. */
  keys: file.optional(),
  issuers: z.array(issuer).max(20).default([]),
  certificates: z.array(certificatePrincipal).max(10_000).default([]),
  /** Principals whose queries are our own assessments: limited and recorded, never held against them. */
  own: z.array(name).max(100).default([]),
});

/** So many in so many seconds, with so much at once; burst is the rate by default. */
const rate = z.strictObject({
  limit: z.number().positive().max(1e15),
  per: z.enum(['second', 'minute', 'hour', 'day']).default('second'),
  burst: z.number().positive().max(1e15).optional(),
});
const limits = z.strictObject({
  requests: rate.optional(),
  bytes: rate.optional(),
  elements: rate.optional(),
  tokens: rate.optional(),
  /** In units of `cost`. */
  cost: rate.optional(),
  /** Requests of one principal at once. */
  concurrency: count(100_000).default(64),
  /** Rows that a principal may ever ask a model. */
  lifetime: count(1e12).optional(),
});
/** Units that a request costs. */
const cost = z.strictObject({
  request: z.number().min(0).default(1),
  row: z.number().min(0).default(0),
  element: z.number().min(0).default(0),
  token: z.number().min(0).default(0),
});

const breaker = z.strictObject({
  /** Share of failures in the window that opens the breaker, from so many answers on. */
  failures: z.number().min(0.01).max(1).default(0.5),
  minimum: count(10_000).default(20),
  windowSeconds: seconds(1, 600).default(10),
  openSeconds: seconds(0.1, 600).default(5),
});
const upstream = z.strictObject({
  url: z.url({ protocol: /^(http|https|grpc|grpcs)$/ }),
  /** Authorities of an upstream with TLS; those of the system by default. */
  authorities: file.optional(),
  /** A file with a secret that the gateway sends as `authorization: Bearer`; callers' own are never passed on. */
  token: file.optional(),
  connections: count(1_024).default(64),
  /** Waiting for a connection. */
  queue: count(100_000).default(256),
  connectSeconds: seconds(0.05, 60).default(5),
  headersSeconds: seconds(0.05, 3_600).default(30),
  idleSeconds: seconds(0.05, 3_600).default(30),
  totalSeconds: seconds(0.1, 86_400).default(300),
  breaker: breaker.prefault({}),
});

const inputRange = z.strictObject({
  name: z.string().min(1),
  datatype: z.string().optional(),
  /** -1 for any. */
  shape: z.array(z.int().min(-1)).max(8).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  categories: z.array(z.string()).max(10_000).optional(),
});
const input = z.strictObject({
  contentTypes: z.array(z.string().min(1)).optional(),
  maxBytes: count(1024 ** 3).default(16 * 1024 ** 2),
  maxDepth: count(64).default(16),
  /** Numbers and texts of a JSON body; steer larger ones to binary tensors. */
  maxElements: count(100_000_000).default(65_536),
  maxBinaryElements: count(1_000_000_000).default(4_194_304),
  maxRows: count(1_000_000).default(1_024),
  maxTextLength: count(16 * 1024 ** 2).default(65_536),
  /** A profile of the training data, or what `vallum gateway learn` wrote. */
  learned: file.optional(),
  tensors: z.array(inputRange).max(1_000).optional(),
  notFinite: z.enum(['refuse', 'allow']).default('refuse'),
  personalData: z.enum(['off', 'mask', 'refuse']).default('off'),
  secrets: z.enum(['off', 'mask', 'refuse']).default('off'),
});
const output = z.strictObject({
  maxBytes: count(1024 ** 3).default(16 * 1024 ** 2),
  /** Outputs that hold class probabilities; what follows is done to them. All numeric outputs by default. */
  probabilities: z.array(z.string().min(1)).optional(),
  topK: count(10_000).optional(),
  /** Digits behind the point. */
  round: z.int().min(0).max(15).optional(),
  labelOnly: z.boolean().default(false),
  /** Largest noise added to a probability; keyed by principal and input, so repeats do not average it out. */
  noise: z.number().min(0).max(1).optional(),
  personalData: z.enum(['off', 'mask', 'refuse']).default('off'),
  secrets: z.enum(['off', 'mask', 'refuse']).default('mask'),
});

const serving = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('store'),
    project: file,
    version: name,
    folder: file,
    atExpiry: z.enum(['alert', 'close']).default('alert'),
  }),
  z.strictObject({
    by: z.literal('canary'),
    project: file,
    version: name,
    canary: file,
    atExpiry: z.enum(['alert', 'close']).default('alert'),
  }),
  z.strictObject({
    by: z.literal('declared'),
    project: file,
    version: name,
    atExpiry: z.enum(['alert', 'close']).default('alert'),
  }),
  /** No verdict is asked for; every answer of the gateway's own tools says so. */
  z.strictObject({ by: z.literal('nothing'), reason: z.string().min(10, 'a reason is a sentence') }),
]);

const detection = z.strictObject({
  kind: z.enum(['off', 'tensor', 'table', 'text']).default('off'),
  /** What may be done without a person. */
  most: z.enum(['observe', 'tighten', 'degrade', 'block']).default('degrade'),
});

export const routeSchema = z.strictObject({
  model: name,
  protocol: z.enum(['oip', 'oip-grpc', 'mlflow', 'openai', 'json']),
  upstream: name,
  /** Name of the model at the upstream, where it differs. */
  upstreamModel: z.string().min(1).optional(),
  versions: z.array(name).max(100).default([]),
  /** Where the route begins: `/` for oip, `/<model>` for mlflow and json, `/v1` for openai. */
  prefix: z.string().startsWith('/').optional(),
  /** Path at the upstream; that of the protocol by default. */
  upstreamPrefix: z.string().startsWith('/').optional(),
  serving,
  limits: limits.prefault({}),
  cost: cost.prefault({}),
  input: input.prefault({}),
  output: output.prefault({}),
  detection: detection.prefault({}),
  /** What holds when shared state cannot be reached: refuse, or go on with this gateway's share. */
  withoutState: z.enum(['closed', 'local']).default('closed'),
});
const administration = z.strictObject({
  upstream: name,
  method: z.enum(['GET', 'POST']),
  path: z.string().startsWith('/'),
  maxBytes: count(1024 ** 3).default(1024 ** 2),
});

export const gatewaySchema = z.strictObject({
  schema: z.literal('vallum/gateway/v1'),
  name,
  listen: z.strictObject({ rest: listener.optional(), grpc: listener.optional() }),
  /** Metrics and health, for operators: on loopback only. */
  operator: z.strictObject({ address: address.default('127.0.0.1:9464') }).prefault({}),
  /** Ledger, budgets and secrets of this gateway. */
  state: file.default('.vallum/gateway'),
  workers: count(256).default(1),
  identity: identity.prefault({}),
  /** Signed bundle of policies, trust.json that enrols its signer, and the root's fingerprint; Vallum's default policy without. */
  policy: z.strictObject({ bundle: file, trust: file, root: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  upstreams: z.record(name, upstream),
  routes: z.array(routeSchema).min(1).max(1_000),
  /** Management paths of an upstream that a policy may let administrators reach; unreachable unless named. */
  administration: z.array(administration).max(100).default([]),
  http: z
    .strictObject({
      headerBytes: count(65_536).default(16_384),
      headersSeconds: seconds(0.1, 300).default(10),
      requestSeconds: seconds(0.1, 3_600).default(60),
      requestsPerConnection: z.int().min(0).max(1_000_000).default(0),
      drainSeconds: seconds(0, 600).default(10),
    })
    .prefault({}),
  records: z
    .strictObject({
      /** `before`: a request is answered only after its record is durable. */
      durable: z.enum(['before', 'after']).default('after'),
      /** Records that wait for the disk in one worker before requests are refused. */
      waiting: count(1_000_000).default(10_000),
    })
    .prefault({}),
  cluster: z
    .strictObject({
      redis: z.url({ protocol: /^rediss?$/ }),
      prefix: name.default('vallum'),
      password: file.optional(),
    })
    .optional(),
  serving: z
    .strictObject({
      everySeconds: seconds(0.2, 3_600).default(5),
      graceSeconds: seconds(0, 30 * 86_400).default(86_400),
    })
    .prefault({}),
  detection: z
    .strictObject({
      blocksPerHour: z.int().min(0).max(10_000).default(10),
      halfLifeSeconds: seconds(1, 30 * 86_400).default(3_600),
    })
    .prefault({}),
  events: z
    .strictObject({
      file: file.optional(),
      syslog: z.string().optional(),
      webhook: z.strictObject({ url: z.url({ protocol: /^https?$/ }), secret: file }).optional(),
    })
    .prefault({}),
});

export type GatewaySettings = z.infer<typeof gatewaySchema>;
export type RouteSettings = GatewaySettings['routes'][number];
export type UpstreamSettings = GatewaySettings['upstreams'][string];
export type ListenerSettings = z.infer<typeof listener>;
export type IdentitySettings = GatewaySettings['identity'];
export type IssuerSettings = z.infer<typeof issuer>;
export type LimitSettings = RouteSettings['limits'];
export type RateSettings = z.infer<typeof rate>;
export type InputSettings = RouteSettings['input'];
export type OutputSettings = RouteSettings['output'];
export type BreakerSettings = UpstreamSettings['breaker'];
