// Sends the requests of a probe, one after the other and not too fast, and keeps what the checks have in common: the good
// request, what error texts were seen, and how much was sent.
import { answersOf, isInterim } from './answers.js';
import type { HttpAnswer } from './answers.js';
import type { Came } from './check.js';
import { isBusyStatus } from './check.js';
import type { ProbeProtocol, ProbeTarget } from './probe-target.js';
import type { ProbeRequest } from './request.js';
import { requestBytes } from './request.js';
import type { Heard, Patience, Step, Wire } from './wire.js';

export interface ProbeSettings {
  readonly target: ProbeTarget;
  readonly model: string;
  readonly protocol: ProbeProtocol;
  /** Where the model is asked: `/v2/models/digits/infer`. */
  readonly path: string;
  /** An API key or token that may infer; without it the good request is anonymous too. */
  readonly key?: string;
  /** A body that the model answers; for `oip` it can be made from the model's metadata. */
  readonly input?: Uint8Array;
  /** Requests after which the key must be refused. */
  readonly quota?: number;
  /** Bytes of a body without end that are sent before it counts as let in. */
  readonly oversizeBytes: number;
  /** Requests in a second. */
  readonly rate: number;
}

export interface ProbePorts {
  readonly wire: Wire;
  /** Waits so many milliseconds. @throws when the probe is stopped */
  readonly wait: (ms: number) => Promise<void>;
  readonly random: (count: number) => Uint8Array;
}

/** Of an error text, at most. */
const MOST_TEXT = 64 * 1024;
const MOST_TEXTS = 500;
const MOST_RETRIES = 3;
const MOST_RETRY_MS = 2_000;
export const PATIENCE: Patience = { answerMs: 5_000, quietMs: 0 };

export class Probe {
  readonly settings: ProbeSettings;
  readonly ports: ProbePorts;
  /** Answers that were errors, for a look at what they tell. */
  readonly errors: HttpAnswer[] = [];
  #good: Uint8Array = Buffer.alloc(0);
  requests = 0;

  constructor(settings: ProbeSettings, ports: ProbePorts) {
    this.settings = settings;
    this.ports = ports;
  }

  get body(): Uint8Array {
    return this.#good;
  }

  useBody(body: Uint8Array): void {
    this.#good = body;
  }

  /** Header lines of a request, with the key unless another credential is given. */
  headers(credential: readonly string[] = this.credential(), contentType = 'application/json'): readonly string[] {
    return [`Host: ${this.host}`, ...credential, ...(contentType === '' ? [] : [`Content-Type: ${contentType}`])];
  }

  get host(): string {
    const { host, port } = this.settings.target;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }

  credential(key = this.settings.key): readonly string[] {
    return key === undefined ? [] : [`Authorization: Bearer ${key}`];
  }

  /** The good request, with what is changed about it. */
  infer(change: Partial<ProbeRequest> = {}): ProbeRequest {
    return { method: 'POST', path: this.settings.path, headers: this.headers(), body: this.#good, ...change };
  }

  /** One request on a connection of its own. Waits and asks again where the answer is `later`. */
  async ask(request: ProbeRequest | Step, patience: Patience = PATIENCE): Promise<Came> {
    for (let tries = 0; ; tries += 1) {
      const step = 'method' in request ? [requestBytes(request)] : request;
      const [heard] = await this.talk([step], patience);
      const came = this.cameOf(heard);
      if (came.kind !== 'answer' || !isBusyStatus(came.answer.status) || tries === MOST_RETRIES) return came;
      await this.later(came.answer);
    }
  }

  async later({ headers }: HttpAnswer): Promise<void> {
    const seconds = Number(headers.get('retry-after') ?? 1);
    await this.ports.wait(Math.min(MOST_RETRY_MS, seconds >= 0 ? seconds * 1_000 : MOST_RETRY_MS));
  }

  async talk(steps: readonly Step[], patience: Patience): Promise<readonly Heard[]> {
    await this.ports.wait(1_000 / this.settings.rate);
    const heard = await this.ports.wire.talk(steps, patience);
    this.requests += heard.length;
    return heard;
  }

  /** Everything that came to one step, without interim answers, up to the one that says it is the last (RFC 9112 section 9.6). */
  answers(heard: Heard | undefined): readonly HttpAnswer[] {
    if (heard === undefined) return [];
    const came = answersOf(heard.bytes, heard.end === 'closed').filter((answer) => !isInterim(answer));
    const last = came.findIndex(({ headers }) => headers.get('connection')?.toLowerCase() === 'close');
    const answers = last < 0 ? came : came.slice(0, last + 1);
    for (const answer of answers)
      if (answer.status >= 400 && this.errors.length < MOST_TEXTS)
        this.errors.push({ ...answer, body: Buffer.from(answer.body.subarray(0, MOST_TEXT)) });
    return answers;
  }

  cameOf(heard: Heard | undefined): Came {
    const [answer] = this.answers(heard);
    if (answer !== undefined) return { kind: 'answer', answer };
    return { kind: heard === undefined ? 'unreachable' : heard.end === 'open' ? 'silent' : heard.end };
  }
}
