// Text of a stranger inside a message for a terminal: quoted, short, and without the characters that move the cursor or
// turn the direction of writing (JSON escapes only some of them).

export function quote(value: string): string {
  return JSON.stringify(value.slice(0, 80).replace(/\p{C}/gu, '?'));
}

/** True for text with control, format or unassigned characters. */
export function hasControls(value: string): boolean {
  return /\p{C}/u.test(value);
}
