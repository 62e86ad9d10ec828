// One mail (RFC 5322, MIME) as the text a person would read. The attacker writes every byte: thousands of parts, nested
// messages, huge headers, two different alternatives, charsets that do not exist. Size, lines, parts, depth and headers
// are bounded: the library keeps an object a line, and two megabytes of empty lines cost it 27 s and 3 GB. A mail that
// cannot be read comes back with a `problem` instead of an exception, so that one hostile row never stops a scan.
// Both alternatives are read: one that only some readers see is a place to hide.
import PostalMime from 'postal-mime';
import type { Address, Attachment, Email } from 'postal-mime';
import { parseMailDate } from './date.js';
import { htmlToText } from './html-to-text.js';

export interface MailLimits {
  /** Bytes of the whole mail; default 2 MiB. */
  readonly maxBytes?: number;
  /** Lines of the whole mail; default 20,000. The library keeps an object for each. */
  readonly maxLines?: number;
  /** Lines that may start a part (`--...`); default 1,000. */
  readonly maxParts?: number;
  /** Bytes of all headers together; default 256 KiB. */
  readonly maxHeaderBytes?: number;
  /** Depth of multipart nesting; default 16. */
  readonly maxDepth?: number;
  /** Depth of messages inside messages; default 3. */
  readonly maxMessages?: number;
}

export interface MailProblem {
  readonly code: 'MAIL_TOO_LARGE' | 'MAIL_TOO_MANY_LINES' | 'MAIL_TOO_MANY_PARTS' | 'MAIL_BROKEN';
  readonly message: string;
}

export interface ParsedMail {
  readonly subject: string;
  /** Plain text parts, then the text of the HTML parts, then forwarded messages. */
  readonly body: string;
  readonly from: string;
  /** Addresses of the header To, with names, divided by commas. */
  readonly to: string;
  /** ISO 8601 in UTC; null when the header is missing or no date. */
  readonly date: string | null;
  /** Parts that were not turned into text: attachments, images, messages nested too deep. */
  readonly unread: number;
  /** Set when the mail could not be read; subject and body are then empty. */
  readonly problem?: MailProblem;
}

/** Never throws and never rejects for what the bytes hold. */
export async function parseMail(bytes: Uint8Array, limits: MailLimits = {}): Promise<ParsedMail> {
  const maxBytes = limits.maxBytes ?? 2 * 1024 * 1024;
  const maxLines = limits.maxLines ?? 20_000;
  const maxParts = limits.maxParts ?? 1_000;
  if (bytes.length > maxBytes)
    return broken('MAIL_TOO_LARGE', `it has ${bytes.length} bytes, more than the ${maxBytes} that are read`);
  if (occurrences(bytes, '\n', maxLines) > maxLines)
    return broken('MAIL_TOO_MANY_LINES', `it has more than ${maxLines} lines`);
  // Only a line that starts with `--` can open a part.
  if (occurrences(bytes, '\n--', maxParts) > maxParts)
    return broken('MAIL_TOO_MANY_PARTS', `more than ${maxParts} lines may start a part`);
  try {
    return await read(bytes, limits, limits.maxMessages ?? 3);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : 'the parser gave up';
    return broken('MAIL_BROKEN', why);
  }
}

function broken(code: MailProblem['code'], message: string): ParsedMail {
  return { subject: '', body: '', from: '', to: '', date: null, unread: 0, problem: { code, message } };
}

/** How often the text occurs; stops counting just past the limit. */
function occurrences(bytes: Uint8Array, text: string, limit: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = buffer.indexOf(text); at >= 0 && count <= limit; at = buffer.indexOf(text, at + text.length))
    count += 1;
  return count;
}

async function read(bytes: Uint8Array, limits: MailLimits, depthLeft: number): Promise<ParsedMail> {
  // Nested messages are read below: the library would print their dates in the language and zone of this machine.
  const email = await PostalMime.parse(withoutMboxLine(bytes), {
    maxNestingDepth: limits.maxDepth ?? 16,
    maxHeadersSize: limits.maxHeaderBytes ?? 256 * 1024,
    maxRfc822NestingDepth: 0,
  });
  const texts = [email.text ?? '', email.html === undefined ? '' : htmlToText(email.html)];
  let unread = 0;
  for (const attachment of email.attachments) {
    if (attachment.mimeType !== 'message/rfc822' || depthLeft === 0) {
      unread += 1;
      continue;
    }
    const inner = await read(contentOf(attachment), limits, depthLeft - 1);
    texts.push(`${inner.subject}\n${inner.body}`);
    unread += inner.unread;
  }
  return {
    subject: tidy(email.subject ?? '')
      .replace(/\s+/g, ' ')
      .trim(),
    body: tidy(texts.filter((text) => text.trim() !== '').join('\n')),
    from: tidy(senderOf(email)),
    to: tidy((email.to ?? []).map(nameOf).join(', ')),
    date: parseMailDate(email.headers.find((header) => header.key === 'date')?.value ?? ''),
    unread,
  };
}

/** An mbox file puts a line `From sender date` before the headers. */
function withoutMboxLine(bytes: Uint8Array): Uint8Array {
  const mbox = Buffer.from(bytes.subarray(0, 5)).toString('latin1') === 'From ';
  const end = mbox ? bytes.indexOf(0x0a) : -1;
  return bytes.subarray(end + 1);
}

function contentOf(attachment: Attachment): Uint8Array {
  const { content } = attachment;
  return typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
}

function senderOf(email: Email): string {
  const sender: Address | undefined = email.from ?? email.sender;
  return sender === undefined ? '' : nameOf(sender);
}

/** Of a group its name alone. */
function nameOf({ name, address }: Address): string {
  if (address === undefined) return name;
  return name === '' ? address : `${name} <${address}>`;
}

function tidy(text: string): string {
  return text.replace(/\r\n?/g, '\n').toWellFormed();
}
