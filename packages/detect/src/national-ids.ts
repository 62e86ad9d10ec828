// Check digits of national identification numbers. Whoever writes a row can write a valid number at will: these tell a
// number from an order number, not a person from an invention. Letters come in upper case, separators are gone.

/** Sum of digit times weight. */
function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * digit(digits, index), 0);
}

function digit(digits: string, index: number): number {
  return digits.charCodeAt(index) - 48;
}

/** A day that the calendar has. */
function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function sameDigits(digits: string): boolean {
  return /^(\d)\1*$/.test(digits);
}

/** Germany, Steuer-ID (section 139b AO): ISO 7064 mod 11,10; of the first ten digits one comes twice or three times. */
export function isGermanTaxId(id: string): boolean {
  if (id.length !== 11 || id.startsWith('0')) return false;
  const counts = new Map<string, number>();
  for (const character of id.slice(0, 10)) counts.set(character, (counts.get(character) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  if (repeated.length !== 1 || (repeated[0] ?? 0) > 3 || /(\d)\1\1/.test(id.slice(0, 10))) return false;
  let check = 10;
  for (let index = 0; index < 10; index += 1) {
    const sum = (digit(id, index) + check) % 10 || 10;
    check = (sum * 2) % 11;
  }
  return (11 - check) % 10 === digit(id, 10);
}

/** France, numéro de sécurité sociale: thirteen places and 97 minus their rest; Corsica's 2A and 2B count as 19 and 18. */
export function isFrenchNir(id: string): boolean {
  if (!/^[123478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{8}$/.test(id)) return false;
  const number = id.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(number) % 97n) === Number(id.slice(13));
}

const SPANISH = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Spain, DNI and NIE: a letter for the rest by 23 (Real Decreto 1553/2005; X, Y, Z of foreigners count as 0, 1, 2). */
export function isSpanishId(id: string): boolean {
  const number = id.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
  return /^\d{8}$/.test(number) && SPANISH[Number(number) % 23] === id.at(-1);
}

/** Values of 0-9 and A-Z at odd places (Decreto 23 dicembre 1976, n. 13813). */
const ITALIAN_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italy, codice fiscale of a person; the letters L to V stand for digits where two persons would share a code. */
export function isItalianCode(code: string): boolean {
  const day = Number(code.slice(9, 11).replace(/[LMNP-V]/g, (letter) => String('LMNPQRSTUV'.indexOf(letter))));
  if (!((day >= 1 && day <= 31) || (day >= 41 && day <= 71))) return false;
  let sum = 0;
  for (let index = 0; index < 15; index += 1) {
    const value = Number.parseInt(code.charAt(index), 36);
    const place = value > 9 ? value - 10 : value;
    sum += index % 2 === 0 ? (ITALIAN_ODD[place] ?? 0) : place;
  }
  return String.fromCharCode(65 + (sum % 26)) === code.charAt(15);
}

/** Netherlands, burgerservicenummer: the "elfproef". */
export function isDutchBsn(id: string): boolean {
  const digits = id.padStart(9, '0');
  return digits.length === 9 && !sameDigits(digits) && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
}

/** Poland, PESEL: the century is in the month (0 for 1900, 20 for 2000, 80 for 1800). */
export function isPolishPesel(id: string): boolean {
  if (id.length !== 11) return false;
  const month = Number(id.slice(2, 4));
  const century = [1900, 2000, 2100, 2200, 1800][Math.floor(month / 20)] ?? 0;
  const born = isDay(century + Number(id.slice(0, 2)), month % 20, Number(id.slice(4, 6)));
  return born && weighted(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}

/** Sweden, personnummer of ten or twelve digits: a day (or coordination number: plus 60) and a Luhn digit over the last ten. */
export function isSwedishDay(id: string): boolean {
  const short = id.slice(-10);
  const years =
    id.length === 12 ? [Number(id.slice(0, 4))] : [1900, 2000].map((base) => base + Number(short.slice(0, 2)));
  const day = Number(short.slice(4, 6));
  const month = Number(short.slice(2, 4));
  const plausible = id.length === 10 || /^(?:1[89]|20)/.test(id);
  return plausible && years.some((year) => isDay(year, month, day > 60 ? day - 60 : day));
}

const FINNISH = '0123456789ABCDEFHJKLMNPRSTUVWXY';

/** Finland, henkilötunnus: day, century sign, three digits, and a check character for the rest by 31. */
export function isFinnishHetu(id: string): boolean {
  const parts = /^(\d{2})(\d{2})(\d{2})[-+A-FU-Y](\d{3})(.)$/.exec(id);
  if (parts === null) return false;
  const [, day = '', month = '', year = '', serial = '', check = ''] = parts;
  const known = Number(serial) >= 2 && isDay(2000 + Number(year), Number(month), Number(day));
  return known && FINNISH[Number(`${day}${month}${year}${serial}`) % 31] === check;
}

/** Brazil, CPF: two check digits mod 11. */
export function isBrazilianCpf(id: string): boolean {
  if (id.length !== 11 || sameDigits(id)) return false;
  const check = (from: number): number => {
    let sum = 0;
    for (let index = 0; index < from - 1; index += 1) sum += digit(id, index) * (from - index);
    return ((sum * 10) % 11) % 10;
  };
  return check(10) === digit(id, 9) && check(11) === digit(id, 10);
}

const DIHEDRAL = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const PERMUTED = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** India, Aadhaar: Verhoeff's check digit (Verhoeff 1969); the first digit is 2 to 9. */
export function isAadhaar(id: string): boolean {
  if (!/^[2-9]\d{11}$/.test(id)) return false;
  let check = 0;
  for (let index = 0; index < 12; index += 1) {
    const permuted = Number(PERMUTED[index % 8]?.[digit(id, 11 - index)]);
    check = Number(DIHEDRAL[check]?.[permuted]);
  }
  return check === 0;
}

const CHINESE_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** China, resident identity card (GB 11643-1999): place, day of birth, serial, ISO 7064 mod 11-2. */
export function isChineseId(id: string): boolean {
  if (!/^[1-8]\d{16}[\dX]$/.test(id)) return false;
  const year = Number(id.slice(6, 10));
  if (year < 1900 || year > 2099 || !isDay(year, Number(id.slice(10, 12)), Number(id.slice(12, 14)))) return false;
  return '10X98765432'[weighted(id, CHINESE_WEIGHTS) % 11] === id.at(-1);
}

/** United Kingdom, NHS number: mod 11; a rest of 10 is never issued. */
export function isNhsNumber(id: string): boolean {
  if (id.length !== 10 || sameDigits(id)) return false;
  const check = (11 - (weighted(id, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return check === digit(id, 9);
}

/** United Kingdom, National Insurance number: no check digit, only letters that are never issued. */
export function isNino(id: string): boolean {
  return /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(id);
}
