// Personal data and secrets in one row. Both forms are read: the raw mail, because that is what lies on the disk, and the
// decoded text, because base64, quoted-printable and HTML would hide a value from the raw one. A value counts once a row.
import type { Match, RuleSet } from '@vallum/detect';
import { scanText } from '@vallum/detect';
import type { MailRow } from '../rows/mail-rows.js';
import identifierFields from './identifier-fields.json' with { type: 'json' };

export interface ClassInRow {
  readonly class: string;
  readonly rule: string;
  readonly severity: Match['severity'];
  readonly kind: Match['kind'];
  /** Different values of this class in the row. */
  readonly values: number;
  /** Masked, of the first. */
  readonly sample: string;
}

const FIELD = new RegExp(`^(?:${identifierFields.join('|')}):.*(?:\\r?\\n[ \\t].*)*`, 'gim');

export function scanRow(row: MailRow, rules: RuleSet): readonly ClassInRow[] {
  const raw = withoutIdentifiers(row.mail);
  const found = new Map<string, { first: Match; values: Set<string> }>();
  for (const text of [raw, row.subject, row.body])
    for (const match of scanText(text, rules)) {
      const value = text.slice(match.start, match.end).toLowerCase();
      const entry = found.get(match.class);
      if (entry === undefined) found.set(match.class, { first: match, values: new Set([value]) });
      else entry.values.add(value);
    }
  return [...found.values()].map(({ first, values }) => ({
    class: first.class,
    rule: first.rule,
    severity: first.severity,
    kind: first.kind,
    values: values.size,
    sample: first.masked,
  }));
}

/** Message ids look like e-mail addresses (`<4797.1029@host>`) and are none; the fields that hold them lose their `@`. */
function withoutIdentifiers(mail: string): string {
  const end = mail.search(/\r?\n\r?\n/);
  const head = end < 0 ? mail : mail.slice(0, end);
  return head.replace(FIELD, (field) => field.replaceAll('@', ' ')) + (end < 0 ? '' : mail.slice(end));
}
