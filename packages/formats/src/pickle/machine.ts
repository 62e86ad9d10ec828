// The abstract pickle machine: runs every opcode on a real stack, mark stack and memo, and calls nothing.
// The attacker writes the whole program (CVE-2025-1716 and some sixty others were "names nobody had listed"), so the
// machine does not look for names: it reports each place where the real one would run code, with the object it would run.
// Semantics: CPython Lib/pickle.py and Modules/_pickle.c; where the two differ, the machine goes on and says so.
import { Broken } from './broken.js';
import type { ConstantNotes } from './constants.js';
import { EMPTY_TUPLE, FROZENSET, LIST, newDict, readConstant, readWrittenInteger } from './constants.js';
import { FORMS, nameOf, OP } from './opcodes.js';
import { isDtype, isInlineWrapper } from './inline-arrays.js';
import type { MachineLimits, Pause, Shared } from './machine-types.js';
import { Memo } from './memo.js';
import { MarkedStack } from './stack.js';
import { Tape } from './tape.js';
import { readStorage } from './torch-storages.js';
import type { CallSite, GlobalValue, Value } from './values.js';
import { describe, isDunder, KEPT_ITEMS, KEPT_TEXT, mayBeCallable } from './values.js';

const MAX_PAYLOADS = 4096;
/** Objects that one tuple may stand for. */
const MAX_WEIGHT = 10_000_000;
const MAX_STORAGES = 200_000;
/** Keys with two underscores on either side that one dict keeps; no real state has more. */
const MAX_DUNDERS = 64;

const BUFFER: Value = { kind: 'buffer' };
const EXTENSION: Value = { kind: 'extension' };

export class Machine {
  /** Offset of the next opcode. */
  position: number;
  protocol = 0;
  steps = 0;
  /** Something was imported or called. */
  acted = false;
  readonly #tape: Tape;
  readonly #limits: MachineLimits;
  readonly #shared: Shared;
  readonly #inlineArrays: boolean;
  readonly #stack: MarkedStack;
  readonly #memo: Memo;
  #frameEnd = 0;
  #inline: Pause | undefined;
  readonly #referred = new WeakSet<Value>();

  /** @param inlineArrays read the input as joblib does, which writes arrays between the opcodes */
  constructor(start: number, size: number, limits: MachineLimits, shared: Shared, inlineArrays: boolean) {
    this.position = start;
    this.#tape = new Tape(size, limits.maxLine);
    this.#stack = new MarkedStack(limits.maxStack);
    this.#memo = new Memo(limits.maxMemo);
    this.#limits = limits;
    this.#shared = shared;
    this.#inlineArrays = inlineArrays;
  }

  /** Runs the opcodes that lie in `bytes`, which start at `base` in the input, and pauses where it cannot go on. */
  run(bytes: Uint8Array, base: number): Pause {
    this.#tape.load(bytes, base);
    try {
      return this.#loop();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return { state: 'fault', fault: { kind: error.kind, offset: this.position, message: error.message } };
    }
  }

