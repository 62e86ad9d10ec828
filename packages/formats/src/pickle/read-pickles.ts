// Reads every pickle of an input: the first, those stacked behind it, and those hidden in what follows. A loader that
// calls load() twice, or that seeks, runs them all; so padding and appended data are looked into, within a budget.
import type { Parser } from '../bytes/parser.js';
import { readInlineArray } from './inline-arrays.js';
import type { Fault } from './broken.js';
import type { MachineLimits, Pause, Shared } from './machine-types.js';
import { Machine } from './machine.js';
import type { Payload } from './payloads.js';
import { startsAsPickle } from './payloads.js';
import type { TorchStorage } from './torch-storages.js';
import { isLegacyTorch } from './torch-storages.js';
import type { CallSite, GlobalValue, Value } from './values.js';
import { KEPT_KEYS } from './values.js';

export interface PickleLimits extends MachineLimits {
  /** Bytes behind the last pickle that are searched for another. */
  readonly maxTail: number;
  readonly maxPickles: number;
}

export const PICKLE_LIMITS: PickleLimits = {
  maxSteps: 50_000_000,
  maxStack: 1_000_000,
  maxMemo: 2_000_000,
  maxGlobals: 20_000,
  maxLine: 16 * 1024 * 1024,
  maxTail: 8 * 1024 * 1024,
  maxPickles: 64,
  keys: KEPT_KEYS,
};

export interface OnePickle {
  readonly start: number;
  /** Offset behind STOP, or of the fault. */
  readonly end: number;
  readonly protocol: number;
  readonly steps: number;
  /** It imports or calls something. */
  readonly acted: boolean;
  /** `first`, `stacked` directly behind another, `nested` between array bytes, `found` by searching what follows. */
  readonly place: 'first' | 'stacked' | 'nested' | 'found';
  readonly fault?: Fault;
}

export interface PickleReport {
  readonly pickles: readonly OnePickle[];
  readonly globals: readonly GlobalValue[];
  readonly payloads: readonly Payload[];
  /** What is odd, with the offset of its first appearance: `frame-crossed`, `outside-buffer`... */
  readonly anomalies: ReadonlyMap<string, number>;
  /** Tensor storages that the persistent ids name. */
  readonly storages: readonly TorchStorage[];
  /** For a legacy torch file, whether its raw storages are there as the persistent ids announce them. */
  readonly legacyTorch?: 'whole' | 'incomplete';
  /** Bytes behind the last pickle. */
  readonly trailing?: { readonly offset: number; readonly length: number; readonly searched: number };
}

const WINDOW = 256 * 1024;
/** Call sites of a doubtful stream that are held back until it is known to be real. */
const MAX_KEPT_SITES = 4096;
/** How often a place in the tail is tried as the start of a pickle, and the steps of one trial and of all. */
const MAX_TRIALS = 20_000;
const TRIAL_STEPS = 10_000;
/** The pickles of a legacy torch file: magic number, protocol, system, object, keys. */
const LEGACY_PICKLES = 5;
const MAX_TRIAL_STEPS = 400_000;

