// A real gRPC client and a real gRPC model server for tests, both of @grpc/grpc-js.
import type { ServiceClientConstructor, ServerUnaryCall, sendUnaryData, ServiceError } from '@grpc/grpc-js';
import { Client, credentials, loadPackageDefinition, Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import type { CallOptions, ChannelCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';

export interface Infer {
  readonly model_name: string;
  readonly inputs?: readonly { name: string; datatype: string; shape: readonly number[] }[];
  readonly raw_input_contents?: readonly Buffer[];
}
export interface Inferred {
  readonly model_name: string;
  readonly raw_output_contents: readonly Buffer[];
}
export type InferCall = ServerUnaryCall<Infer, Inferred>;
export type InferHandler = (call: InferCall, answer: sendUnaryData<Partial<Inferred>>) => void;

const definition = loadSync(fileURLToPath(new URL('inference.proto', import.meta.url)), {
  keepCase: true,
  defaults: true,
});
const loaded = loadPackageDefinition(definition) as unknown as {
  inference: { GRPCInferenceService: ServiceClientConstructor };
};
const service = loaded.inference.GRPCInferenceService;

/** Sends back what it got, reversed, unless told otherwise. */
export const echo: InferHandler = (call, answer) => {
  const raw = (call.request.raw_input_contents ?? []).map((bytes) => Buffer.from(bytes).reverse());
  answer(null, { model_name: call.request.model_name, raw_output_contents: raw });
};

export interface ModelServer {
  readonly url: string;
  /** Calls that arrived, with all their metadata. */
  readonly calls: InferCall[];
  kill(): void;
}

export async function startModelServer(
  infer: InferHandler = echo,
  port = 0,
  how: ServerCredentials = ServerCredentials.createInsecure(),
): Promise<ModelServer> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const calls: InferCall[] = [];
  server.addService(service.service, {
    ModelInfer: (call: InferCall, answer: sendUnaryData<Partial<Inferred>>) => {
      calls.push(call);
      infer(call, answer);
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, how, (error, at) => (error === null ? resolve(at) : reject(error)));
  });
  return { url: `grpc://127.0.0.1:${bound}`, calls, kill: () => server.forceShutdown() };
}

export interface Asked {
  readonly answer?: Inferred & { live?: boolean; ready?: boolean };
  readonly error?: ServiceError;
  /** Initial metadata. */
  readonly metadata: Metadata;
}

export interface GrpcClient {
  ask(method: string, request: object, options?: CallOptions, metadata?: Record<string, string>): Promise<Asked>;
  /** Begins a call and returns the way to cancel it. */
  begin(method: string, request: object): { readonly cancel: () => void; readonly done: Promise<Asked> };
  close(): void;
}

export function grpcClient(port: number, how: ChannelCredentials = credentials.createInsecure()): GrpcClient {
  const client = new Client(`localhost:${port}`, how, {
    'grpc.max_receive_message_length': -1,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  const start = (method: string, request: object, options: CallOptions, extra: Record<string, string>) => {
    const { path, requestSerialize, responseDeserialize } = service.service[method] ?? fail(method);
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(extra)) metadata.set(name, value);
    let initial = new Metadata();
    let cancel = (): void => {};
    const done = new Promise<Asked>((resolve) => {
      const call = client.makeUnaryRequest<object, object>(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        (error, answer) =>
          resolve({
            metadata: initial,
            ...(error === null ? {} : { error }),
            ...(answer === undefined ? {} : { answer: answer as NonNullable<Asked['answer']> }),
          }),
      );
      call.on('metadata', (seen: Metadata) => (initial = seen));
      cancel = () => call.cancel();
    });
    return { cancel, done };
  };
  return {
    ask: (method, request, options = {}, metadata = {}) => start(method, request, options, metadata).done,
    begin: (method, request) => start(method, request, {}, {}),
    close: () => client.close(),
  };
}

function fail(method: string): never {
  throw new Error(`the test's proto has no method ${method}`);
}
