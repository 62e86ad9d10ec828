// A worker's line to the budgets that the primary keeps. Without an answer in time nothing is lent.
import { VallumError } from '@vallum/core';
import type { LeaseAnswer, LeaseRequest, LeaseSource } from '../../limits/lease.js';
import type { ToPrimary } from './messages.js';

const PATIENCE_MS = 5_000;

export class LeaseLine implements LeaseSource {
  readonly #send: (message: ToPrimary) => void;
  readonly #waiting = new Map<number, (answers: readonly LeaseAnswer[]) => void>();
  #last = 0;

  constructor(send: (message: ToPrimary) => void) {
    this.#send = send;
  }

  lease(requests: readonly LeaseRequest[]): Promise<readonly LeaseAnswer[]> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(
          new VallumError('LEASE_LATE', `the budgets gave no answer in ${PATIENCE_MS / 1_000} s`, {
            fix: 'see whether the primary process is overloaded',
          }),
        );
      }, PATIENCE_MS);
      this.#waiting.set(id, (answers) => {
        clearTimeout(timer);
        resolve(answers);
      });
      this.#send({ type: 'lease', id, requests });
    });
  }

  /** An answer of the primary; one that comes too late is nobody's. */
  leased(id: number, answers: readonly LeaseAnswer[]): void {
    this.#waiting.get(id)?.(answers);
    this.#waiting.delete(id);
  }
}
