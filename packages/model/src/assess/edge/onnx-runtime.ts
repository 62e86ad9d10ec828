// ONNX Runtime as engine: an optional peer of 290 MB, so it is imported only when a model is queried. It is handed bytes
// that were digested before, never a path: a file cannot be swapped in between, and external data is not followed.
import { messageOf, VallumError } from '@vallum/core';
import type { Engine, Session } from '../engine.js';

/** The part of the package that is used. */
interface Runtime {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
}

interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>, fetches: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
  release(): Promise<void>;
}

// In a variable, so that neither compiler nor bundler asks for the package where it is not installed.
const PACKAGE: string = 'onnxruntime-node';
/** One thread gives the same sums on every machine; level 4 is fatal errors only, all others are thrown. */
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 4 };

async function load(): Promise<Runtime> {
  try {
    const loaded = (await import(PACKAGE)) as Runtime & { readonly default?: Runtime };
    return loaded.default ?? loaded;
  } catch (error) {
    throw new VallumError(
      'ONNX_RUNTIME_ABSENT',
      'the model cannot be queried: onnxruntime-node is not installed, or does not load here',
      { fix: 'install onnxruntime-node to run this control', cause: error },
      'unproven',
    );
  }
}

export const onnxRuntime: Engine = async (weights) => {
  const runtime = await load();
  let session: RuntimeSession;
  try {
    session = await runtime.InferenceSession.create(weights, OPTIONS);
  } catch (error) {
    throw new VallumError('MODEL_NOT_ONNX', `the weights are not an ONNX model that can be run: ${short(error)}`, {
      fix: 'export the model to ONNX again, with the weights in the file itself',
      cause: error,
    });
  }
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (input, values, rows, output) => run(runtime, session, input, values, rows, output),
    close: () => session.release(),
  } satisfies Session;
};

async function run(
  runtime: Runtime,
  session: RuntimeSession,
  input: string,
  values: Float32Array,
  rows: number,
  output: string,
): Promise<Float32Array> {
  let tensor: unknown;
  try {
    const feed = new runtime.Tensor('float32', values, [rows, values.length / rows]);
    tensor = (await session.run({ [input]: feed }, [output]))[output];
  } catch (error) {
    throw new VallumError('MODEL_QUERY', `the model refuses the input that model.json declares: ${short(error)}`, {
      fix: 'compare name and number of buckets in model.json with the ONNX file',
      cause: error,
    });
  }
  const data = typeof tensor === 'object' && tensor !== null && 'data' in tensor ? tensor.data : undefined;
  if (!(data instanceof Float32Array))
    throw new VallumError('MODEL_QUERY', `the output ${JSON.stringify(output)} is not a float32 tensor`, {
      fix: 'name the probability output in model.json',
    });
  return data;
}

function short(error: unknown): string {
  return (messageOf(error).split('\n')[0] ?? '').slice(0, 160);
}
