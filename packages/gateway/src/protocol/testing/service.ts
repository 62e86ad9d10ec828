// The protocol's gRPC messages as @grpc/proto-loader writes and reads them: a second opinion on our own reader and writer.
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';

const definitions = loadSync(fileURLToPath(new URL('open-inference.proto', import.meta.url)), {
  keepCase: true,
  longs: Number,
  defaults: true,
  arrays: true,
});
const service = definitions['inference.GRPCInferenceService'] as ServiceDefinition;

export function request(method: string, message: object): Buffer {
  return methodOf(method).requestSerialize(message);
}

export function readRequest(method: string, bytes: Buffer): object {
  return methodOf(method).requestDeserialize(bytes);
}

export function response(method: string, message: object): Buffer {
  return methodOf(method).responseSerialize(message);
}

export function readResponse(method: string, bytes: Buffer): object {
  return methodOf(method).responseDeserialize(bytes);
}

function methodOf(name: string): MethodDefinition<object, object> {
  const method = service[name];
  if (method === undefined) throw new Error(`the service has no ${name}`);
  return method;
}