  #loop(): Pause {
    const tape = this.#tape;
    const { bytes, base, size } = tape;
    for (;;) {
      const at = this.position - base;
      const op = bytes[at];
      if (op === undefined) {
        if (this.position >= size) throw new Broken('the stream ends without STOP');
        return { state: 'more', bytes: 1 };
      }
      const form = FORMS[op];
      if (form === undefined) throw new Broken(`${nameOf(op)} is no opcode`);
      const needed = tape.argument(form, at);
      if (needed > 0) return { state: 'more', bytes: needed };
      this.steps += 1;
      this.#shared.steps += 1;
      if (this.#shared.steps > this.#limits.maxSteps)
        throw new Broken(`it has more than ${this.#limits.maxSteps} steps`, 'budget');
      const newline = form === 'line' || form === 'lines' ? 1 : 0;
      const next = base + tape.start + tape.length + newline;
      if (this.#frameEnd !== 0) this.#checkFrame(op, next);
      if (op === OP.STOP) {
        this.#refer(this.#stack.pop());
        this.position = next;
        return { state: 'stop' };
      }
      this.#execute(op);
      this.position = next;
      if (this.#inline !== undefined) {
        const pause = this.#inline;
        this.#inline = undefined;
        return pause;
      }
    }
  }

  // CPython's C reader ignores frame limits that its Python reader enforces: two readers, two programs.
  #checkFrame(op: number, next: number): void {
    if (this.position < this.#frameEnd && (next > this.#frameEnd || op === OP.FRAME)) this.#odd('frame-crossed');
    if (next >= this.#frameEnd) this.#frameEnd = 0;
  }

  #odd(what: string): void {
    if (!this.#shared.anomalies.has(what)) this.#shared.anomalies.set(what, this.position);
  }

  readonly #note: ConstantNotes = {
    payload: (payload) => {
      if (this.#shared.payloads.length < MAX_PAYLOADS) this.#shared.payloads.push(payload);
      else this.#odd('payloads-dropped');
    },
    source: () => this.#odd('python-source'),
  };

  #global(op: number, module: string, name: string): GlobalValue {
    if (module.length + name.length > KEPT_TEXT) throw new Broken('a name is too long to import', 'budget');
    const python2 = this.protocol < 3;
    const key = `${module}\n${name}${python2 ? '\n2' : ''}`;
    const known = this.#shared.globals.get(key);
    if (known !== undefined) return known;
    if (this.#shared.globals.size >= this.#limits.maxGlobals)
      throw new Broken(`it imports more than ${this.#limits.maxGlobals} names`, 'budget');
    const offset = this.position;
    const value: GlobalValue = {
      kind: 'global',
      module,
      name,
      op: nameOf(op),
      offset,
      called: false,
      built: false,
      referenced: false,
      python2,
    };
    this.#shared.globals.set(key, value);
    this.acted = true;
    return value;
  }

  #site(how: CallSite['how'], op: number, target: Value, args: Value, named?: Value): void {
    this.acted = true;
    const stated = (target.kind === 'result' || target.kind === 'instance') && target.stated === true;
    const site = { how, op: nameOf(op), offset: this.position, target, args, stated };
    this.#shared.visit(named === undefined ? site : { ...site, named });
  }

  /** Names that come to stand in data may be called later by whoever holds the data. */
  #refer(value: Value | undefined): void {
    if (value?.kind === 'global') value.referenced = true;
    if (value?.kind !== 'tuple' || this.#referred.has(value)) return;
    this.#referred.add(value);
    for (const item of value.items) this.#refer(item);
  }

  /** Names that are arguments themselves are judged with the call; what they hold is data. */
  #referWithin(args: Value): void {
    if (args.kind !== 'tuple') return this.#refer(args);
    for (const item of args.items) if (item.kind !== 'global') this.#refer(item);
  }

