// What columns of a table mean to a check; everything else about them is in the table.

/** Names of columns with a meaning. */
export interface ColumnRoles {
  readonly label?: string;
  /** Where a row comes from. */
  readonly source?: string;
  readonly id?: string;
  readonly group?: string;
  readonly time?: string;
}
