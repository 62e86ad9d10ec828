// The ensemble knows columns by number, people by name.

/** @param names of the columns of the matrix; those of pixels and of foreign features have none that says more */
export function withColumnNames(text: string, names: readonly string[]): string {
  return text.replace(/\bcolumn (\d+)\b/g, (whole, digits: string) => {
    const name = names[Number(digits)];
    return name === undefined ? whole : `column ${name.slice(0, 80).replace(/\p{C}/gu, '?')}`;
  });
}