  #call(op: number, callee: Value, args: Value): void {
    if (!mayBeCallable(callee)) throw new Broken(`it calls ${describe(callee)}`);
    if (callee.kind === 'global') callee.called = true;
    this.#referWithin(args);
    this.#site('call', op, callee, args);
    this.#stack.push({ kind: 'result', callee, args });
  }

  #new(op: number, cls: Value, args: Value, named?: Value): void {
    if (!mayBeCallable(cls)) throw new Broken(`it builds an instance of ${describe(cls)}`);
    if (cls.kind === 'global') cls.built = true;
    this.#referWithin(args);
    if (named !== undefined) this.#refer(named);
    this.#site('new', op, cls, args, named);
    this.#stack.push({ kind: 'instance', of: cls, args });
  }

  #tuple(items: readonly Value[]): Value {
    const kept = items.length > KEPT_ITEMS ? items.slice(0, KEPT_ITEMS) : items;
    for (const item of items.slice(KEPT_ITEMS)) this.#refer(item);
    if (items.length === 0) return EMPTY_TUPLE;
    let weight = items.length;
    for (const item of items) if (item.kind === 'tuple') weight += item.weight;
    if (weight > MAX_WEIGHT) this.#odd('unfolds');
    return { kind: 'tuple', items: kept, size: items.length, weight };
  }

  /** Appending to a list, a dict or a set is data; on any other object it calls a method of that object. */
  #mutate(op: number, target: Value, items: readonly Value[], keyed: boolean): void {
    for (const item of items) this.#refer(item);
    switch (target.kind) {
      case 'list':
      case 'dict':
      case 'set':
      case 'bytearray':
      case 'buffer':
        return;
      case 'global':
      case 'result':
      case 'instance':
      case 'persistent':
      case 'extension':
        this.#site('items', op, target, keyed ? this.#dictOf(items) : EMPTY_TUPLE);
        return;
      default:
        throw new Broken(`it puts items into ${describe(target)}`);
    }
  }

  #keep(target: Value, key: Value, value: Value): void {
    if (target.kind !== 'dict') return;
    target.empty = false;
    if (!target.whole) return;
    if (key.kind === 'text') {
      if (!key.whole) return;
      const dunder = isDunder(key.text);
      if (!dunder && !this.#limits.keys.has(key.text)) return;
      target.entries ??= new Map();
      if (dunder && target.entries.size >= MAX_DUNDERS + this.#limits.keys.size) target.whole = false;
      else target.entries.set(key.text, value);
    } else if (key.kind !== 'int') target.whole = false;
  }

  #fill(target: Value, items: readonly Value[]): void {
    if (items.length % 2 !== 0) throw new Broken('a dict has a key without a value');
    if (target.kind !== 'dict') return;
    for (let i = 0; i + 1 < items.length; i += 2) {
      const key = items[i];
      const value = items[i + 1];
      if (key !== undefined && value !== undefined) this.#keep(target, key, value);
    }
  }

  #dictOf(items: readonly Value[]): Value {
    const dict = newDict();
    this.#fill(dict, items);
    return dict;
  }

  #build(op: number): void {
    const state = this.#stack.pop();
    const target = this.#stack.top();
    // On a plain container an empty state is a no-op in CPython, and another one raises: nothing runs either way.
    this.#refer(state);
    if (!mayBeCallable(target)) return;
    this.#site('build', op, target, state);
    if (target.kind === 'result' || target.kind === 'instance') target.stated = true;
    if (target.kind === 'result' && isDtype(target.callee)) target.state = state;
    if (!this.#inlineArrays || !isInlineWrapper(target)) return;
    // joblib puts the array where the wrapper was.
    this.#stack.pop();
    this.#stack.push({ kind: 'result', callee: target, args: EMPTY_TUPLE });
    this.#inline = { state: 'inline-array', wrapper: state };
  }

  #stackGlobal(op: number): void {
    const name = this.#stack.pop();
    const module = this.#stack.pop();
    if (name.kind === 'text' && module.kind === 'text' && name.whole && module.whole) {
      this.#stack.push(this.#global(op, module.text, name.text));
      return;
    }
    // CPython raises on anything but text; a name that we cannot read is never taken for a harmless one.
    this.#site('import', op, module.kind === 'text' ? name : module, EMPTY_TUPLE);
    throw new Broken('STACK_GLOBAL is given something other than two short texts');
  }

  #execute(op: number): void {
    const tape = this.#tape;
    switch (op) {
      case OP.MARK:
        return this.#stack.mark();
      case OP.POP:
        return this.#stack.popOrMark();
      case OP.POP_MARK:
        this.#stack.dropMark();
        return;
      case OP.DUP:
        return this.#stack.push(this.#stack.top());
      case OP.NEXT_BUFFER:
        this.#odd('outside-buffer');
        this.#stack.push(BUFFER);
        return;
      case OP.READONLY_BUFFER:
        this.#stack.top();
        return;
      case OP.TUPLE1:
        return this.#stack.push(this.#tuple([this.#stack.pop()]));
      case OP.TUPLE2: {
        const second = this.#stack.pop();
        this.#stack.push(this.#tuple([this.#stack.pop(), second]));
        return;
      }
      case OP.TUPLE3: {
        const third = this.#stack.pop();
        const second = this.#stack.pop();
        this.#stack.push(this.#tuple([this.#stack.pop(), second, third]));
        return;
      }
      case OP.TUPLE:
        return this.#stack.push(this.#tuple(this.#stack.popMark()));
      case OP.LIST:
        for (const item of this.#stack.popMark()) this.#refer(item);
        this.#stack.push(LIST);
        return;
      case OP.FROZENSET:
        for (const item of this.#stack.popMark()) this.#refer(item);
        this.#stack.push(FROZENSET);
        return;
      case OP.DICT: {
        const items = this.#stack.popMark();
        for (const item of items) this.#refer(item);
        this.#stack.push(this.#dictOf(items));
        return;
      }
      case OP.APPEND: {
        const item = this.#stack.pop();
        this.#mutate(op, this.#stack.top(), [item], false);
        return;
      }
      case OP.APPENDS:
      case OP.ADDITEMS: {
        // CPython's C reader does nothing at all when there are no items.
        const items = this.#stack.popMark();
        if (items.length > 0 || mayBeCallable(this.#stack.top())) this.#mutate(op, this.#stack.top(), items, false);
        return;
      }
      case OP.SETITEM: {
        const value = this.#stack.pop();
        const key = this.#stack.pop();
        this.#mutate(op, this.#stack.top(), [key, value], true);
        this.#keep(this.#stack.top(), key, value);
        return;
      }
      case OP.SETITEMS: {
        const items = this.#stack.popMark();
        const target = this.#stack.top();
        if (items.length > 0 || mayBeCallable(target)) this.#mutate(op, target, items, true);
        this.#fill(target, items);
        return;
      }
      case OP.PUT: {
        const index = readWrittenInteger(tape);
        if (index === null || index < 0) throw new Broken('PUT has no usable index');
        this.#memo.set(index, this.#stack.top());
        return;
      }
      case OP.BINPUT:
      case OP.LONG_BINPUT:
        return this.#memo.set(tape.number(), this.#stack.top());
      case OP.MEMOIZE:
        return this.#memo.set(this.#memo.size, this.#stack.top());
      case OP.GET:
        return this.#stack.push(this.#memo.get(readWrittenInteger(tape) ?? -1));
      case OP.BINGET:
      case OP.LONG_BINGET:
        return this.#stack.push(this.#memo.get(tape.number()));
      case OP.GLOBAL: {
        const [module = '', name = ''] = tape.text('utf8').split('\n');
        this.#stack.push(this.#global(op, module, name));
        return;
      }
      case OP.STACK_GLOBAL:
        return this.#stackGlobal(op);
      case OP.INST: {
        const args = this.#tuple(this.#stack.popMark());
        const [module = '', name = ''] = tape.text('utf8').split('\n');
        this.#call(op, this.#global(op, module, name), args);
        return;
      }
      case OP.OBJ: {
        const [cls, ...args] = this.#stack.popMark();
        if (cls === undefined) throw new Broken('OBJ has no class');
        this.#call(op, cls, this.#tuple(args));
        return;
      }
      case OP.REDUCE: {
        const args = this.#stack.pop();
        return this.#call(op, this.#stack.pop(), args);
      }
      case OP.NEWOBJ: {
        const args = this.#stack.pop();
        return this.#new(op, this.#stack.pop(), args);
      }
      case OP.NEWOBJ_EX: {
        const named = this.#stack.pop();
        const args = this.#stack.pop();
        return this.#new(op, this.#stack.pop(), args, named);
      }
      case OP.BUILD:
        return this.#build(op);
      case OP.EXT1:
      case OP.EXT2:
      case OP.EXT4:
        if (tape.number() === 0) throw new Broken('an extension code is zero');
        this.#site('extension', op, EXTENSION, readConstant(OP.BININT1, tape, this.#note));
        this.#stack.push(EXTENSION);
        return;
      case OP.PERSID: {
        const text = tape.text('utf8');
        this.#persistent(op, { kind: 'text', text: text.slice(0, KEPT_TEXT), whole: text.length <= KEPT_TEXT });
        return;
      }
      case OP.BINPERSID:
        return this.#persistent(op, this.#stack.pop());
      case OP.PROTO: {
        const protocol = tape.number();
        if (protocol > 5) throw new Broken(`protocol ${protocol} is unknown`);
        this.protocol = protocol;
        return;
      }
      case OP.FRAME: {
        const size = tape.number();
        const end = tape.base + tape.start + 8 + size;
        if (end > tape.size) {
          this.#odd('frame-beyond-end');
          throw new Broken('a frame reaches beyond the end');
        }
        this.#frameEnd = end;
        return;
      }
      default:
        return this.#stack.push(readConstant(op, tape, this.#note));
    }
  }

  #persistent(op: number, id: Value): void {
    this.#referWithin(id);
    this.#site('persistent', op, id, EMPTY_TUPLE);
    const storage = readStorage(id);
    if (storage !== undefined && this.#shared.storages.size < MAX_STORAGES)
      this.#shared.storages.set(storage.key, storage);
    this.#stack.push({ kind: 'persistent', id });
  }
}
