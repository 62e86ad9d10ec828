// Asks a server of the Open Inference Protocol, be it the bare one or the gateway: the same request to either.
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { PIXELS } from '../perceptron.js';

export interface Answered {
  readonly status: number;
  /** The numbers of the first output; none unless the status is 200. */
  readonly numbers?: Float32Array;
}

/** Ends like any caller's program would: with connections kept open and used again. */
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Requests that were answered, in whatever way. */
export interface Tally {
  requests: number;
}

export class Endpoint {
  readonly #origin: string;
  readonly #token: string | undefined;
  readonly #tally: Tally;

  constructor(origin: string, tally: Tally, token?: string) {
    this.#origin = origin;
    this.#tally = tally;
    this.#token = token;
  }

  /** Probabilities of the ten classes. */
  digit(model: string, x: Float32Array): Promise<Answered> {
    const input = { name: 'image', datatype: 'FP32', shape: [1, PIXELS], data: Array.from(x, rounded) };
    return this.#infer(model, { inputs: [input] });
  }

  /** How likely it is spam. */
  mail(model: string, text: string): Promise<Answered> {
    return this.#infer(model, { inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], data: [text] }] });
  }

  #infer(model: string, body: object): Promise<Answered> {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = {
      'content-type': 'application/json',
      'content-length': bytes.length,
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
    };
    return new Promise((resolve, reject) => {
      const url = `${this.#origin}/v2/models/${model}/infer`;
      const asked = request(url, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          this.#tally.requests += 1;
          resolve(answered(response, Buffer.concat(chunks)));
        });
      });
      asked.on('error', reject);
      asked.end(bytes);
    });
  }
}

/** Pictures hold no more digits than these, and shorter texts travel faster. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function answered({ statusCode: status = 0 }: IncomingMessage, body: Buffer): Answered {
  if (status !== 200) return { status };
  const { outputs } = JSON.parse(body.toString('utf8')) as { readonly outputs: readonly { readonly data: number[] }[] };
  return { status, numbers: Float32Array.from(outputs[0]?.data ?? []) };
}

export function closeConnections(): void {
  agent.destroy();
}

/** Works through a list, so many at once. */
export async function each<T>(values: readonly T[], atOnce: number, work: (value: T) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < values.length) {
      const value = values[next] as T;
      next += 1;
      await work(value);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
