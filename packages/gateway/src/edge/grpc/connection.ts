// One connection of a caller: what it may do, what it did, and when it is closed for doing too much or nothing.
import type { ServerHttp2Session } from 'node:http2';
import { constants } from 'node:http2';
import type { PeerCertificate } from '../../door/caller.js';
import { Bucket } from '../../grpc/bucket.js';
import type { GrpcLimits } from './limits.js';
import { certificateOf } from '../peer-certificate.js';

export class Connection {
  readonly peer: string;
  readonly certificate: PeerCertificate | undefined;
  readonly session: ServerHttp2Session;
  readonly #limits: GrpcLimits;
  readonly #resets: Bucket;
  /** Streams that are open, and calls that still run after their stream was ended. */
  #open = 0;
  #working = 0;
  #calls = 0;
  #quietSince: number;

  constructor(session: ServerHttp2Session, limits: GrpcLimits, now: number) {
    this.session = session;
    this.#limits = limits;
    this.#quietSince = now;
    this.peer = session.socket?.remoteAddress ?? '';
    this.certificate = session.encrypted === true ? certificateOf(session.socket) : undefined;
    this.#resets = new Bucket(limits.resets.burst, limits.resets.perSecond, now);
    const pings = new Bucket(limits.pings.burst, limits.pings.perSecond, now);
    const settings = new Bucket(limits.settings.burst, limits.settings.perSecond, now);
    session.on('ping', () => {
      if (!pings.take(performance.now())) this.#end();
    });
    session.on('remoteSettings', () => {
      if (!settings.take(performance.now())) this.#end();
    });
    session.on('error', () => {});
  }

  /** False when the stream must be refused: resets free streams at once, but not the work that was begun for them. */
  opened(): boolean {
    this.#open += 1;
    if (this.#working >= this.#limits.streams) return false;
    this.#working += 1;
    this.#calls += 1;
    if (this.#calls === this.#limits.callsPerConnection) this.close();
    return true;
  }

  worked(): void {
    this.#working -= 1;
  }

  /** @param wasAnswered False when the stream ended early, by the peer or because of what it sent (CVE-2025-8671). */
  closed(wasAnswered: boolean, now: number): void {
    this.#open -= 1;
    this.#quietSince = now;
    if (!wasAnswered && !this.#resets.take(now)) this.#end();
  }

  /** Closes a connection that nobody uses; a header block without end keeps one open that was told to close. */
  sweep(now: number): void {
    if (this.#open > 0) return;
    const mayBeQuietMs = this.#calls === 0 ? this.#limits.headersMs : this.#limits.idleMs;
    if (this.session.closed) this.session.destroy();
    else if (now - this.#quietSince > mayBeQuietMs) this.close();
  }

  /** Lets calls under way end and takes no new ones. */
  close(): void {
    if (!this.session.closed) this.session.close();
  }

  #end(): void {
    // Without an error Node would ignore the code.
    const error = new Error('the peer does too much that costs us more than it');
    if (!this.session.destroyed) this.session.destroy(error, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}
