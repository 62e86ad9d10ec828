// The client certificate of a connection, as far as the gateway believes it: only when its chain was verified against the
// authorities of the listener.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PeerCertificate } from '../door/caller.js';
import type { NodeCertificate } from '../who/peer-certificate.js';
import { peerCertificate } from '../who/peer-certificate.js';

/** A connection keeps its certificate, so it is read once. */
const read = new WeakMap<Socket, PeerCertificate | null>();

/** Undefined without TLS or certificate, and for one whose chain does not end at a configured authority. */
export function certificateOf(socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = read.get(socket);
  if (known !== undefined) return known ?? undefined;
  const found = take(socket);
  read.set(socket, found ?? null);
  return found;
}

function take(socket: TLSSocket): PeerCertificate | undefined {
  if (!socket.authorized) return undefined;
  // Without a certificate Node gives null or an object without fields, whatever its type says.
  const certificate = socket.getPeerCertificate() as Partial<NodeCertificate> | null;
  return certificate?.fingerprint256 === undefined ? undefined : peerCertificate(certificate as NodeCertificate);
}
