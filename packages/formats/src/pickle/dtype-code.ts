// Element types of NumPy by their short code, where the code alone proves that elements are plain bytes. NumPy also takes
// longer spellings ('object', 'V8,O'); whoever meets one of those knows nothing, and must say so.

const NUMBER = /^[<>|=]?(?:b(1)|[iu]([1248])|f(2|4|8|12|16)|c(8|16|24|32)|[mM](8)(?:\[[0-9A-Za-z/]{1,24}\])?)$/;
const SIZED = /^[<>|=]?([SUV])(\d{1,9})$/;

export interface DtypeCode {
  /** Bytes of one element. */
  readonly bytes: number;
  /** Texts and records, whose size is part of the type's state. */
  readonly sized: boolean;
}

/** Undefined for objects and for every spelling that is not beyond doubt. */
export function readDtypeCode(code: string): DtypeCode | undefined {
  if (/^[<>|=]?\?$/.test(code)) return { bytes: 1, sized: false };
  const sized = SIZED.exec(code);
  if (sized !== null) return { bytes: Number(sized[2]) * (sized[1] === 'U' ? 4 : 1), sized: true };
  const width = NUMBER.exec(code)
    ?.slice(1)
    .find((digits) => digits !== undefined);
  return width === undefined ? undefined : { bytes: Number(width), sized: false };
}

/** The code of Python objects. */
export function isObjectCode(code: string): boolean {
  return /^[<>|=]?O(?:[48])?$/.test(code);
}
