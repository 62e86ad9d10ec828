// Callers and upstreams that take their time: heads and bodies that drip, sockets that say nothing, more connections than one
// address may have, a model that never answers. Whoever is honest is served meanwhile.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answered } from '../support/gateway-load.js';
import { askOver } from '../support/gateway-load.js';
import { GatewayHome, NO_VERDICT, pause, until } from '../support/gateway-process.js';
import type { Running } from '../support/gateway-process.js';
import type { ModelUpstream } from '../support/gateway-upstreams.js';
import { INFER, probabilities, startUpstream } from '../support/gateway-upstreams.js';

const PER_ADDRESS = 60;
const ATTACKERS = 40;

/** A caller who never finishes. */
class Slow {
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout | undefined;
  said = '';
  readonly closed: Promise<void>;
  isClosed = false;

  /** @param drip sent again and again */
  constructor(port: number, begin: string, drip = '', from = '127.0.0.1') {
    // It does not hang up when it is told off: whoever waits for that holds the connection for it.
    this.#socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: drip !== '' });
    this.#socket.on('data', (data: Buffer) => (this.said += data.toString('latin1')));
    this.#socket.on('error', () => undefined);
    this.#socket.write(begin);
    this.#timer = drip === '' ? undefined : setInterval(() => this.#socket.write(drip), 100);
    this.closed = new Promise((done) =>
      this.#socket.once('close', () => {
        this.isClosed = true;
        clearInterval(this.#timer);
        done();
      }),
    );
  }

  get status(): number {
    return Number(this.said.split(' ')[1] ?? 0);
  }

  end(): void {
    this.#socket.destroy();
  }
}

describe('slow callers and slow upstreams', () => {
  let home: GatewayHome;
  let gateway: Running;
  let model: ModelUpstream;
  let silent: ModelUpstream;
  let dripping: ModelUpstream;
  let honest: string;
  let slow: string;
  const agent = new Agent({ keepAlive: false, localAddress: '127.0.0.2' });
  const asHonest = (path = INFER): Promise<Answered> => askOver(agent, gateway.restPort, honest, path);

  beforeAll(async () => {
    [model, silent, dripping] = await Promise.all([
      startUpstream(probabilities),
      startUpstream(() => undefined),
      startUpstream((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 100);
        response.once('close', () => clearInterval(timer));
      }),
    ]);
    const short = { connections: 2, queue: 2, headersSeconds: 1, idleSeconds: 1, totalSeconds: 2 };
    home = new GatewayHome({
      listen: { rest: { address: '127.0.0.1:0', connections: 500, connectionsPerAddress: PER_ADDRESS } },
      http: { headersSeconds: 1, requestSeconds: 2 },
      upstreams: {
        model: { url: model.url },
        silent: { url: silent.url, ...short, breaker: { minimum: 8 } },
        dripping: { url: dripping.url, ...short },
      },
      routes: ['digits', 'silent', 'dripping'].map((name) => ({
        model: name,
        protocol: 'oip',
        upstream: name === 'digits' ? 'model' : name,
        serving: NO_VERDICT,
      })),
    });
    [honest, slow] = [await home.key('honest'), await home.key('slow')];
    gateway = await home.start();
  });
  afterAll(async () => {
    agent.destroy();
    await home.end();
    await Promise.all([model, silent, dripping].map((one) => one.close()));
  });

  /** Everybody is turned out, and an honest caller is answered all the while. */
  async function served(attackers: readonly Slow[]): Promise<void> {
    const statuses: number[] = [];
    try {
      await until(async () => {
        statuses.push((await asHonest()).status);
        await pause(50);
        return attackers.every(({ isClosed }) => isClosed);
      });
    } finally {
      for (const one of attackers) one.end();
    }
    expect(statuses.length).toBeGreaterThan(3);
    expect(new Set(statuses)).toEqual(new Set([200]));
  }
  const many = (begin: string, drip?: string, count = ATTACKERS): readonly Slow[] =>
    Array.from({ length: count }, () => new Slow(gateway.restPort, begin, drip));

  it('heads that drip are cut', async () => {
    const attackers = many(`POST ${INFER} HTTP/1.1\r\nhost: x\r\n`, 'x: y\r\n');
    await served(attackers);
    // Some lose what was said to them, since they were still talking.
    expect(attackers.filter(({ status }) => status !== 408 && status !== 0)).toEqual([]);
  });

  it('bodies that drip are cut, and recorded as theirs', async () => {
    const before = model.arrived.length;
    const head = `POST ${INFER} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${slow}\r\ncontent-type: application/json\r\n`;
    const half = ATTACKERS / 2;
    await served([
      ...many(`${head}content-length: 1000\r\n\r\n`, ' ', half),
      ...many(`${head}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n', half),
    ]);
    const bodies = model.arrived.slice(before).map(({ body }) => body.length);
    expect(bodies.every((length) => length > 50)).toBe(true);
  });

  it('sockets that say nothing are cut', async () => {
    await served(many(''));
  });

  it('one address gets as many connections as it may, and the others theirs', async () => {
    const head = `GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n`;
    const idle = Array.from({ length: PER_ADDRESS + 20 }, () => new Slow(gateway.restPort, head));
    try {
      await until(() => idle.filter(({ isClosed }) => isClosed).length === 20);
      expect(idle.filter(({ status }) => status === 200)).toHaveLength(PER_ADDRESS);
      expect((await asHonest()).status).toBe(200);
      const [first] = idle.filter(({ isClosed }) => !isClosed);
      first?.end();
      await first?.closed;
      await until(async () => {
        const late = new Slow(gateway.restPort, head);
        await pause(50);
        late.end();
        return late.status === 200;
      });
    } finally {
      for (const one of idle) one.end();
    }
  });

  it('a model that never answers is given up, its queue is short, and the other model is not held up', async () => {
    const path = '/v2/models/silent/infer';
    // Of an address of its own: connections of the test before may still count.
    const both = new Agent({ keepAlive: true, localAddress: '127.0.0.3' });
    const asked = Array.from({ length: 12 }, () => askOver(both, gateway.restPort, slow, path));
    expect((await asHonest()).status).toBe(200);
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    // Two on their way and two in the queue; eight more at once are too many.
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(8);
    expect(statuses.filter((status) => status === 504).length).toBeGreaterThanOrEqual(2);
    // After eight failures nobody waits for it any more.
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 4 }, () => askOver(both, gateway.restPort, slow, path)));
    const arrived = silent.arrived.length;
    expect((await askOver(both, gateway.restPort, slow, path)).status).toBe(503);
    expect(silent.arrived).toHaveLength(arrived);
    expect((await asHonest()).status).toBe(200);
    both.destroy();
  });

  it('an answer that drips is given up', async () => {
    expect((await asHonest('/v2/models/dripping/infer')).status).toBe(504);
  });

  it('who drips stands in the records', async () => {
    await gateway.stop();
    const late = (await home.decisions()).filter(({ principal, code }) => principal === 'slow' && code === 'time-out');
    expect(late.reduce((sum, { times = 1 }) => sum + times, 0)).toBe(ATTACKERS);
  });
});
