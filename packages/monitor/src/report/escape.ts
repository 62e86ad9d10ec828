// Column names, categories and file names come from whoever sent the rows. In a page they are text and nothing else.

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
// Controls, what turns the direction of writing around, what cannot be seen, and lone surrogates, which no UTF-8 file can hold.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const LONGEST = 80;

/** Text for HTML and SVG, between tags or in quoted attributes; what cannot be seen is spelt out. */
export function escapeText(text: string): string {
  return text
    .replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`)
    .replace(/[&<>"']/g, (character) => NAMED[character] as string);
}

/** The same, cut to what a line can hold. */
export function escapeName(text: string, longest = LONGEST): string {
  const characters = [...text.slice(0, 2 * longest + 2)];
  return escapeText(
    characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join(''),
  );
}
