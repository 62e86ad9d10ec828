// Accounts of one hand: those that keep sending changed copies of one another's inputs. An input that many know (an example of the
// documentation, a health query) is the same for all and is no copy; and a picture that is popular is sent in several versions: it
// takes several different families, and a good part of all that one of the two ever sent, to link two accounts.
import { BoundedMap } from './bounded-map.js';
import type { Lineage } from './lineages.js';

const MOST_PAIRS = 50_000;
const MOST_LINKED = 64;
const MOST_ACCOUNTS = 20_000;
/** Families that two accounts must share. */
const LEAST_SHARED = 5;
/** Of the families of the account that has fewer. */
const LEAST_PART = 0.2;

export class Links {
  readonly #shared = new BoundedMap<string, number>(MOST_PAIRS);
  readonly #families = new BoundedMap<string, number>(MOST_ACCOUNTS);
  readonly #linked = new BoundedMap<string, Set<string>>(MOST_ACCOUNTS);

  /** Call when an account begins a family, or enters one for the first time. */
  entered(lineage: Lineage, principal: string): void {
    const own = `${lineage.route}\0${principal}`;
    this.#families.set(own, this.#of(own) + 1);
    for (const [other] of lineage.accounts) {
      if (other === principal) continue;
      const [a, b] = principal < other ? [principal, other] : [other, principal];
      const key = `${lineage.route}\0${a}\0${b}`;
      const shared = (this.#shared.get(key) ?? 0) + 1;
      this.#shared.set(key, shared);
      const fewer = Math.min(this.#of(own), this.#of(`${lineage.route}\0${other}`));
      if (shared < LEAST_SHARED || shared < LEAST_PART * fewer) continue;
      this.#link(lineage.route, a, b);
      this.#link(lineage.route, b, a);
    }
  }

  /** Everybody linked to this account over any number of others, itself included; at most 64. */
  of(route: string, principal: string): readonly string[] {
    const found = new Set([principal]);
    for (const account of found) {
      for (const other of this.#linked.peek(`${route}\0${account}`) ?? []) {
        if (found.size >= MOST_LINKED) return [...found];
        found.add(other);
      }
    }
    return [...found];
  }

  #of(account: string): number {
    return this.#families.peek(account) ?? 0;
  }

  #link(route: string, from: string, to: string): void {
    const key = `${route}\0${from}`;
    const others = this.#linked.get(key) ?? new Set<string>();
    if (others.size < MOST_LINKED) others.add(to);
    this.#linked.set(key, others);
  }
}
