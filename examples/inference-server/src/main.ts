// Serves the models of a folder: node dist/main.js --port 8000 --models models
// Prints `listening on http://127.0.0.1:PORT`; port 0 takes a free one. Ends at SIGTERM and SIGINT.
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Repository } from './repository.js';
import { inferenceServer } from './server.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8000' },
    host: { type: 'string', default: '127.0.0.1' },
    models: { type: 'string', default: join(dirname(fileURLToPath(import.meta.url)), '..', 'models') },
  },
});

const server = inferenceServer(new Repository(values.models));
server.listen(Number(values.port), values.host, () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`listening on http://${address}:${port}`);
});
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
