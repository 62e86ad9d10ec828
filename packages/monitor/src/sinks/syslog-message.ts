// An event as a syslog message (RFC 5424), and where it goes. Everything in the header is ours and printable ASCII; the event
// itself is the message, one line of JSON, so that nothing in it can begin a message of its own.
import { VallumError } from '@vallum/core';
import type { SecurityEvent } from '@vallum/core';

export type SyslogAddress =
  | { readonly over: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  | { readonly over: 'unix'; readonly path: string };

export interface SyslogNames {
  readonly host: string;
  readonly app: string;
  readonly process: string;
}

/** Facility 13: log audit (RFC 5424, table 1). */
const FACILITY = 13;
/** OCSF severity_id 0 to 6 as syslog severities: notice for what is unknown, informational, ... alert. */
const SEVERITY = [5, 6, 5, 4, 3, 2, 1];
const BOM = '\ufeff';

/** Reads `udp://HOST:514`, `tcp://HOST:601` or `unix:///PATH`. @throws VallumError `EVENTS_SYSLOG` */
export function readSyslogAddress(text: string): SyslogAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const over = url?.protocol.slice(0, -1);
  const isBare = url !== undefined && url.username === '' && url.search === '' && url.hash === '';
  if (isBare && over === 'unix' && url.host === '' && url.pathname.length > 1)
    return { over, path: decodeURIComponent(url.pathname) };
  if (isBare && (over === 'udp' || over === 'tcp') && url.hostname !== '' && ['', '/'].includes(url.pathname))
    return { over, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (over === 'udp' ? 514 : 601)) };
  throw new VallumError('EVENTS_SYSLOG', `${JSON.stringify(text.slice(0, 200))} is no address of a syslog server`, {
    fix: 'write udp://HOST:514, tcp://HOST:601 or unix:///PATH',
  });
}

/** @param text JSON of the event, on one line */
export function syslogMessage(event: SecurityEvent, text: string, { host, app, process }: SyslogNames): Buffer {
  const severity = SEVERITY[Number(event.data['severity_id'] ?? 0)] ?? SEVERITY[0] ?? 5;
  const priority = FACILITY * 8 + severity;
  // `dev.vallum.gateway.route-closed.v1`: what happened is its last word but one.
  const what = event.type.split('.').at(-2) ?? '-';
  const header = [event.time, word(host, 255), word(app, 48), word(process, 128), word(what, 32)].join(' ');
  return Buffer.from(`<${priority}>1 ${header} - ${BOM}${text}`);
}

/** A field of the header: printable ASCII without spaces, `-` where there is nothing. */
function word(text: string, most: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-';
}

/** Octet counting (RFC 6587, 3.4.1): a stream is cut where its writer says, whatever the message holds. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
