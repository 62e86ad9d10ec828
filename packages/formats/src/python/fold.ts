// Works out what pure functions give for constants: how names, commands and code are hidden in source. Bounded: texts are
// capped, and what it does not know stays unknown with its origin.
import { inflate } from './unpack.js';
import { rot13, unescapeText, utf7 } from './decode-source.js';
import type { Origin, PythonValue } from './values.js';
import { HOLE, joinOrigins, MAX_TEXT, originOf, textValue, UNKNOWN } from './values.js';

type Arguments = readonly PythonValue[];
type Fold = (args: Arguments, from: Origin) => PythonValue | undefined;

export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const bytesValue = (bytes: Buffer, from: Origin): PythonValue => textValue(bytes.toString('latin1'), from, true);

export function whole(value: PythonValue | undefined): string | undefined {
  return value?.kind === 'text' && value.open !== true ? value.text : undefined;
}

export function integer(value: PythonValue | undefined): number | undefined {
  return value?.kind === 'number' && typeof value.value === 'number' && Number.isInteger(value.value)
    ? value.value
    : undefined;
}

const base64: Fold = ([value], from) => {
  const text = whole(value);
  return text === undefined
    ? undefined
    : bytesValue(Buffer.from(text.replace(/[^A-Za-z0-9+/=_-]/g, ''), 'base64'), from);
};
const hex: Fold = ([value], from) => {
  const text = whole(value)?.replace(/[\s:]/g, '');
  return text === undefined || !/^[0-9a-fA-F]*$/.test(text) ? undefined : bytesValue(Buffer.from(text, 'hex'), from);
};
const unzip: Fold = ([value], from) => {
  const text = whole(value);
  const bytes = text === undefined ? undefined : inflate(latin1(text), MAX_TEXT);
  return bytes === undefined ? undefined : bytesValue(bytes, from);
};
const base32: Fold = ([value], from) => {
  const text = whole(value)?.replace(/=+$/, '').toUpperCase();
  if (text === undefined || text.length > 100_000) return undefined;
  let bits = 0;
  let held = 0;
  const out: number[] = [];
  for (const letter of text) {
    const digit = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter);
    if (digit < 0) return undefined;
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push((held >> bits) & 255);
    }
  }
  return bytesValue(Buffer.from(out), from);
};

function radix85(alphabet: string): Fold {
  return ([value], from) => {
    const text = whole(value)?.replace(/^<~|~>$|\s/g, '');
    if (text === undefined || text.length > 500_000) return undefined;
    const digits = alphabet === '' ? text.replaceAll('z', '!!!!!') : text;
    const out: number[] = [];
    for (let at = 0; at < digits.length; at += 5) {
      const group = digits.slice(at, at + 5);
      let number = 0;
      for (let index = 0; index < 5; index++) {
        const letter = group[index];
        const digit =
          letter === undefined ? 84 : alphabet === '' ? letter.charCodeAt(0) - 33 : alphabet.indexOf(letter);
        if (digit < 0 || digit > 84) return undefined;
        number = number * 85 + digit;
      }
      const four = [number / 2 ** 24, number / 2 ** 16, number / 2 ** 8, number].map((part) => Math.floor(part) % 256);
      out.push(...four.slice(0, group.length - 1));
    }
    return bytesValue(Buffer.from(out), from);
  };
}

const B85 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';

const decode: Fold = ([value, codec], from) => {
  const text = whole(value);
  const name = (whole(codec) ?? 'utf-8').toLowerCase().replaceAll('-', '_');
  if (text === undefined) return undefined;
  if (/^(?:rot_?13)$/.test(name)) return textValue(rot13(text), from);
  if (/^(?:hex|hex_codec)$/.test(name)) return hex([textValue(text)], from);
  if (/^(?:base_?64|base64_codec)$/.test(name)) return base64([textValue(text)], from);
  if (/^(?:zip|zlib|zlib_codec)$/.test(name)) return unzip([textValue(text)], from);
  if (/^utf_?8|^u8$|^ascii$|^us_ascii$/.test(name)) return textValue(latin1(text).toString('utf8'), from);
  if (/^latin|^iso_?8859_1|^l1$/.test(name)) return textValue(text, from);
  if (/^(?:raw_)?(?:unicode|string)_escape$/.test(name)) return textValue(unescapeText(text), from);
  if (/^utf_?7$/.test(name)) return textValue(utf7(text), from);
  if (/^utf_?16/.test(name))
    return textValue(
      latin1(text)
        .toString('utf16le')
        .replace(/^\ufeff/, ''),
      from,
    );
  return undefined;
};

