// The sockets of a listener: how many there may be, and the end of those whose peer never says goodbye.
import type { Socket } from 'node:net';
import type { Http2SecureServer, Http2Server } from 'node:http2';

export interface SocketBounds {
  /** Connections at once, and of one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Milliseconds that a peer has to take what is left and to close its side, after we closed ours. */
  readonly lingerMs: number;
}

export class Sockets {
  readonly #bounds: SocketBounds;
  readonly #open = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();
  /** Sockets that speak HTTP/2: those that are open or, with TLS, what stands on them; and since when ours is closed. */
  readonly #speaking = new Map<Socket, number | undefined>();

  constructor(server: Http2Server | Http2SecureServer, hasTls: boolean, bounds: SocketBounds) {
    this.#bounds = bounds;
    // Counted from the first packet on, so that half a handshake counts too.
    server.on('connection', (socket: Socket) => this.#count(socket));
    server.on(hasTls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#speaking.set(socket, undefined);
      socket.once('close', () => this.#speaking.delete(socket));
    });
  }

  /** A closed session of node:http2 waits for its peer without end, and destroying it then does nothing: this cuts it. */
  sweep(now: number): void {
    for (const [socket, since] of this.#speaking) {
      if (!socket.writableEnded) continue;
      if (since === undefined) this.#speaking.set(socket, now);
      else if (now - since > this.#bounds.lingerMs) socket.destroy();
    }
  }

  destroyAll(): void {
    for (const socket of this.#speaking.keys()) socket.destroy();
    for (const socket of this.#open) socket.destroy();
  }

  #count(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#open.size >= this.#bounds.connections || ofAddress >= this.#bounds.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    this.#byAddress.set(address, ofAddress + 1);
    socket.once('close', () => {
      this.#open.delete(socket);
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    });
  }
}
