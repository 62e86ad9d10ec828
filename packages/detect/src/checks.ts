// The second half of a rule: a regular expression proposes, a checksum or a range decides. Without it every order number
// is a payment card. All tables come from rules.json.
import {
  isAadhaar,
  isBrazilianCpf,
  isChineseId,
  isDutchBsn,
  isFinnishHetu,
  isFrenchNir,
  isGermanTaxId,
  isItalianCode,
  isNhsNumber,
  isNino,
  isPolishPesel,
  isSpanishId,
  isSwedishDay,
} from './national-ids.js';
import type { Tables } from './tables.js';

/** True: the whole match counts. A number: only so many characters of it (0: none). */
export type Check = (match: RegExpExecArray, tables: Tables) => boolean | number;

export const CHECKS = {
  none: () => true,
  card: (match, tables) => isCard(digitsOf(match[0]), tables),
  iban: (match, tables) => ibanLength(match[0], tables),
  ssn: (match, tables) => isSsn(digitsOf(match[0]), tables),
  ipv4: (match, tables) => isPublicIpv4(match[0], tables),
  phone: (match, tables) => isInternationalPhone(digitsOf(match[0]), tables),
  nanp: (match) => isNanp(digitsOf(withoutExtension(match[0]))),
  national_phone: (match) => hasLength(digitsOf(match[0]), 8, 12),
  announced_phone: (match) => hasLength(digitsOf(withoutExtension(match[0])), 9, 13),
  ipv6: (match) => isIpv6(match[0]),
  nino: (match) => isNino(compactOf(match[0])),
  nhs: (match) => isNhsNumber(digitsOf(match[0])),
  de_tax_id: (match) => isGermanTaxId(digitsOf(match[0])),
  fr_nir: (match) => isFrenchNir(compactOf(match[0])),
  es_id: (match) => isSpanishId(compactOf(match[0])),
  it_codice_fiscale: (match) => isItalianCode(match[0]),
  nl_bsn: (match) => isDutchBsn(digitsOf(match[0])),
  pl_pesel: (match) => isPolishPesel(match[0]),
  se_personnummer: (match) => isSwedishNumber(digitsOf(match[0])),
  fi_hetu: (match) => isFinnishHetu(match[0]),
  br_cpf: (match) => isBrazilianCpf(digitsOf(match[0])),
  in_aadhaar: (match) => isAadhaar(digitsOf(match[0])),
  cn_resident_id: (match) => isChineseId(match[0].toUpperCase()),
  jwt: (match) => isJwt(match[0]),
  token: (match, tables) => isRandom(match.groups?.['value'] ?? match[0], tables),
  drawn: (match, tables) => isDrawn(match.groups?.['value'] ?? match[0], tables),
  key_block: (match) => hasKey(match.input.slice(match.index + match[0].length, match.index + match[0].length + 4_096)),
  pem_base64: (match) => /^-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY/.test(fromBase64(match[0])),
  login_base64: (match, tables) => isLogin(fromBase64(match.groups?.['value'] ?? ''), tables),
  snowflake: (match) => /^[0-9]{17,20}$/.test(fromBase64(match.groups?.['lead'] ?? '')),
  password: (match, tables) => isPassword(match.groups?.['value'] ?? '', tables),
  assigned: (match, tables) => isAssignedSecret(match.groups?.['value'] ?? '', tables),
} as const satisfies Readonly<Record<string, Check>>;

export type CheckName = keyof typeof CHECKS;

function digitsOf(text: string): string {
  return text.replace(/[^0-9]/g, '');
}

function withoutExtension(text: string): string {
  return text.replace(/ ?(?:x|ext).*$/, '');
}

/** Without separators. */
function compactOf(text: string): string {
  return text.replace(/[^0-9A-Za-z]/g, '');
}

function hasLength(digits: string, least: number, most: number): boolean {
  return digits.length >= least && digits.length <= most && !/^0*(\d)\1*$/.test(digits);
}

/** Skatteverket: the Luhn digit is over the ten digits without the century. */
function isSwedishNumber(digits: string): boolean {
  return (digits.length === 10 || digits.length === 12) && isSwedishDay(digits) && passesLuhn(digits.slice(-10));
}

/** ISO/IEC 7812-1, annex B: from the right every second digit counts double, the sum divides by ten. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isCard(digits: string, tables: Tables): boolean {
  const known = tables.cardIssuers.some(({ from, to, lengths }) => {
    const prefix = digits.slice(0, from.length);
    return lengths.includes(digits.length) && prefix >= from && prefix <= to;
  });
  return known && passesLuhn(digits) && !/^(\d)\1*$/.test(digits);
}

/** ISO 13616-1: the country fixes the length, and the rearranged number leaves 1 when divided by 97. */
function ibanLength(text: string, tables: Tables): number {
  const length = tables.ibanLengths[text.slice(0, 2)] ?? 0;
  // The pattern may have run on into the next word: cut at the length of the country.
  let compact = '';
  let end = 0;
  while (end < text.length && compact.length < length) {
    const character = text.charAt(end);
    if (character !== ' ') compact += character;
    end += 1;
  }
  const whole = compact.length === length && !/[A-Z0-9]/.test(text.charAt(end));
  return whole && rest97(compact.slice(4) + compact.slice(0, 4)) === 1 ? end : 0;
}

function rest97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

