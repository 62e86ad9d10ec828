// A gateway in front of a bare model server, and the same questions put to both.
import { GatewayHome, NO_VERDICT } from '../../../support/gateway-process.js';
import type { Decision, Route, Running } from '../../../support/gateway-process.js';
import type { Answers, Environment } from './environments.js';
import { askWith } from './environments.js';
import type { PythonServer } from './servers.js';

/** Bytes of the largest body: what the scripts call too large is larger. */
const MOST_BYTES = 65_536;
export const UNKNOWN_KEY = 'vlm_aaaaaaaaaa_000000000000000000000000000000000_000000';

export interface Door {
  readonly rest: string;
  readonly grpc: string;
  readonly key: string;
  readonly gateway: Running;
  /** Stops it and reads what it wrote down. */
  readonly records: () => Promise<readonly Decision[]>;
  readonly end: () => Promise<void>;
}

export type Protocol = 'oip' | 'oip-grpc' | 'mlflow';

/** One route for each protocol, and nothing else. */
export async function openDoor(server: PythonServer, model: string, ...protocols: readonly Protocol[]): Promise<Door> {
  const url = (protocol: Protocol): string =>
    protocol === 'oip-grpc' ? `grpc://${server.grpc}` : `http://${server.rest}`;
  const home = new GatewayHome({
    listen: { rest: { address: '127.0.0.1:0' }, grpc: { address: '127.0.0.1:0' } },
    upstreams: Object.fromEntries(protocols.map((protocol) => [protocol, { url: url(protocol) }])),
    routes: protocols.map((protocol): Route => {
      const contentTypes = protocol === 'mlflow' ? { contentTypes: ['application/json', 'text/csv'] } : {};
      const input = { maxBytes: MOST_BYTES, ...contentTypes };
      return { model, protocol, upstream: protocol, serving: NO_VERDICT, input };
    }),
  });
  try {
    const key = await home.key('web', 'infer', 'metadata');
    const gateway = await home.start();
    return {
      rest: `127.0.0.1:${gateway.restPort}`,
      grpc: `127.0.0.1:${gateway.grpcPort}`,
      key,
      gateway,
      records: async () => {
        await gateway.stop();
        return home.decisions();
      },
      end: () => home.end(),
    };
  } catch (error) {
    await home.end();
    throw error;
  }
}

export type Transport = 'http' | 'grpc';

export interface Asked {
  readonly environment: Environment;
  readonly script: string;
  readonly transport: Transport;
  readonly model: string;
  readonly mode: string;
  /** JSON is called JSON, for servers that need it. */
  readonly typed?: boolean;
}

export const placeOf = (at: { readonly rest: string; readonly grpc: string }, transport: Transport): string =>
  transport === 'http' ? at.rest : at.grpc;

/** @param key undefined for none */
export function ask(
  place: string,
  key: string | undefined,
  { environment, script, ...asked }: Asked,
): Promise<Answers> {
  return askWith(environment, script, { ...asked, place, ...(key === undefined ? {} : { key }) });
}

/** What an error was, without the id of the decision and the port, which are never the same twice. */
export function codesOf(answers: Answers): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, codeOf(answer)]));
}

function codeOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || !('text' in answer)) return `answered ${JSON.stringify(answer)}`;
  const text = String(answer.text);
  return /refused: ([a-z-]+), decision/.exec(text)?.[1] ?? /\(([a-z-]+), decision [0-9a-f]+\)/.exec(text)?.[1] ?? text;
}