/** @param visit called at every place where loading would run code, in the order of running */
export function* readPickles(
  size: number,
  visit: (site: CallSite) => void,
  limits: PickleLimits = PICKLE_LIMITS,
): Parser<PickleReport> {
  const reader = new StreamReader(size, visit, limits);
  yield* reader.all();
  return reader.report();
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;

/** Numbers that happen to be opcodes ask for persistent ids and extensions; they do not spell a name and use it. */
function isReal({ how, target }: CallSite): boolean {
  if (how === 'persistent' || how === 'extension' || how === 'import') return false;
  const root = target.kind === 'global' ? target : target.kind === 'result' ? target.callee : undefined;
  return root?.kind === 'global' && IDENTIFIER.test(root.module) && IDENTIFIER.test(root.name);
}

/** A site that is told later, with its target as it is now: building changes it. */
function asItIs(site: CallSite): CallSite {
  return site.how === 'build' ? { ...site, target: { ...site.target } } : site;
}

class StreamReader {
  readonly #size: number;
  readonly #limits: PickleLimits;
  readonly #shared: Shared;
  readonly #pickles: OnePickle[] = [];
  #trailing: PickleReport['trailing'];
  #legacyTorch: PickleReport['legacyTorch'];
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  #inlineSeen = false;
  #trialsLeft = MAX_TRIALS;
  #trialSteps = MAX_TRIAL_STEPS;

  constructor(size: number, visit: (site: CallSite) => void, limits: PickleLimits) {
    this.#size = size;
    this.#limits = limits;
    this.#shared = { globals: new Map(), payloads: [], anomalies: new Map(), storages: new Map(), visit, steps: 0 };
  }

  report(): PickleReport {
    const { globals, payloads, anomalies, storages } = this.#shared;
    return {
      pickles: this.#pickles,
      globals: [...globals.values()],
      payloads,
      anomalies,
      storages: [...storages.values()],
      ...(this.#legacyTorch === undefined ? {} : { legacyTorch: this.#legacyTorch }),
      ...(this.#trailing === undefined ? {} : { trailing: this.#trailing }),
    };
  }

  *all(): Parser<void> {
    if (isLegacyTorch(yield* this.#bytes(0, 16))) this.#legacyTorch = 'incomplete';
    let end = yield* this.#one(0, 'first', true);
    // The same bytes as pickle.load would run them: what lies between the opcodes is then opcodes too. Its fault is
    // expected; what it runs before that is not.
    if (this.#inlineSeen) yield* this.#plainly();
    while (end !== undefined && this.#pickles.length < this.#limits.maxPickles) {
      if (this.#legacyTorch !== undefined && this.#pickles.length === LEGACY_PICKLES) {
        const storagesEnd: number | undefined = yield* this.#rawStorages(end);
        if (storagesEnd !== undefined) this.#legacyTorch = 'whole';
        end = storagesEnd ?? end;
      }
      if (end === this.#size) return;
      const next = yield* this.#skipPadding(end);
      if (next >= this.#size) return;
      if (!startsAsPickle(yield* this.#bytes(next, 256))) {
        this.#trailing = { offset: next, length: this.#size - next, searched: yield* this.#search(next) };
        return;
      }
      end = yield* this.#one(next, 'stacked', true);
    }
    const last = this.#pickles.at(-1);
    if (last === undefined || end === this.#size) return;
    const from = last.end + 1;
    if (from < this.#size)
      this.#trailing = { offset: from, length: this.#size - from, searched: yield* this.#search(from) };
  }

  /** Runs the pickle at `start`; answers where it stops, or undefined after a fault. */
  *#one(start: number, place: OnePickle['place'], inlineArrays: boolean): Parser<number | undefined> {
    const machine = new Machine(start, this.#size, this.#limits, this.#shared, inlineArrays);
    let fault: Fault | undefined;
    for (;;) {
      const pause = yield* this.#run(machine);
      if (pause.state === 'stop') break;
      if (pause.state === 'fault') {
        fault = pause.fault;
        break;
      }
      fault = yield* this.#inlineArray(machine, pause.wrapper);
      if (fault !== undefined) break;
    }
    const { position: end, protocol, steps, acted } = machine;
    const one = { start, end, protocol, steps, acted, place };
    this.#pickles.push(fault === undefined ? one : { ...one, fault });
    return fault === undefined ? end : undefined;
  }

  *#run(machine: Machine): Parser<Exclude<Pause, { state: 'more' }>> {
    let wanted = 1;
    for (;;) {
      const pause = machine.run(yield* this.#bytes(machine.position, wanted), machine.position);
      if (pause.state !== 'more') return pause;
      wanted = pause.bytes;
    }
  }

  *#inlineArray(machine: Machine, wrapper: Value): Parser<Fault | undefined> {
    this.#inlineSeen = true;
    const offset = machine.position;
    const array = readInlineArray(wrapper);
    if (array === undefined)
      return { kind: 'budget', offset, message: 'an array stands in the stream and its length cannot be told' };
    if (array.content.kind === 'pickle') {
      const depth = this.#pickles.length;
      if (depth >= this.#limits.maxPickles) return { kind: 'budget', offset, message: 'too many nested pickles' };
      const end = yield* this.#one(offset, 'nested', false);
      if (end === undefined) return { kind: 'broken', offset, message: 'the pickle of an array of objects is broken' };
      machine.position = end;
      return undefined;
    }
    const padding = array.padded ? 1 + ((yield* this.#bytes(offset, 1))[0] ?? 0) : 0;
    // Numbers are no pickle; what begins as one that acts is read as one, with a memo of its own, because reading the
    // whole as one stream would look its names up among those of the stream around it.
    if (startsAsPickle((yield* this.#bytes(offset + padding, 256)).subarray(0, 256)) && this.#trialsLeft > 0)
      yield* this.#trial(offset + padding);
    machine.position = offset + padding + array.content.bytes;
    if (machine.position > this.#size) return { kind: 'broken', offset, message: 'an array reaches beyond the end' };
    return undefined;
  }

  /** Offset behind the storages, or undefined where they are not as the persistent ids announce them. */
  *#rawStorages(start: number): Parser<number | undefined> {
    let at = start;
    for (const { width, count } of [...this.#shared.storages.values()].sort((a, b) => (a.key < b.key ? -1 : 1))) {
      const head = Buffer.from((yield* this.#bytes(at, 8)).subarray(0, 8));
      if (width === undefined || count === undefined || head.length < 8) return undefined;
      if (head.readBigInt64LE() !== BigInt(count)) return undefined;
      // The bytes of a tensor are no pickle; one that begins as a pickle that acts is read all the same.
      if (startsAsPickle((yield* this.#bytes(at + 8, 256)).subarray(0, 256)) && this.#trialsLeft > 0)
        yield* this.#trial(at + 8);
      at += 8 + width * count;
      if (at > this.#size) return undefined;
    }
    return at;
  }

  *#plainly(): Parser<void> {
    const sites: CallSite[] = [];
    const globals = new Map<string, GlobalValue>();
    const visit = (site: CallSite): void => void (sites.length < MAX_KEPT_SITES && sites.push(asItIs(site)));
    const shared: Shared = { ...this.#shared, globals, payloads: [], anomalies: new Map(), visit };
    yield* this.#run(new Machine(0, this.#size, this.#limits, shared, false));
    this.#shared.steps = shared.steps;
    this.#alsoReferenced(globals);
    // Array bytes do odd things to the stack by chance, but they do not spell a name that the stream lacked before.
    const fresh = [...globals].filter(([key]) => !this.#shared.globals.has(key));
    if (fresh.length === 0) return;
    for (const [key, value] of fresh) {
      value.doubtful = true;
      this.#shared.globals.set(key, value);
    }
    for (const site of sites) this.#shared.visit(site);
  }

  /** A name that another reading puts into data counts as one that stands there. */
  #alsoReferenced(globals: ReadonlyMap<string, GlobalValue>): void {
    for (const [key, value] of globals) {
      const known = this.#shared.globals.get(key);
      if (known !== undefined && value.referenced) known.referenced = true;
    }
  }

  /** Offset of the first byte from `offset` that is neither zero nor white space. */
  *#skipPadding(offset: number): Parser<number> {
    const last = Math.min(this.#size, offset + this.#limits.maxTail);
    for (let at = offset; at < last;) {
      const bytes = yield* this.#bytes(at, 512);
      const index = bytes.findIndex((byte) => byte !== 0 && byte !== 0x20 && byte !== 0x0a && byte !== 0x0d);
      if (index >= 0) return at + index;
      at += Math.max(1, bytes.length);
    }
    return last;
  }

  /** Tries every place in the tail that could start a pickle; keeps those that act. Answers the bytes searched. */
  *#search(from: number): Parser<number> {
    const last = Math.min(this.#size, from + this.#limits.maxTail);
    for (let at = from; at < last;) {
      const bytes = yield* this.#bytes(at, 512);
      if (bytes.length === 0) break;
      for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i];
        if (byte !== 0x80 && byte !== 0x63 && byte !== 0x28 && byte !== 0x69) continue;
        if (!startsAsPickle(bytes.subarray(i, i + 256))) continue;
        if (this.#pickles.length >= this.#limits.maxPickles || this.#trialsLeft <= 0 || this.#trialSteps <= 0)
          return at + i - from;
        yield* this.#trial(at + i);
      }
      // Overlap, so that a start on the border is seen whole.
      at += bytes.length > 256 && at + bytes.length < last ? bytes.length - 255 : bytes.length;
    }
    return last - from;
  }

  *#trial(start: number): Parser<void> {
    const shared: Shared = { ...this.#shared, globals: new Map(), payloads: [], anomalies: new Map() };
    const sites: CallSite[] = [];
    const trial: Shared = {
      ...shared,
      visit: (site) => void (sites.length < MAX_KEPT_SITES && sites.push(asItIs(site))),
    };
    const limits = { ...this.#limits, maxSteps: this.#shared.steps + TRIAL_STEPS };
    this.#trialsLeft -= 1;
    const machine = new Machine(start, this.#size, limits, trial, false);
    const pause = yield* this.#run(machine);
    this.#trialSteps -= machine.steps;
    this.#shared.steps = trial.steps;
    // Random bytes fault within a few steps without doing anything; a stream that gets as far as running code is real.
    if (!sites.some(isReal) && !(pause.state === 'stop' && trial.globals.size > 0)) return;
    this.#alsoReferenced(trial.globals);
    for (const [key, value] of trial.globals) if (!this.#shared.globals.has(key)) this.#shared.globals.set(key, value);
    for (const site of sites) this.#shared.visit(site);
    const { position: end, protocol, steps, acted } = machine;
    const one: OnePickle = { start, end, protocol, steps, acted, place: 'found' };
    this.#pickles.push(pause.state === 'fault' ? { ...one, fault: pause.fault } : one);
  }

  /** At least `length` bytes from `offset`, or those up to the end; more when they are at hand. */
  *#bytes(offset: number, length: number): Parser<Uint8Array> {
    const left = Math.max(0, this.#size - offset);
    const from = offset - this.#windowStart;
    if (from >= 0 && this.#window.length - from >= Math.min(left, length)) return this.#window.subarray(from);
    this.#window = yield { offset, length: Math.min(left, Math.max(length, WINDOW)) };
    this.#windowStart = offset;
    return this.#window;
  }
}