/** Ranges of the US Social Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000. */
function isSsn(digits: string, tables: Tables): boolean {
  const area = digits.slice(0, 3);
  const never = area === '000' || area === '666' || area >= '900';
  return !never && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000' && !tables.ssnNeverIssued.includes(digits);
}

function isPublicIpv4(text: string, tables: Tables): boolean {
  const parts = text.split('.').map(Number);
  // A leading zero is octal to some readers and decimal to others; as an address it is not written.
  if (parts.some((part) => part > 255) || parts.join('.') !== text) return false;
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  return !tables.ipv4NotPublic.some(({ low, high }) => address >= low && address <= high);
}

/** RFC 4291, section 2.2: eight groups, or fewer with one `::`; 2001:db8::/32 is for documentation (RFC 3849). */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = halves.map((half) => (half === '' ? 0 : half.split(':').length));
  const count = groups.reduce((sum, size) => sum + size, 0);
  const whole = halves.length === 1 ? count === 8 : halves.length === 2 && count <= 7;
  return whole && !/(?<!:):$/.test(text) && !/^2001:0?db8:/i.test(text);
}

/** North American plan: area and exchange start with 2 to 9, and are no service code (N11). */
function isNanp(digits: string): boolean {
  const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return /^[2-9](?!11)[0-9]{2}[2-9](?!11)[0-9]{6}$/.test(national);
}

function isInternationalPhone(digits: string, tables: Tables): boolean {
  if (digits.startsWith('1')) return digits.length === 11 && isNanp(digits);
  const known = [1, 2, 3].some((length) => tables.callingCodes.has(digits.slice(0, length)));
  return known && digits.length >= 9 && digits.length <= 15;
}

function isJwt(text: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}

/** A value that a person would choose as a password: not a placeholder, not a plain word of the sentence. */
function isAssignedSecret(value: string, tables: Tables): boolean {
  const lower = value.toLowerCase();
  if (tables.placeholders.some((word) => lower.includes(word))) return false;
  if (/^(.)\1*$/.test(value) || /^[A-Za-z]+[.!?:)]*$/.test(value)) return false;
  return !/^[a-z]+:\/\//.test(lower);
}

/** Looks drawn at random: no placeholder, no run of the alphabet, not made of a few characters. */
function isRandom(value: string, tables: Tables): boolean {
  const lower = value.toLowerCase();
  if (tables.placeholders.some((word) => lower.includes(word)) || PLACEHOLDER.test(lower)) return false;
  if (REPEATED.test(lower)) return false;
  const rest = lower.replace(/[^a-z0-9]/g, '').slice(-32);
  return new Set(rest).size >= Math.min(8, rest.length / 2);
}

/** One piece three times over: an example in a specification. */
const REPEATED = /(.{4,12})\1\1/;

const PLACEHOLDER =
  /dummy|fake|sample|placeholder|replace|insert|redacted|(?:0123456|1234567|abcdefg)|(.)\1{5}|token_?here|key_?here/;

/** A password inside an address: not one that every manual prints. */
function isPassword(value: string, tables: Tables): boolean {
  const lower = value.toLowerCase();
  if (tables.placeholders.some((word) => lower.includes(word)) || PLACEHOLDER.test(lower)) return false;
  return (
    /[0-9]/.test(value) &&
    /[a-z]/i.test(value) &&
    new Set(lower).size >= 5 &&
    !/^(?:pass|pwd|admin|root|user|test|guest|mysql|postgres)[-_]?\d{0,4}$/.test(lower)
  );
}

/** Random, and mixed as no name is: at least three digits, and a letter. */
function isDrawn(value: string, tables: Tables): boolean {
  return isRandom(value, tables) && /[A-Za-z]/.test(value) && value.replace(/[^0-9]/g, '').length >= 3;
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

/** RFC 7617: `user:password` in base64. */
function isLogin(text: string, tables: Tables): boolean {
  const parts = /^[\x21-\x39\x3b-\x7e]{1,128}:([\x21-\x7e]{6,256})$/.exec(text);
  const password = parts?.[1] ?? '';
  return (
    isPassword(password, tables) || (/[a-z]/.test(password) && /[A-Z]/.test(password) && isRandom(password, tables))
  );
}

const HEADER = /^[A-Za-z][A-Za-z-]{2,30}: ?[^\n]{0,300}$/;

/**
 * A key block has a key in it: pages that explain the form have dots, or nothing. Headers may come first (RFC 1421, section
 * 4.6; RFC 9580, section 6.2). In sources and JSON the line ends are escaped and each line has its quotes; a block that
 * somebody quoted or commented out is one.
 */
function hasKey(after: string): boolean {
  // Up to the next mark, so that a run of marks costs no more than its length.
  const lines = (after.split('-----', 1)[0] ?? '')
    .replace(/\\r|\r/g, '')
    .replace(/\\n/g, '\n')
    .split('\n')
    .map((line) => line.replace(/^[\s"'`,>#;*|]{1,40}|[\s"'`,\\)+]{1,40}$/g, ''));
  let body = '';
  for (const line of lines) {
    if (body === '' && (line === '' || HEADER.test(line))) continue;
    body += line
      .replace(/[\s"',]/g, '')
      .replace(/^(?:Proc-Type:4,?ENCRYPTED|DEK-Info:[\w-]{1,40},[A-F0-9]{16,32})+/, '');
    if (body.length > 600) break;
  }
  const key = /^[A-Za-z0-9/+=]{60,}/.exec(body)?.[0];
  return key !== undefined && new Set(key).size > 20;
}
