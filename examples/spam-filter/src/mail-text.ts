// What a person reads of a mail: subject and text, HTML reduced to text. Headers stay out, they would give away the folder.
import PostalMime from 'postal-mime';

export interface MailText {
  readonly subject: string;
  readonly body: string;
}

export async function mailText(mail: string): Promise<MailText> {
  const parsed = await PostalMime.parse(Buffer.from(mail, 'latin1'));
  return { subject: parsed.subject ?? '', body: [parsed.text ?? '', stripHtml(parsed.html ?? '')].join('\n') };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function stripHtml(html: string): string {
  return html
    .replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
}
