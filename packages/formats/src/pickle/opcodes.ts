// The 68 opcodes of pickle protocols 0 to 5, with the form of the argument that follows each (CPython Lib/pickletools.py).

/** How an argument is written: nothing, fixed bytes, one or two lines, or a length of 1, 4 or 8 bytes before the data. */
export type ArgumentForm = 'none' | 'u1' | 'u2' | 'u4' | 'u8' | 'line' | 'lines' | 'counted1' | 'counted4' | 'counted8';

const TABLE = {
  MARK: [0x28, 'none'],
  STOP: [0x2e, 'none'],
  POP: [0x30, 'none'],
  POP_MARK: [0x31, 'none'],
  DUP: [0x32, 'none'],
  FLOAT: [0x46, 'line'],
  INT: [0x49, 'line'],
  BININT: [0x4a, 'u4'],
  BININT1: [0x4b, 'u1'],
  LONG: [0x4c, 'line'],
  BININT2: [0x4d, 'u2'],
  NONE: [0x4e, 'none'],
  PERSID: [0x50, 'line'],
  BINPERSID: [0x51, 'none'],
  REDUCE: [0x52, 'none'],
  STRING: [0x53, 'line'],
  BINSTRING: [0x54, 'counted4'],
  SHORT_BINSTRING: [0x55, 'counted1'],
  UNICODE: [0x56, 'line'],
  BINUNICODE: [0x58, 'counted4'],
  APPEND: [0x61, 'none'],
  BUILD: [0x62, 'none'],
  GLOBAL: [0x63, 'lines'],
  DICT: [0x64, 'none'],
  EMPTY_DICT: [0x7d, 'none'],
  APPENDS: [0x65, 'none'],
  GET: [0x67, 'line'],
  BINGET: [0x68, 'u1'],
  INST: [0x69, 'lines'],
  LONG_BINGET: [0x6a, 'u4'],
  LIST: [0x6c, 'none'],
  EMPTY_LIST: [0x5d, 'none'],
  OBJ: [0x6f, 'none'],
  PUT: [0x70, 'line'],
  BINPUT: [0x71, 'u1'],
  LONG_BINPUT: [0x72, 'u4'],
  SETITEM: [0x73, 'none'],
  TUPLE: [0x74, 'none'],
  EMPTY_TUPLE: [0x29, 'none'],
  SETITEMS: [0x75, 'none'],
  BINFLOAT: [0x47, 'u8'],
  PROTO: [0x80, 'u1'],
  NEWOBJ: [0x81, 'none'],
  EXT1: [0x82, 'u1'],
  EXT2: [0x83, 'u2'],
  EXT4: [0x84, 'u4'],
  TUPLE1: [0x85, 'none'],
  TUPLE2: [0x86, 'none'],
  TUPLE3: [0x87, 'none'],
  NEWTRUE: [0x88, 'none'],
  NEWFALSE: [0x89, 'none'],
  LONG1: [0x8a, 'counted1'],
  LONG4: [0x8b, 'counted4'],
  BINBYTES: [0x42, 'counted4'],
  SHORT_BINBYTES: [0x43, 'counted1'],
  SHORT_BINUNICODE: [0x8c, 'counted1'],
  BINUNICODE8: [0x8d, 'counted8'],
  BINBYTES8: [0x8e, 'counted8'],
  EMPTY_SET: [0x8f, 'none'],
  ADDITEMS: [0x90, 'none'],
  FROZENSET: [0x91, 'none'],
  NEWOBJ_EX: [0x92, 'none'],
  STACK_GLOBAL: [0x93, 'none'],
  MEMOIZE: [0x94, 'none'],
  FRAME: [0x95, 'u8'],
  BYTEARRAY8: [0x96, 'counted8'],
  NEXT_BUFFER: [0x97, 'none'],
  READONLY_BUFFER: [0x98, 'none'],
} as const satisfies Record<string, readonly [number, ArgumentForm]>;

export type OpName = keyof typeof TABLE;

type Codes = { readonly [Name in OpName]: (typeof TABLE)[Name][0] };

/** The byte of each opcode. */
export const OP = Object.fromEntries(Object.entries(TABLE).map(([name, [code]]) => [name, code])) as unknown as Codes;

const NAMES: readonly (OpName | undefined)[] = byCode((name) => name);

/** Argument form by opcode byte; undefined for a byte that is no opcode. */
export const FORMS: readonly (ArgumentForm | undefined)[] = byCode((name) => TABLE[name][1]);

export const OPCODES: readonly OpName[] = Object.keys(TABLE) as OpName[];

export function nameOf(code: number): string {
  return NAMES[code] ?? `0x${code.toString(16)}`;
}

function byCode<T>(value: (name: OpName) => T): readonly (T | undefined)[] {
  const table = new Array<T | undefined>(256).fill(undefined);
  for (const name of Object.keys(TABLE) as OpName[]) table[TABLE[name][0]] = value(name);
  return table;
}
