// Who callers are: somebody has to be able to prove it, each name stands for one principal, and keys of an issuer do not come
// over a wire that anybody can write to.
import { messageOf } from '@vallum/core';
import { keySetUrl } from '../../who/token/key-set-place.js';
import type { Check } from './check.js';
import { first, firstTwin } from './check.js';

const WHOLE_NAME = /^(URI|DNS):./;

export const IDENTITY_CHECKS: readonly Check[] = [
  ({ identity }) =>
    identity.keys === undefined && identity.issuers.length === 0 && identity.certificates.length === 0
      ? {
          path: ['identity'],
          what: 'nobody can prove who they are',
          fix: 'name a file of keys, an issuer or a certificate',
        }
      : undefined,
  ({ identity, listen }) =>
    identity.certificates.length > 0 &&
    listen.rest?.tls?.clientAuthorities === undefined &&
    listen.grpc?.tls?.clientAuthorities === undefined
      ? {
          path: ['identity', 'certificates'],
          what: 'client certificates are named and no listener asks for them',
          fix: 'give a listener tls.clientAuthorities',
        }
      : undefined,
  ({ identity: { certificates } }) =>
    first(certificates, ({ name }, index) =>
      WHOLE_NAME.test(name)
        ? undefined
        : {
            path: ['identity', 'certificates', index, 'name'],
            what: `${JSON.stringify(name.slice(0, 200))} is not a whole name of a certificate`,
            fix: 'write it like URI:spiffe://acme/web or DNS:web.acme.example',
          },
    ),
  ({ identity: { certificates } }) => {
    const index = firstTwin(certificates, ({ name }) => name);
    return index === undefined
      ? undefined
      : {
          path: ['identity', 'certificates', index, 'name'],
          what: `the certificate ${JSON.stringify(certificates[index]?.name.slice(0, 200))} stands twice`,
          fix: 'write each name once',
        };
  },
  ({ identity: { issuers } }) => {
    const index = firstTwin(issuers, ({ issuer }) => issuer);
    return index === undefined
      ? undefined
      : {
          path: ['identity', 'issuers', index, 'issuer'],
          what: `the issuer ${JSON.stringify(issuers[index]?.issuer)} stands twice`,
          fix: 'write each issuer once',
        };
  },
  ({ identity: { issuers } }) =>
    first(issuers, ({ jwks }, index) => {
      try {
        keySetUrl(jwks);
        return undefined;
      } catch (error) {
        return {
          path: ['identity', 'issuers', index, 'jwks'],
          what: messageOf(error),
          fix: 'give an https URL without a user, an http URL of this machine, or a file',
        };
      }
    }),
];
