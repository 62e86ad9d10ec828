// The bytes of a decision in the ledger: canonical JSON (RFC 8785) of at most 4 KiB, so that anyone can redo the hash. Written
// by hand with its keys in order, because every request pays for it. Names, paths and reasons come from callers in the end:
// they are cut, and an entry in which something was cut says so.
import type { Decision } from './decision.js';

/** Bytes of the longest entry. */
export const DECISION_LIMIT = 4096;
export const DECISION_SCHEMA = 'vallum/decision/v1';

/** Most UTF-16 code units of a text, and most members of a list. */
interface Cuts {
  readonly reason: number;
  readonly text: number;
  readonly policies: number;
  readonly masked: number;
}
const USUAL: Cuts = { reason: 512, text: 256, policies: 16, masked: 32 };
/** However each character has to be written (six bytes at most), these stay below the limit. */
const TIGHT: Cuts = { reason: 64, text: 20, policies: 2, masked: 4 };
/** Of an address or a decision's id. */
const ADDRESS = 64;

/** Cost: about 3 us. Raw input and secrets have no field here. */
export function encodeDecision(decision: Decision): Uint8Array {
  const bytes = Buffer.from(new DecisionText(decision, USUAL).text());
  return bytes.length <= DECISION_LIMIT ? bytes : Buffer.from(new DecisionText(decision, TIGHT).text());
}

class DecisionText {
  readonly #of: Decision;
  readonly #cuts: Cuts;
  #wasCut = false;

  constructor(decision: Decision, cuts: Cuts) {
    this.#of = decision;
    this.#cuts = cuts;
  }

  /** Members in the order of RFC 8785; `cut` is known only at the end, so what follows it is made first. */
  text(): string {
    const of = this.#of;
    const head =
      `{"at":${number(of.at)},"bytesIn":${number(of.bytesIn)},"bytesOut":${number(of.bytesOut)}` +
      `${word('code', of.code)},"config":"${of.config}"${this.#string('credential', of.credential)}`;
    const tail =
      `,"durationMs":${number(Math.round(of.durationMs * 1000) / 1000)}` +
      `${optional('elements', of.elements)},"id":${this.#quoted(of.id, ADDRESS)}${word('input', of.input)}` +
      `${this.#masked()}${word('means', of.means)}${this.#string('model', of.model)}` +
      `${this.#string('operation', of.operation)},"outcome":"${of.outcome}","peer":${this.#quoted(of.peer, ADDRESS)}` +
      `${this.#policies()},"policy":"${of.policy}"${this.#string('principal', of.principal)}` +
      `${this.#string('reason', of.reason, this.#cuts.reason)}${this.#string('route', of.route)}` +
      `${optional('rows', of.rows)},"schema":"${DECISION_SCHEMA}","status":${number(of.status)}` +
      `${word('step', of.step)}${optional('times', of.times)}${optional('tokens', of.tokens)}` +
      `${this.#string('version', of.version)}}`;
    return `${head}${this.#wasCut ? ',"cut":true' : ''}${tail}`;
  }

  #string(key: string, value: string | undefined, most = this.#cuts.text): string {
    return value === undefined ? '' : `,"${key}":${this.#quoted(value, most)}`;
  }

  #quoted(value: string, most: number): string {
    if (value.length <= most && value.isWellFormed()) return JSON.stringify(value);
    this.#wasCut = true;
    return JSON.stringify(value.slice(0, most).toWellFormed());
  }

  #policies(): string {
    const { policies } = this.#of;
    if (policies === undefined) return '';
    if (policies.length > this.#cuts.policies) this.#wasCut = true;
    const names = policies.slice(0, this.#cuts.policies).map((name) => this.#quoted(name, this.#cuts.text));
    return `,"policies":[${names.join(',')}]`;
  }

  #masked(): string {
    const { masked } = this.#of;
    if (masked === undefined) return '';
    const all = Object.entries(masked).sort(([a], [b]) => (a < b ? -1 : 1));
    // A name that is cut could meet another one, and an object has each name once.
    const fit = all
      .filter(([name]) => name.length <= this.#cuts.text && name.isWellFormed())
      .slice(0, this.#cuts.masked);
    if (fit.length < all.length) this.#wasCut = true;
    return `,"masked":{${fit.map(([name, count]) => `${JSON.stringify(name)}:${number(count)}`).join(',')}}`;
  }
}

/** One of our own words, or a digest: nothing in it has to be escaped or cut. */
function word(key: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${key}":"${value}"`;
}

function optional(key: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${key}":${number(value)}`;
}

/** As ECMAScript writes it, which is what RFC 8785 asks for; what is no number has no canonical form and counts as zero. */
function number(value: number): string {
  return Number.isFinite(value) ? JSON.stringify(value) : '0';
}
