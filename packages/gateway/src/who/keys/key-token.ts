// The text of an API key, `vlm_<id>_<secret>_<checksum>`: a prefix that scanners for leaked secrets can look for, an id that
// may stand in logs, 192 random bits, and a checksum that tells a typing error or a made-up text before anything is looked
// up. The checksum is public and proves nothing. All parts are letters and digits, so that a double click takes the whole.
import { crc32 } from 'node:zlib';

/** Random bytes from the operating system, so many. */
export type RandomBytes = (count: number) => Uint8Array;

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const SECRET_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LETTERS = 26;
const LETTER_A = 0x61;
const DIGIT_2 = 0x32;
const ID_LENGTH = 10;
const SECRET_BYTES = 24;
/** The least number of characters of 62 that hold 192 bits. */
const SECRET_LENGTH = 33;
const CHECKSUM_LENGTH = 6;
const PREFIX = 'vlm_';
const ID_END = PREFIX.length + ID_LENGTH;
const CHECKED_LENGTH = ID_END + 1 + SECRET_LENGTH;
const FORM = /^vlm_[a-z2-7]{10}_[0-9A-Za-z]{33}_[0-9A-Za-z]{6}$/;

export const KEY_TOKEN_LENGTH = CHECKED_LENGTH + 1 + CHECKSUM_LENGTH;
export const KEY_ID = /^[a-z2-7]{10}$/;

/** Whether a credential claims to be an API key rather than a signed token. */
export function looksLikeKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

export function mintKeyToken(random: RandomBytes): string {
  const id = Array.from(random(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
  const bits = BigInt(`0x${Buffer.from(random(SECRET_BYTES)).toString('hex')}`);
  const checked = `${PREFIX}${id}_${base62(bits, SECRET_LENGTH)}`;
  return `${checked}_${checksumOf(checked)}`;
}

/** The id of a key whose form and checksum are right; undefined for any other text. */
export function keyIdOf(token: string): string | undefined {
  if (token.length !== KEY_TOKEN_LENGTH || !FORM.test(token)) return undefined;
  if (checksumOf(token.slice(0, CHECKED_LENGTH)) !== token.slice(CHECKED_LENGTH + 1)) return undefined;
  return token.slice(PREFIX.length, ID_END);
}

/** An id as a number: ten digits of 32 are 50 bits, which a double holds. */
export function keyNumber(id: string): number {
  let number = 0;
  for (let at = 0; at < id.length; at += 1) {
    const code = id.charCodeAt(at);
    number = number * 32 + (code >= LETTER_A ? code - LETTER_A : code - DIGIT_2 + LETTERS);
  }
  return number;
}

/** The id that `keyNumber` made a number of. */
export function keyIdOfNumber(number: number): string {
  let id = '';
  for (let rest = number; id.length < ID_LENGTH; rest = Math.floor(rest / 32)) id = `${ID_ALPHABET[rest % 32]}${id}`;
  return id;
}

/** CRC-32 of ISO 3309, as zip has it. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = SECRET_ALPHABET.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; digits.length < length; rest /= 62n)
    digits = SECRET_ALPHABET.charAt(Number(rest % 62n)) + digits;
  return digits;
}
