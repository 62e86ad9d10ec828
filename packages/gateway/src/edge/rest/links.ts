// What hangs on a connection. Node tells the end of a connection only to the response that is being written, and to none that
// comes later or waits behind it; what a request holds is given back when the connection ends, whatever Node tells its response.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Link {
  /** The last request's. */
  response: ServerResponse | undefined;
  readonly atEnd: Set<() => void>;
}

export class Links {
  readonly #links = new WeakMap<Socket, Link>();

  /** @returns false while the request before has no answer: they are taken one by one, so that each has a connection to itself */
  begin(socket: Socket, response: ServerResponse): boolean {
    let link = this.#links.get(socket);
    if (link === undefined) {
      link = { response: undefined, atEnd: new Set() };
      this.#links.set(socket, link);
      const { atEnd } = link;
      socket.once('close', () => {
        for (const work of atEnd) work();
      });
    }
    if (link.response !== undefined && !link.response.writableEnded) return false;
    link.response = response;
    return true;
  }

  /** Whether something was said already to what is being sent: another answer would be taken for a part of it, or the next. */
  hasAnswered(socket: Socket): boolean {
    const response = this.#links.get(socket)?.response;
    if (response === undefined) return false;
    return response.writableEnded ? !response.req.complete : response.req.complete || response.headersSent;
  }

  /** Does the work when the connection ends, at once where it has ended. @returns a function that calls it off */
  atEnd(socket: Socket, work: () => void): () => void {
    const link = this.#links.get(socket);
    if (link === undefined || socket.destroyed) {
      work();
      return () => undefined;
    }
    link.atEnd.add(work);
    return () => void link.atEnd.delete(work);
  }
}
