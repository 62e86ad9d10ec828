// The corpus of requests with two readings, sent at the door and at nginx in front of the same kind of upstream. What counts is
// what the upstream got: of the door, only whole requests that were let in, framed by us, with nothing marked in them.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EchoUpstream } from '../../testing/echo-upstream.js';
import { echoUpstream } from '../../testing/echo-upstream.js';
import { freePort, hasProgram, untilOpen } from '../../testing/programs.js';
import type { RestBench } from '../../testing/rest-bench.js';
import { raw, restBench, statuses } from '../../testing/rest-bench.js';
import { MARK, SMUGGLING } from '../../testing/smuggling.js';

const INFER = '/v2/models/digits/infer';
const GOOD = `POST ${INFER} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Length: 2\r\n\r\n{}`;

describe('behind the door', () => {
  let bench: RestBench;
  beforeAll(async () => void (bench = await restBench()));
  afterAll(() => bench.close());

  it('a plain request gets through', async () => {
    expect(statuses(await raw(bench.port, [GOOD]))).toEqual([200]);
    expect(bench.upstream.received).toHaveLength(1);
  });

  it.each(SMUGGLING)('$name', async ({ bytes }) => {
    const before = bench.upstream.received.length;
    const answer = await raw(bench.port, [bytes], 60);
    const got = bench.upstream.received.slice(before);
    for (const one of got) {
      expect([one.method, one.path]).toEqual(['POST', INFER]);
      expect(JSON.stringify(one.headers)).not.toContain(MARK);
      expect(Object.keys(one.headers)).not.toContain('transfer-encoding');
      expect(Number(one.headers['content-length'])).toBe(one.body.length);
      expect(one.body.toString('latin1')).not.toContain(MARK);
    }
    // Never more answers of a model than requests that were let in.
    expect(statuses(answer).filter((status) => status === 200).length).toBeLessThanOrEqual(got.length);
    expect(got.length).toBeLessThanOrEqual(1);
  });

  it('the connection to the upstream is still in step: the next answer is the next one’s', async () => {
    expect(statuses(await raw(bench.port, [GOOD]))).toEqual([200]);
  });

  it('everything that the upstream got is whole requests with our framing', () => {
    const heads =
      bench.upstream
        .bytes()
        .toString('latin1')
        .match(/(GET|POST|PUT|CONNECT|DELETE) \S+ HTTP\/\d/g) ?? [];
    expect(heads).toHaveLength(bench.upstream.received.length);
    expect(new Set(heads)).toEqual(new Set([`POST ${INFER} HTTP/1`]));
  });
});

describe.skipIf(!hasProgram('nginx'))('behind nginx', () => {
  let upstream: EchoUpstream;
  let port = 0;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    upstream = await echoUpstream();
    port = await freePort();
    const dir = await mkdtemp(join(tmpdir(), 'vallum-nginx-'));
    const conf = `daemon off; master_process off; pid ${dir}/pid; error_log /dev/null; events {}
http { access_log off; client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir};
scgi_temp_path ${dir}; server { listen 127.0.0.1:${port}; location / { proxy_pass ${upstream.url}; proxy_http_version 1.1; } } }`;
    await writeFile(join(dir, 'nginx.conf'), conf);
    const child = spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    stop = async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(dir, { recursive: true, force: true });
    };
    await untilOpen(port);
  });
  afterAll(async () => {
    await stop();
    await upstream.close();
  });

  it('the corpus bites: marked bytes reach what stands behind a proxy that is not told otherwise', async () => {
    let marked = 0;
    for (const { bytes } of SMUGGLING) {
      const before = upstream.received.length;
      await raw(port, [bytes], 60);
      const got = upstream.received.slice(before);
      if (got.some((one) => `${one.path}${JSON.stringify(one.headers)}${one.body.toString('latin1')}`.includes(MARK)))
        marked += 1;
    }
    expect(marked).toBeGreaterThan(0);
  });
});
