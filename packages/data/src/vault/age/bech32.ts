// Bech32 (BIP 173) as age uses it: no limit of length but ours, one case throughout, checksum over the lower-case form.
// Recipients and identities are typed and pasted by people, so a slip is refused, never guessed.
const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const MAX_CHARACTERS = 200;
const CHECKSUM = 6;

function polymod(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((factor, bit) => {
      if ((top >>> bit) & 1) checksum ^= factor;
    });
  }
  return checksum;
}

function expand(prefix: string): number[] {
  const codes = [...prefix].map((character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

/** Groups of `from` bits as groups of `to`; undefined when the padding is not the shortest of zeros. */
function regroup(values: Iterable<number>, from: number, to: number, pad: boolean): number[] | undefined {
  const groups: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    for (bits += from; bits >= to;) groups.push((held >> (bits -= to)) & ((1 << to) - 1));
  }
  const rest = held & ((1 << bits) - 1);
  if (pad) return bits > 0 ? [...groups, (rest << (to - bits)) & ((1 << to) - 1)] : groups;
  return bits < from && rest === 0 ? groups : undefined;
}

/** In lower case. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const data = regroup(bytes, 8, 5, true) ?? [];
  const checksum = polymod([...expand(prefix), ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = Array.from({ length: CHECKSUM }, (_, at) => (checksum >> (5 * (5 - at))) & 31);
  return `${prefix}1${[...data, ...check].map((value) => CHARSET.charAt(value)).join('')}`;
}

/** The bytes of a string with this prefix, in lower case; undefined for anything else. */
export function decodeBech32(prefix: string, text: string): Buffer | undefined {
  if (text.length > MAX_CHARACTERS || (text !== text.toLowerCase() && text !== text.toUpperCase())) return undefined;
  const lower = text.toLowerCase();
  const cut = lower.lastIndexOf('1');
  if (cut < 1 || lower.slice(0, cut) !== prefix || lower.length - cut - 1 < CHECKSUM) return undefined;
  const values = [...lower.slice(cut + 1)].map((character) => CHARSET.indexOf(character));
  if (values.includes(-1) || polymod([...expand(prefix), ...values]) !== 1) return undefined;
  const bytes = regroup(values.slice(0, -CHECKSUM), 5, 8, false);
  return bytes === undefined ? undefined : Buffer.from(bytes);
}
