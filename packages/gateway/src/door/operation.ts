// What can be asked of a route. Whatever is not an operation of an enumerated route is refused.
import type { CedarAction } from '@vallum/policy';

export type Protocol = 'oip' | 'oip-grpc' | 'mlflow' | 'openai' | 'json';

/** An action that the policy decides; `health` is answered by the gateway itself and asks nobody. */
export type GatewayAction = Extract<CedarAction, 'infer' | 'readMetadata' | 'administer'>;

/** How the gateway reads the body of an operation. */
export type BodyForm =
  | 'none'
  /** OIP v2: JSON, or a JSON header with binary tensors behind it. */
  | 'oip'
  | 'mlflow'
  | 'openai-chat'
  | 'openai-completion'
  | 'openai-embedding'
  | 'json'
  /** Protobuf ModelInferRequest. */
  | 'oip-proto'
  /** Other messages of the protocol's gRPC service, which hold names only. */
  | 'oip-proto-small'
  /** Passed on as it is, within its size: routes that a policy names for administrators. */
  | 'opaque';

export interface Operation {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** Canonical path that callers use, without query. */
  readonly path: string;
  /** Canonical path that the upstream gets. */
  readonly upstreamPath: string;
  readonly action: GatewayAction;
  readonly body: BodyForm;
  /** Version of the model that the path names. */
  readonly version?: string;
}
