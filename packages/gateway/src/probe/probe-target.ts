// Where a probe may be sent. It sends what an attacker would, so it goes only to hosts that somebody wrote out, and only after
// that person said that the owner agrees.
import { digestJson, VallumError } from '@vallum/core';
import type { Subject } from '@vallum/core';
import type { RouteSettings } from '../config/schema.js';

export type ProbeProtocol = Exclude<RouteSettings['protocol'], 'oip-grpc'>;

export interface ProbeTarget {
  /** `https://models.example:8443`, as a URL has it. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface ProbeLeave {
  /** Hosts that may be probed, as the URL writes them; loopback is among them. */
  readonly allowHosts: readonly string[];
  /** Whether the person who asks says that the owner agrees. */
  readonly authorised: boolean;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

/** @throws VallumError `PROBE_URL`, `PROBE_AUTHORISED`, `PROBE_HOST` */
export function probeTarget(text: string, { allowHosts, authorised }: ProbeLeave): ProbeTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || `${url.origin}/` !== url.href)
    throw new VallumError('PROBE_URL', `${JSON.stringify(text)} is no http or https URL of a server alone`, {
      fix: 'write it without path, query and credentials: http://127.0.0.1:8080',
    });
  if (!authorised)
    throw new VallumError('PROBE_AUTHORISED', 'a probe sends what an attacker would, and nobody said that it may', {
      fix: 'add --authorised where the owner of the server agrees',
    });
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const allowed = allowHosts.some((each) => each.toLowerCase().replace(/^\[(.*)\]$/, '$1') === host);
  if (!allowed && !LOOPBACK.test(host))
    throw new VallumError('PROBE_HOST', `${host} is not among the hosts that may be probed`, {
      fix: `add --allow-host ${host}`,
    });
  const tls = url.protocol === 'https:';
  return { origin: url.origin, host, port: url.port === '' ? (tls ? 443 : 80) : Number(url.port), tls };
}

/** What evidence of a probe is about: the place, the model and how it is asked (RFC 8785 digest of these three). */
export function probeSubject({ origin }: ProbeTarget, model: string, protocol: ProbeProtocol): Subject {
  return { name: `${origin} ${protocol}/${model}`, digest: { sha256: digestJson({ url: origin, model, protocol }) } };
}
