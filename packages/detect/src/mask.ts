// What may be shown of a match. A masked sample lets a person judge the finding and go to the row; it must not carry the
// value into a signed, append-only statement, where it could never be deleted again.

export const MASKS = {
  last4: (value: string) => hide(value, 0, 4),
  last2: (value: string) => hide(value, 0, 2),
  ends: (value: string) => hide(value, 2, 2),
  head4: (value: string) => `${value.slice(0, 4)}… (${value.length} characters)`,
  none: (value: string) => `(${value.length} characters)`,
  email: maskEmail,
  ipv4: (value: string) =>
    value
      .split('.')
      .map((part, index) => (index < 2 ? part : '*'))
      .join('.'),
} as const satisfies Readonly<Record<string, (value: string) => string>>;

export type MaskName = keyof typeof MASKS;

/** Replaces letters and digits by `*`, except the first and the last few; separators stay. */
function hide(value: string, head: number, tail: number): string {
  const total = value.replace(/[^0-9A-Za-z]/g, '').length;
  let seen = 0;
  return value.replace(/[0-9A-Za-z]/g, (character) => {
    seen += 1;
    return seen <= head || seen > total - tail ? character : '*';
  });
}

function maskEmail(value: string): string {
  const at = value.lastIndexOf('@');
  const domain = value.slice(at + 1);
  return `${value.slice(0, 1)}***@${domain.slice(0, 1)}***${domain.slice(domain.lastIndexOf('.'))}`;
}