/** Functions of the standard library that only turn one value into another. */
const FUNCTIONS: Readonly<Record<string, Fold>> = {
  'base64.b64decode': base64,
  'base64.standard_b64decode': base64,
  'base64.urlsafe_b64decode': base64,
  'base64.decodebytes': base64,
  'base64.decodestring': base64,
  'binascii.a2b_base64': base64,
  'base64.b32decode': base32,
  'base64.b16decode': hex,
  'base64.b85decode': radix85(B85),
  'base64.a85decode': radix85(''),
  'binascii.unhexlify': hex,
  'binascii.a2b_hex': hex,
  'builtins.bytes.fromhex': hex,
  'builtins.bytearray.fromhex': hex,
  'zlib.decompress': unzip,
  'gzip.decompress': unzip,
  'codecs.decode': decode,
  'builtins.str': ([value, codec], from) =>
    codec === undefined
      ? value === undefined
        ? textValue('', from)
        : asText(value, from)
      : decode([value ?? UNKNOWN, codec], from),
  'builtins.bytes': ([value], from) => toBytes(value, from),
  'builtins.bytearray': ([value], from) => toBytes(value, from),
  'builtins.chr': ([value], from) => {
    const code = integer(value);
    return code === undefined || code < 0 || code > 0x10ffff ? undefined : textValue(String.fromCodePoint(code), from);
  },
  'builtins.ord': ([value], from) => {
    const text = whole(value);
    const code = text === undefined || [...text].length !== 1 ? undefined : text.codePointAt(0);
    return code === undefined ? undefined : { kind: 'number', value: code, from };
  },
  'builtins.int': ([value, base], from) => {
    const text = whole(value);
    const radix = base === undefined ? 10 : integer(base);
    if (text === undefined) return integer(value) === undefined ? undefined : value;
    const number = parseInt(text.replace(/^0[xob]/i, ''), radix === 0 ? 10 : (radix ?? 10));
    return Number.isSafeInteger(number) ? { kind: 'number', value: number, from } : undefined;
  },
  'builtins.reversed': ([value], from) => reverse(value, from),
  'builtins.list': ([value], from) => toList(value, from),
  'builtins.tuple': ([value], from) => toList(value, from),
  'builtins.iter': ([value]) => value,
  'builtins.len': ([value], from) => {
    const length = value?.kind === 'list' && value.open !== true ? value.items.length : whole(value)?.length;
    return length === undefined ? undefined : { kind: 'number', value: length, from };
  },
  'os.path.join': (args, from) => join(args, '/', from),
  'posixpath.join': (args, from) => join(args, '/', from),
  'pathlib.Path': (args, from) => (args.some((arg) => arg.kind === 'text') ? join(args, '/', from) : undefined),
  'os.path.expanduser': ([value]) => value,
  'os.path.expandvars': ([value]) => value,
  'os.path.abspath': ([value]) => value,
  'os.fspath': ([value]) => value,
  'shlex.split': ([value], from) => split(value, undefined, from),
  'shlex.quote': ([value]) => value,
  'textwrap.dedent': ([value]) => value,
  'inspect.cleandoc': ([value]) => value,
  'urllib.request.Request': ([value], from) => (value?.kind === 'text' ? { ...value, from } : undefined),
  'typing.cast': ([, value]) => value,
};

/** @returns undefined when it is no such function, or its arguments are not known */
export function foldCall(path: string, args: Arguments): PythonValue | undefined {
  const fold = Object.hasOwn(FUNCTIONS, path) ? FUNCTIONS[path] : undefined;
  if (fold === undefined) return undefined;
  return fold(args, joinOrigins(new Set([path]), ...args.map((arg) => originOf(arg))));
}

export function asText(value: PythonValue, from: Origin): PythonValue | undefined {
  if (value.kind === 'text') return value;
  return value.kind === 'number' ? textValue(String(value.value), from) : undefined;
}

function toBytes(value: PythonValue | undefined, from: Origin): PythonValue | undefined {
  if (value === undefined) return textValue('', from, true);
  if (value.kind === 'text') return value.open === true ? undefined : bytesValue(encoded(value), from);
  if (value.kind !== 'list' || value.open === true) return undefined;
  const codes = value.items.map(integer);
  if (codes.some((code) => code === undefined || code < 0 || code > 255)) return undefined;
  return bytesValue(Buffer.from(codes as number[]), from);
}

function encoded(value: { readonly text: string; readonly bytes?: boolean }): Buffer {
  return value.bytes === true ? latin1(value.text) : Buffer.from(value.text, 'utf8');
}

function reverse(value: PythonValue | undefined, from: Origin): PythonValue | undefined {
  if (value?.kind === 'list') return { ...value, items: [...value.items].reverse() };
  const text = whole(value);
  if (text === undefined) return undefined;
  return textValue([...text].reverse().join(''), from, value?.kind === 'text' && value.bytes === true);
}

function toList(value: PythonValue | undefined, from: Origin): PythonValue | undefined {
  if (value === undefined) return { kind: 'list', items: [], from };
  const items = itemsOf(value);
  return items === undefined ? undefined : { kind: 'list', items: [...items], from };
}

export const MAX_ITEMS = 100_000;

/** What a loop over a constant sees. */
export function itemsOf(value: PythonValue): readonly PythonValue[] | undefined {
  if (value.kind === 'list') return value.open === true ? undefined : value.items;
  if (value.kind !== 'text' || value.open === true || value.text.length > MAX_ITEMS) return undefined;
  if (value.bytes === true)
    return [...latin1(value.text)].map((code) => ({ kind: 'number' as const, value: code, from: value.from }));
  return [...value.text].map((letter) => textValue(letter, value.from));
}

