// JSON as it is printed. JSON.stringify leaves C1 controls and characters that reorder text as they are, and names come from
// hostile files, so those are written as escapes: the value is the same, and a terminal stays what it was.

export function jsonText(value: object): string {
  return JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
