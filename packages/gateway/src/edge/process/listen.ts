// Addresses as gateway.yaml writes them.
import { VallumError } from '@vallum/core';

/** @param address HOST:PORT, with IPv6 in brackets */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

export function cannotListen(address: string, error: NodeJS.ErrnoException): VallumError {
  return new VallumError('GATEWAY_LISTEN', `nobody can listen on ${address}: ${error.code ?? error.message}`, {
    fix: 'free the address, or write another one into gateway.yaml',
  });
}
