// Bytes over a socket of their own, to one place that was allowed. Nothing is followed and nothing is kept: what comes back is
// cut at a bound, and a connection that goes on too long is dropped.
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { answersOf, isInterim } from '../answers.js';
import type { ProbeTarget } from '../probe-target.js';
import type { Heard, Patience, Step, Wire } from '../wire.js';

/** Bytes of an answer that are looked at. */
const MOST_HEARD = 512 * 1024;
const CONNECT_MS = 5_000;
/** For a whole step, however slowly it is read. */
const SEND_MS = 60_000;

export function rawWire(target: ProbeTarget): Wire {
  return {
    talk: async (steps, patience) => {
      const line = await Line.open(target);
      if (line === undefined) return [{ bytes: Buffer.alloc(0), end: 'unreachable' }];
      const heard: Heard[] = [];
      for (const step of steps) {
        heard.push(await line.say(step, patience));
        if (line.closed) break;
      }
      line.end();
      return heard;
    },
  };
}

class Line {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  #wake: () => void = () => undefined;
  closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (this.#length < MOST_HEARD) this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    const ended = (): void => {
      this.closed = true;
      this.#wake();
    };
    for (const event of ['end', 'close', 'drain'] as const)
      socket.on(event, event === 'drain' ? () => this.#wake() : ended);
  }

  static open({ host, port, tls }: ProbeTarget): Promise<Line | undefined> {
    return new Promise((resolve) => {
      const socket = tls ? connectTls({ host, port, servername: serverName(host) }) : connect({ host, port });
      const done = (line?: Line): void => {
        clearTimeout(timer);
        if (line === undefined) socket.destroy();
        resolve(line);
      };
      const timer = setTimeout(() => done(), CONNECT_MS);
      // Errors after the connection show as its end.
      socket.on('error', () => done());
      socket.once(tls ? 'secureConnect' : 'connect', () => done(new Line(socket)));
    });
  }

  async say(step: Step, { answerMs, quietMs }: Patience): Promise<Heard> {
    this.#chunks = [];
    this.#length = 0;
    const sendUntil = performance.now() + SEND_MS;
    for (const piece of step) {
      // An answer in the middle of a request is an answer: the rest is not worth sending.
      if (this.closed || this.#hasAnswer() || performance.now() > sendUntil) break;
      if (!this.#socket.write(piece)) await this.#change(sendUntil - performance.now());
    }
    const until = performance.now() + answerMs;
    while (!this.closed && !this.#hasAnswer() && performance.now() < until)
      await this.#change(until - performance.now());
    const quietUntil = performance.now() + quietMs;
    while (!this.closed && this.#hasAnswer() && performance.now() < quietUntil)
      await this.#change(quietUntil - performance.now());
    return { bytes: Buffer.concat(this.#chunks), end: this.closed ? 'closed' : 'open' };
  }

  end(): void {
    this.#socket.destroy();
  }

  #hasAnswer(): boolean {
    if (this.#length === 0) return false;
    if (this.#length >= MOST_HEARD) return true;
    return answersOf(Buffer.concat(this.#chunks), this.closed).some((answer) => answer.whole && !isInterim(answer));
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** An address has no name to ask for (RFC 6066 section 3). */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}
