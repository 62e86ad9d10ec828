// A table of numbers as every reader and every detector passes it: one typed array, row after row.
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major: value of row r and column c at `r * columns + c`. */
  readonly values: Float64Array | Float32Array;
}
