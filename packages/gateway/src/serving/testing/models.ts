// A made-up inference server on loopback that answers as the model it is told to be, and people who may sign canaries.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Trust } from '@vallum/trust';
import { buildTrust, generateKey, publicRecord, readTrust } from '@vallum/trust';

export interface LoopbackModel {
  readonly url: string;
  /** What it answers with from now on. */
  weight: number;
  /** Of its answers. */
  status: number;
  readonly asked: string[];
  close(): Promise<void>;
}

export async function serveModel(weight: number): Promise<LoopbackModel> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`);
      const { x } = JSON.parse(Buffer.concat(parts).toString() || '{"x":0}') as { x: number };
      response.writeHead(model.status, { location: '/elsewhere' });
      response.end(JSON.stringify({ id: asked.length, outputs: [{ name: 'y', data: [model.weight * x] }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const model: LoopbackModel = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    weight,
    status: 200,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return model;
}

const NOW = new Date('2026-06-01T12:00:00Z');
const root = generateKey('root', 'ed25519');

export const signer = generateKey('signer', 'ed25519');
export const gateway = generateKey('gateway', 'ed25519');
export const approver = generateKey('approver', 'ed25519');
export const stranger = generateKey('stranger', 'ed25519');

export function canaryTrust(): Trust {
  const window = { notBefore: '2026-01-01', notAfter: '2026-12-31' };
  return readTrust(
    buildTrust({
      project: 'p',
      root,
      now: NOW,
      ledgers: [],
      principals: [
        { id: 'ci', name: 'CI', keys: [{ ...publicRecord(signer), roles: ['decide'], ...window }] },
        {
          id: 'gate',
          name: 'Gate',
          keys: [{ ...publicRecord(gateway), roles: ['produce:integrity.check'], ...window }],
        },
        { id: 'ann', name: 'Ann', keys: [{ ...publicRecord(approver), roles: ['approve'], ...window }] },
      ],
    }),
  );
}
