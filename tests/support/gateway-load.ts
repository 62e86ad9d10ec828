// Callers that go on asking while something is done to a gateway, each over one connection that is opened again when it breaks.
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { INFER, QUESTION } from './gateway-upstreams.js';

const PATIENCE_MS = 5_000;
const BODY = JSON.stringify(QUESTION);

export interface Answered {
  readonly status: number;
  /** Of `x-vallum-decision`. */
  readonly decision: string;
}

/** One question to a gateway on loopback. Rejects when no whole answer comes. */
export function askOver(agent: Agent, port: number, key: string, path = INFER): Promise<Answered> {
  return new Promise((done, fail) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': BODY.length,
    };
    const sent = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', agent, headers });
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error('no answer in time')));
    sent.once('error', fail).once('response', (answer: IncomingMessage) => {
      answer.once('error', fail).resume();
      answer.once('end', () => {
        if (!answer.complete) return fail(new Error('half an answer'));
        done({ status: answer.statusCode ?? 0, decision: String(answer.headers['x-vallum-decision']) });
      });
    });
    sent.end(BODY);
  });
}

export class Load {
  /** Whole answers. */
  readonly answers: Answered[] = [];
  /** Why there was none. */
  readonly failures: string[] = [];
  readonly #callers: readonly Promise<void>[];
  #isOn = true;

  constructor(port: number, key: string, callers = 8) {
    this.#callers = Array.from({ length: callers }, () => this.#call(port, key));
  }

  count(status: number): number {
    return this.answers.filter((one) => one.status === status).length;
  }

  /** Resolves when every caller has its last answer. */
  async end(): Promise<void> {
    this.#isOn = false;
    await Promise.all(this.#callers);
  }

  async #call(port: number, key: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.#isOn)
      try {
        this.answers.push(await askOver(agent, port, key));
      } catch (error) {
        this.failures.push(error instanceof Error ? error.message : String(error));
        await new Promise((done) => setTimeout(done, 20));
      }
    agent.destroy();
  }
}
