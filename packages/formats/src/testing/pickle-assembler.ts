// Writes pickle streams by hand, opcode by opcode, for tests. Nothing here is ever loaded: the streams are bytes that a
// scanner reads. Names of real gadgets appear as text only.
import { OP } from '../pickle/opcodes.js';

type Piece = Uint8Array | number;

const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');
const u32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/** A stream under construction; each method appends one opcode, or a common few. */
export class Assembler {
  readonly #pieces: Uint8Array[] = [];

  raw(...pieces: readonly Piece[]): this {
    for (const piece of pieces) this.#pieces.push(typeof piece === 'number' ? Uint8Array.of(piece) : piece);
    return this;
  }

  op(name: keyof typeof OP): this {
    return this.raw(OP[name]);
  }

  proto(version: number): this {
    return this.raw(OP.PROTO, version);
  }

  /** GLOBAL: the name as two lines. */
  global(module: string, name: string): this {
    return this.raw(OP.GLOBAL, text(`${module}\n${name}\n`));
  }

  /** STACK_GLOBAL: the name as two texts on the stack. */
  stackGlobal(module: string, name: string): this {
    return this.str(module).str(name).op('STACK_GLOBAL');
  }

  inst(module: string, name: string): this {
    return this.raw(OP.INST, text(`${module}\n${name}\n`));
  }

  str(value: string): this {
    const bytes = text(value);
    return this.raw(OP.BINUNICODE, u32(bytes.length), bytes);
  }

  bytes(value: Uint8Array): this {
    return this.raw(OP.BINBYTES, u32(value.length), value);
  }

  /** STRING of protocol 0, quoted. */
  line(value: string): this {
    return this.raw(OP.STRING, text(`'${value}'\n`));
  }

  int(value: number): this {
    return value >= 0 && value < 256 ? this.raw(OP.BININT1, value) : this.raw(OP.BININT, u32(value >>> 0));
  }

  put(index: number): this {
    return this.raw(OP.BINPUT, index);
  }

  get(index: number): this {
    return this.raw(OP.BINGET, index);
  }

  frame(length: number): this {
    return this.raw(OP.FRAME, u64(length));
  }

  ext(code: number): this {
    return this.raw(OP.EXT1, code);
  }

  /** Calls the object on top of the stack with texts. */
  call(...args: readonly string[]): this {
    this.op('MARK');
    for (const arg of args) this.str(arg);
    return this.op('TUPLE').op('REDUCE');
  }

  done(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }

  stop(): Uint8Array {
    return this.op('STOP').done();
  }
}

export function pickle(): Assembler {
  return new Assembler();
}
