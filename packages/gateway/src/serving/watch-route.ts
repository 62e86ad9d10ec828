// Looks at one route again and again and keeps its gate. What is asked may hang or throw, for it reads disks and asks
// servers that an attacker may hold: each look ends by its time, and an end without an answer is never a pass.
import type { Clock } from '@vallum/core';
import { messageOf } from '@vallum/core';
import type { Gate } from './gate.js';
import type { IntegrityLook, VerdictLook, VerdictPass } from './looks.js';
import type { ServingRules, ServingState, Stepped } from './serving-state.js';
import { FIRST_STATE, stepServing } from './serving-state.js';

export interface RoutePorts {
  readonly clock: Clock;
  readonly verdict: () => Promise<VerdictLook>;
  /** Looks at the model that the verdict approves. */
  readonly integrity: (pass: VerdictPass) => Promise<IntegrityLook>;
  /** Why an open incident closes the route. */
  readonly incident: () => string | undefined;
  /** Milliseconds after which a look at the ledger, and one at the model, count as no answer. */
  readonly verdictMs: number;
  readonly integrityMs: number;
}

export class RouteWatch {
  readonly #ports: RoutePorts;
  readonly #rules: ServingRules;
  readonly #ledger = new Asked<VerdictLook>();
  readonly #model = new Asked<IntegrityLook>();
  #state: ServingState = FIRST_STATE;
  #integrity: IntegrityLook = { kind: 'not-asked' };
  #looking: Promise<Stepped> | undefined;

  constructor(rules: ServingRules, ports: RoutePorts) {
    this.#rules = rules;
    this.#ports = ports;
  }

  get gate(): Gate {
    return this.#state.gate;
  }

  get state(): ServingState {
    return this.#state;
  }

  /** What the model showed at the last look, for `integrity.check`. */
  get integrity(): IntegrityLook {
    return this.#integrity;
  }

  /** One look at a time: who asks meanwhile gets the one that is under way. Never rejects. */
  look(): Promise<Stepped> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<Stepped> {
    const { verdict: askVerdict, integrity: askModel, verdictMs, integrityMs } = this.#ports;
    const verdict = await this.#ledger.ask(askVerdict, verdictMs, (reason) => ({ kind: 'unreachable', reason }));
    // What the ledger says against the version must not wait for the model.
    if (verdict.kind !== 'pass' && verdict.kind !== 'unreachable') return this.#step(verdict, { kind: 'not-asked' });
    const pass = verdict.kind === 'pass' ? verdict : this.#state.pass;
    if (pass === undefined) return this.#step(verdict, { kind: 'not-asked' });
    const integrity = await this.#model.ask(
      () => askModel(pass),
      integrityMs,
      (reason) => ({ kind: 'unreadable', reason: `the model could not be looked at: ${reason}` }),
    );
    return this.#step(verdict, integrity);
  }

  #step(verdict: VerdictLook, integrity: IntegrityLook): Stepped {
    const incident = this.#ports.incident();
    const at = this.#ports.clock().getTime();
    const looks = { at, verdict, integrity, ...(incident === undefined ? {} : { incident }) };
    const stepped = stepServing(this.#state, looks, this.#rules);
    this.#integrity = integrity;
    this.#state = stepped.state;
    return stepped;
  }
}

/** One question at a time: what hangs is not asked again, or hanging reads would pile up until the process has no threads. */
class Asked<T> {
  #running: Promise<T> | undefined;

  /** The answer, or what stands for none after that time. */
  async ask(question: () => Promise<T>, ms: number, none: (reason: string) => T): Promise<T> {
    if (this.#running !== undefined) return none('an earlier look has not ended yet');
    const running = question().finally(() => (this.#running = undefined));
    this.#running = running;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<T>((resolve) => {
      timer = setTimeout(() => resolve(none(`there was no answer within ${ms / 1000} s`)), ms);
    });
    try {
      return await Promise.race([running, late]);
    } catch (error) {
      return none(messageOf(error));
    } finally {
      clearTimeout(timer);
    }
  }
}
