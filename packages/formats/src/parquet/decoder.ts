// What turns the values of a page into the rows of a column, whatever their encoding.

/** Writes the next `count` values of a page, without gaps, from row `at` of the batch on. @throws PageError */
export interface Decoder {
  read(at: number, count: number): void;
}

export const CUT = 'it has fewer values than it says';