export function join(parts: Arguments, separator: string, from: Origin): PythonValue {
  let open = false;
  const texts = parts.map((part) => {
    if (part.kind === 'text') {
      open ||= part.open === true;
      return part.text;
    }
    open = true;
    return HOLE;
  });
  return textValue(texts.join(separator), from, false, open);
}

function split(value: PythonValue | undefined, by: PythonValue | undefined, from: Origin): PythonValue | undefined {
  if (value?.kind !== 'text') return undefined;
  const separator = by === undefined ? /\s+/ : (whole(by) ?? '');
  if (separator === '') return undefined;
  const parts = (by === undefined ? value.text.trim() : value.text).split(separator, MAX_ITEMS);
  const items = parts.map((part) => textValue(part, from, value.bytes === true, part.includes(HOLE)));
  return { kind: 'list', items, from };
}

type Method = (self: PythonValue & { kind: 'text' }, args: Arguments, from: Origin) => PythonValue | undefined;

const same =
  (change: (text: string) => string): Method =>
  (self, _args, from) =>
    textValue(change(self.text), from, self.bytes === true, self.open === true);

const METHODS: Readonly<Record<string, Method>> = {
  join: (self, [list], from) => {
    const items = list === undefined ? undefined : itemsOf(list);
    return items === undefined || self.open === true ? undefined : joined(items, self, from);
  },
  decode: (self, args, from) => decode([self, ...args], from),
  encode: (self, [codec], from) => {
    const name = whole(codec);
    if (name !== undefined && /^(?:rot|hex|base|zip|zlib)/.test(name)) return decode([self, textValue(name)], from);
    return self.open === true ? { ...self } : bytesValue(encoded(self), from);
  },
  replace: (self, [what, by], from) => {
    const [a, b] = [whole(what), whole(by)];
    if (a === undefined || b === undefined || a === '') return undefined;
    if (self.text.length * (b.length + 1) > 4 * MAX_TEXT) return undefined;
    return textValue(
      self.text.replaceAll(a, () => b),
      from,
      self.bytes === true,
      self.open === true,
    );
  },
  format: (self, args, from) => formatted(self, args, from),
  split: (self, [by], from) => split(self, by, from),
  strip: same((text) => text.trim()),
  lstrip: same((text) => text.trimStart()),
  rstrip: same((text) => text.trimEnd()),
  lower: same((text) => text.toLowerCase()),
  casefold: same((text) => text.toLowerCase()),
  upper: same((text) => text.toUpperCase()),
  swapcase: same((text) => [...text].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('')),
  title: same((text) => text),
  expanduser: (self) => self,
  resolve: (self) => self,
  absolute: (self) => self,
  as_posix: (self) => self,
  joinpath: (self, args, from) => join([self, ...args], '/', from),
  hex: (self, _args, from) => textValue(latin1(self.text).toString('hex'), from),
};

export function foldMethod(self: PythonValue, name: string, args: Arguments): PythonValue | undefined {
  const from = joinOrigins(originOf(self), ...args.map((arg) => originOf(arg)));
  if (self.kind === 'text') return Object.hasOwn(METHODS, name) ? METHODS[name]?.(self, args, from) : undefined;
  if (self.kind === 'number' && name === 'to_bytes') return numberBytes(self.value, args, from);
  return undefined;
}

function numberBytes(value: number | bigint, [length, order]: Arguments, from: Origin): PythonValue | undefined {
  const count = integer(length);
  if (
    count === undefined ||
    count < 0 ||
    count > 10_000 ||
    (!Number.isFinite(Number(value)) && typeof value === 'number')
  )
    return undefined;
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  const big = BigInt(value);
  if (big < 0n) return undefined;
  const digits = big.toString(16);
  const bytes = Buffer.from(digits.padStart(count * 2, '0').slice(-count * 2), 'hex');
  return bytesValue(whole(order) === 'little' ? Buffer.from(bytes).reverse() : bytes, from);
}

function joined(items: readonly PythonValue[], by: PythonValue & { kind: 'text' }, from: Origin): PythonValue {
  const origin = joinOrigins(from, ...items.slice(0, 64).map((item) => item.from));
  return { ...join(items, by.text, origin), ...(by.bytes === true ? { bytes: true } : {}) };
}

function formatted(self: PythonValue & { kind: 'text' }, args: Arguments, from: Origin): PythonValue {
  let next = 0;
  let open = self.open === true;
  const text = self.text.replace(/\{\{|\}\}|\{(\w*)[^{}]{0,40}\}/g, (found, index: string | undefined) => {
    if (found === '{{' || found === '}}') return found[0] ?? '';
    const arg = args[index === '' ? next++ : Number(index)];
    const shown = arg === undefined ? undefined : asText(arg, from);
    if (shown?.kind !== 'text' || shown.open === true) open = true;
    return shown?.kind === 'text' ? shown.text : HOLE;
  });
  return textValue(text, from, false, open);
}
