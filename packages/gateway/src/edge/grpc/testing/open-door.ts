// A door for tests of the transport: lets every inference in, counts, and can be told to refuse at each stage.
import type { Incoming } from '../../../door/parts.js';
import type { Refusal } from '../../../door/refusal.js';
import { isRefusal, refuse } from '../../../door/refusal.js';
import type { Turned } from '../../../door/door.js';
import type { GrpcDoor, GrpcExchange } from '../../../grpc/ports.js';

export interface Ended {
  readonly status: number;
  readonly bytesOut: number;
  readonly refusal?: Refusal;
}

export class OpenDoor implements GrpcDoor {
  readonly entered: Incoming[] = [];
  readonly turned: Refusal[] = [];
  readonly ended: Ended[] = [];
  readonly reported: boolean[] = [];
  maxBytes = 1024 * 1024;
  maxAnswerBytes = 1024 * 1024;
  /** What the stages say instead. */
  refuseTake: Refusal | undefined;
  refuseAnswer: Refusal | undefined;
  records: () => Promise<void> = () => Promise.resolve();
  /** Called when a call has ended. */
  onEnd: () => void = () => {};

  enter(incoming: Incoming): GrpcExchange | Turned {
    this.entered.push(incoming);
    const { target, refusal } = incoming;
    if (refusal !== undefined) return this.#turn(refusal);
    if (!target.endsWith('/ModelInfer')) return this.#turn(refuse('not-found', `secret: ${target} is no route`));
    return {
      id: 'd-1',
      plan: { maxBytes: this.maxBytes, route: { settings: { output: { maxBytes: this.maxAnswerBytes } } } },
      take: (body) =>
        this.refuseTake ?? { upstream: 'models', method: 'POST', path: target, headers: {}, body, stream: false },
      reported: (succeeded) => void this.reported.push(succeeded),
      answer: (_status, _headers, body) => this.refuseAnswer ?? { body, headers: {} },
      end: (end) => {
        this.ended.push(end);
        this.onEnd();
        return this.records();
      },
    };
  }

  /** Resolves when the next call has ended. */
  nextEnd(): Promise<Ended> {
    return new Promise((resolve) => {
      this.onEnd = () => {
        const last = this.ended.at(-1);
        if (last !== undefined) resolve(last);
      };
    });
  }

  #turn(turned: Refusal): Turned {
    if (!isRefusal(turned)) throw new Error('a turned call has a refusal');
    this.turned.push(turned);
    return { turned, id: 'd-0', recorded: this.records() };
  }
}
