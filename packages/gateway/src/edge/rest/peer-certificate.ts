// The certificate of a TLS peer, when its chain was verified against the authorities of the listener.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PeerCertificate } from '../../door/caller.js';

/** A connection keeps its certificate: it is read once. */
const read = new WeakMap<Socket, PeerCertificate | null>();

export function peerCertificate(socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  let found = read.get(socket);
  if (found === undefined) {
    found = certificateOf(socket) ?? null;
    read.set(socket, found);
  }
  return found ?? undefined;
}

function certificateOf(socket: TLSSocket): PeerCertificate | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    commonName: /(?:^|\n)CN=([^\n]*)/.exec(certificate.subject)?.[1] ?? '',
    alternativeNames: (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== ''),
    notAfter: Date.parse(certificate.validTo),
  };
}
