// Dates in mail headers (RFC 5322 3.3, with the obsolete zones of 4.3). `new Date(text)` reads a date without a zone in
// the zone of the machine, so the same mail would give another row elsewhere; here such a date counts as UTC.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE =
  /^(?:[a-z]{3,9},? )?(\d{1,2}) ([a-z]{3})[a-z]{0,6} (\d{2}|\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ([+-]\d{4}|[a-z]{1,5}))?(?: |$)/i;
const ZONES: Readonly<Record<string, number>> = {
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

/** ISO 8601 in UTC, or null when the header is not a date. */
export function parseMailDate(header: string): string | null {
  const text = header.slice(0, 200).replace(/\s+/g, ' ').trim();
  const match = DATE.exec(text);
  if (match === null) return null;
  const month = MONTHS.indexOf((match[2] ?? '').toLowerCase());
  const given = Number(match[3]);
  // RFC 5322 4.3: two digits up to 49 are of this century.
  const year = match[3]?.length === 4 ? given : given < 50 ? 2000 + given : 1900 + given;
  const [day, hour, minute, second] = [match[1], match[4], match[5], match[6] ?? '0'].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (month < 0 || year < 1970 || hour > 23 || minute > 59 || second > 60) return null;
  const time = Date.UTC(year, month, day, hour, minute, second);
  if (new Date(time).getUTCDate() !== day && second !== 60) return null;
  return new Date(time - offsetMinutes(match[7] ?? '') * 60_000).toISOString();
}

function offsetMinutes(zone: string): number {
  if (/^[+-]/.test(zone)) {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
    return zone.startsWith('-') ? -minutes : minutes;
  }
  return (ZONES[zone.toUpperCase()] ?? 0) * 60;
}
