// Writes R's serialised objects for tests, item by item (XDR, version 3). Nothing here is ever read by R.

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
};
const text = (value: string): Buffer =>
  Buffer.concat([int(0x40009), int(Buffer.byteLength(value)), Buffer.from(value)]);

const nothing = int(254);
const globalEnvironment = int(253);
const symbol = (name: string): Buffer => Buffer.concat([int(1), text(name)]);

export const rItem = {
  nothing,
  globalEnvironment,
  symbol,
  strings: (...values: readonly string[]): Buffer => Buffer.concat([int(16), int(values.length), ...values.map(text)]),
  integers: (...values: readonly number[]): Buffer => Buffer.concat([int(13), int(values.length), ...values.map(int)]),
  list: (...items: readonly Uint8Array[]): Buffer => Buffer.concat([int(19), int(items.length), ...items]),
  call: (name: string, argument: Uint8Array): Buffer =>
    Buffer.concat([int(6), symbol(name), int(2), argument, nothing]),
  /** An expression that is evaluated in the global environment when somebody looks at its value. */
  promise: (expression: Uint8Array, value: Uint8Array = int(252)): Buffer =>
    Buffer.concat([int(0x405), globalEnvironment, value, expression]),
  closure: (body: Uint8Array): Buffer => Buffer.concat([int(0x403), globalEnvironment, nothing, body]),
  /** An environment with one variable. */
  environment: (name: string, value: Uint8Array): Buffer =>
    Buffer.concat([
      int(4),
      int(0),
      globalEnvironment,
      Buffer.concat([int(0x402), symbol(name), value, nothing]),
      nothing,
      nothing,
    ]),
  /** Variables as a saved workspace holds them. */
  variable: (name: string, value: Uint8Array): Buffer => Buffer.concat([int(0x402), symbol(name), value, nothing]),
  altrep: (name: string, pack: string, state: Uint8Array): Buffer =>
    Buffer.concat([int(238), int(2), symbol(name), int(2), symbol(pack), nothing, state, nothing]),
};

export function rds(item: Uint8Array, magic = 'X\n'): Uint8Array {
  return Buffer.concat([Buffer.from(magic), int(3), int(0x40300), int(0x30500), int(5), Buffer.from('UTF-8'), item]);
}
