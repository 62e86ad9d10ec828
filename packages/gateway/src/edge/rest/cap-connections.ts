// How many connections there may be, and how many of one address: half-open ones cost us a socket and nothing else.
import type { Server } from 'node:net';
import type { ListenerSettings } from '../../config/schema.js';

export function capConnections(
  server: Server,
  { connections, connectionsPerAddress }: Pick<ListenerSettings, 'connections' | 'connectionsPerAddress'>,
): void {
  server.maxConnections = connections;
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    if (count > connectionsPerAddress) return void socket.destroy();
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}
