// How far the address of a program is to be trusted: a known publisher over https, somebody's host, or a place that anyone
// can write to or read along: plain http, a bare IP address, a paste site, a shortener, a tunnel.
import type { ShellRules } from './shell-rules.js';

/** From best to worst. `open`: only the shell would know. */
export type Trust = 'local' | 'publisher' | 'release' | 'open' | 'other' | 'bad';

export interface Origin {
  readonly url: string;
  readonly trust: Trust;
  readonly why: string;
}

const ORDER: readonly Trust[] = ['local', 'publisher', 'release', 'open', 'other', 'bad'];

export function worstOf(origins: readonly Origin[]): Origin | undefined {
  return [...origins].sort((a, b) => ORDER.indexOf(b.trust) - ORDER.indexOf(a.trust))[0];
}

export function originOf(address: string, rules: ShellRules): Origin {
  const url = address.slice(0, 300);
  const tell = (trust: Trust, why: string): Origin => ({ url, trust, why });
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^/@\s]*@)?(\[[0-9a-f:.]+\]|[^/:?#\s]+)(?::(\d+))?([/?#]\S*)?/i.exec(
    url,
  );
  const [, scheme = '', rawHost = '', port, path = '/'] = match ?? [];
  const host = rawHost.toLowerCase().replace(/\.$/, '');
  if (/^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1\]|host\.docker\.internal)$/.test(host) || scheme === 'file')
    return tell('local', 'this machine');
  if (host === '' || (/[$<>{}*]/.test(host) && !/^[\w.-]+\.[a-z]{2,}$/.test(host)))
    return tell('open', 'an address that is not written out');
  if (host.startsWith('[') || hostNumber(host)) return tell('bad', 'a bare IP address');
  if (within(host, rules.pastes)) return tell('bad', 'a place where anyone can put anything');
  if (within(host, rules.shorteners)) return tell('bad', 'a shortened address');
  if (/(?:^|\.)xn--/.test(host)) return tell('bad', 'a host name with look-alike letters');
  const known = `${host.replace(/^www\./, '')}${path}`;
  const publisher = rules.publishers.some((start) => known.startsWith(start)) && !path.includes('..');
  if (scheme === 'http' || scheme === 'ftp' || scheme === 'tftp' || scheme === 'dict' || scheme === 'gopher')
    return tell('bad', `plain ${scheme}`);
  // Without a scheme curl and wget take http, which a publisher turns into https.
  if (publisher) return tell('publisher', 'a known publisher');
  if (scheme === '') return tell('bad', 'plain http, as no scheme is given');
  if (port !== undefined && port !== '443') return tell('bad', `port ${port}`);
  if (rules.releases.some((glob) => globPrefix(glob).test(known))) return tell('release', 'a release page');
  return tell('other', 'a host that is not among the known publishers');
}

export function isKnownIndex(url: string, rules: ShellRules): boolean {
  const known = /^https:\/\/(?:[^/@\s]*@)?(\S*)/i.exec(url.trim())?.[1]?.toLowerCase() ?? '';
  return rules.indexes.some((start) => `${known}/`.startsWith(start.toLowerCase()));
}

/** Whether the host is one of these or below one. */
export function within(host: string, hosts: readonly string[]): boolean {
  return hosts.some((one) => host === one || host.endsWith(`.${one}`));
}

function globPrefix(glob: string): RegExp {
  return new RegExp(
    `^${glob
      .split('*')
      .map((part) => part.replace(/[.+?^$()[\]{}|\\]/g, '\\$&'))
      .join('[^/]+(?:/[^/]+)?')}`,
  );
}

/** `2130706433`, `0x7f000001`, `0177.0.0.1`: numbers that clients read as an address. */
function hostNumber(host: string): boolean {
  return /^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}$/.test(host) && /\d{4,}|\.|0x/.test(host);
}
