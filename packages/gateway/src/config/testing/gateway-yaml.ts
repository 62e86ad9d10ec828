// A gateway.yaml that uses every part of the form once, for tests that break it in one place.
export const GATEWAY_YAML = `schema: vallum/gateway/v1
name: edge
listen:
  rest:
    address: "127.0.0.1:8080"
    tls: { certificate: tls.crt, key: tls.key, clientAuthorities: ca.crt, requireClient: false }
    connections: 100
    connectionsPerAddress: 10
  grpc: { address: "[::1]:8081" }
operator: { address: "127.0.0.1:9464" }
state: state
workers: 2
identity:
  keys: keys.json
  issuers:
    - issuer: https://issuer.example
      audience: models
      algorithms: [ES256]
      jwks: https://issuer.example/jwks
      roles: [infer]
  certificates:
    - { name: "URI:spiffe://acme/web", principal: web, roles: [infer], group: acme }
  own: [assessor]
policy: { bundle: policy.json, trust: trust.json, root: ${'ab'.repeat(32)} }
upstreams:
  plain: { url: "http://127.0.0.1:8000", token: token.txt, breaker: { failures: 0.5 } }
  fast: { url: "grpc://127.0.0.1:8001" }
routes:
  - model: digits
    protocol: oip
    upstream: plain
    versions: ["1"]
    serving: { by: store, project: ../digits, version: v1, folder: /models/digits }
    limits:
      requests: { limit: 10, per: second, burst: 20 }
      lifetime: 1000
    cost: { request: 1 }
    input:
      maxBytes: 1024
      tensors: [{ name: x, minimum: 0, maximum: 1 }]
    output: { topK: 1 }
    detection: { kind: tensor, most: degrade }
    withoutState: local
  - model: digits
    protocol: oip-grpc
    upstream: fast
    serving: { by: nothing, reason: a test of the form }
administration:
  - { upstream: plain, method: POST, path: /v2/repository/index }
http: { drainSeconds: 1 }
records: { durable: before }
cluster: { redis: "redis://127.0.0.1:6379" }
serving: { everySeconds: 1 }
detection: { blocksPerHour: 1 }
events: { file: events.jsonl, webhook: { url: "https://example.org/hook", secret: hook.txt } }
`;

/** @throws when the text does not hold what is replaced, so that a test cannot test nothing */
export function withChange(from: string, to: string): string {
  if (!GATEWAY_YAML.includes(from)) throw new Error(`gateway.yaml does not hold ${from}`);
  return GATEWAY_YAML.replace(from, to);
}

/** Where a piece of the text stands, from 1. */
export function lineOf(piece: string): number {
  const at = GATEWAY_YAML.indexOf(piece);
  if (at < 0) throw new Error(`gateway.yaml does not hold ${piece}`);
  return GATEWAY_YAML.slice(0, at).split('\n').length;
}
