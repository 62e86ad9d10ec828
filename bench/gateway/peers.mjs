// What stands beside Vallum in front of the same upstream: nginx and haproxy of Debian, and Portkey's gateway from npm.
// The first two pass bytes on and look at nothing; they are the yardstick, not a rival.
//   apt-get install nginx haproxy wrk
//   npm install --ignore-scripts --prefix .cache/gateway-peers @portkey-ai/gateway@1.15.2
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, start } from './processes.mjs';

export const PORTKEY = 'node_modules/@portkey-ai/gateway/build/start-server.js';
const ANSWER =
  '{"model_name":"digits","model_version":"1","id":"a","outputs":[{"name":"probabilities","datatype":"FP32","shape":[1,4],"data":[0.2012345,0.5023456,0.2034567,0.0929632]}]}';
const CHAT =
  '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';

/** One worker process; as root it stays root, so that it may read the scratch folder. */
function nginxConfig(folder, http) {
  return `${process.getuid?.() === 0 ? 'user root;\n' : ''}worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  client_max_body_size 16m;
  client_body_buffer_size 1m;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
${http}
}
`;
}

async function nginx(folder, port, http) {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(folder, http));
  return {
    port,
    ...(await start('nginx', ['-c', config, '-e', `${folder}/error.log`, '-g', 'daemon off;'], { port })),
  };
}

/** Answers at once; under \`/v2/models/big/\` only after it has read the whole body. */
export async function upstream(folder) {
  const port = await freePort();
  const inner = `unix:${folder}/inner`;
  const json = (body) => `default_type application/json; return 200 '${body}';`;
  return nginx(
    folder,
    port,
    `  upstream inner { server ${inner}; keepalive 64; }
  server { listen ${inner}; location / { ${json(ANSWER)} } }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { ${json(ANSWER)} }
    location /v1/ { ${json(CHAT)} }
    location /v2/models/big/ {
      proxy_pass http://inner; proxy_http_version 1.1; proxy_pass_request_body off;
      proxy_set_header Content-Length ""; proxy_set_header Connection "";
    }
  }`,
  );
}

export async function nginxProxy(folder, to) {
  const port = await freePort();
  return nginx(
    folder,
    port,
    `  upstream model { server 127.0.0.1:${to}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }`,
  );
}

export async function haproxy(folder, to) {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(
    config,
    `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend door
  bind 127.0.0.1:${port}
  default_backend model
backend model
  server model 127.0.0.1:${to} pool-max-conn 256
`,
  );
  return { port, ...(await start('haproxy', ['-db', '-f', config], { port })) };
}

/** @param root of the repository */
export async function portkey(root, node) {
  const folder = join(root, '.cache/gateway-peers');
  if (!existsSync(join(folder, PORTKEY))) return undefined;
  const port = await freePort();
  const args = [join(folder, PORTKEY), '--headless', `--port=${port}`];
  return { port, ...(await start(node, args, { port, cwd: folder, env: { NODE_ENV: 'production' } })) };
}
