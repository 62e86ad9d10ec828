// A worker process: listens, and lets the door decide. It owns no state that counts: records, budgets and steps are the
// primary's, and when the primary is gone it takes nothing more.
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { messageOf, VallumError } from '@vallum/core';
import type { ListenerSettings } from '../../config/schema.js';
import type { GrpcUpstream } from '../../grpc/ports.js';
import { openPackedKeys } from '../../who/keys/key-ring.js';
import { grpcUpstream } from '../grpc/call-upstream.js';
import { grpcLimits } from '../grpc/limits.js';
import type { GrpcServer } from '../grpc/serve-grpc.js';
import { serveGrpc } from '../grpc/serve-grpc.js';
import { restServer } from '../rest/serve-rest.js';
import { UpstreamPool } from '../upstream/pool.js';
import { cannotListen, placeOf } from './listen.js';
import { LoopDelay } from './loop-delay.js';
import type { Ports, ToPrimary, ToWorker, WorkerStart } from './messages.js';
import type { WorkerParts } from './worker-parts.js';
import { workerParts } from './worker-parts.js';

const TELL_MS = 1_000;

export class Worker {
  readonly #start: WorkerStart;
  readonly #send: (message: ToPrimary) => void;
  readonly #parts: WorkerParts;
  readonly #delay = new LoopDelay();
  readonly #pools = new Map<string, UpstreamPool>();
  readonly #grpcPools = new Map<string, GrpcUpstream>();
  readonly #timer: NodeJS.Timeout;
  #rest: Server | undefined;
  #grpc: GrpcServer | undefined;
  #isStopping = false;

  constructor(start: WorkerStart, send: (message: ToPrimary) => void) {
    this.#start = start;
    this.#send = send;
    this.#parts = workerParts(start, send);
    this.#timer = setInterval(() => this.#tell(), TELL_MS);
  }

  /** Opens the listeners. @throws VallumError `GATEWAY_LISTEN`, `GATEWAY_FILE`, `LISTENER_*` */
  async listen(): Promise<Ports> {
    const { settings } = this.#parts.config;
    for (const [name, upstream] of Object.entries(settings.upstreams)) {
      if (upstream.url.startsWith('grpc')) this.#grpcPools.set(name, this.#grpcPool(name));
      else this.#pools.set(name, new UpstreamPool(upstream, (file) => this.#path(file)));
    }
    await this.#parts.identifier.refresh();
    const rest = settings.listen.rest === undefined ? undefined : await this.#listenRest(settings.listen.rest);
    const grpc = settings.listen.grpc === undefined ? undefined : await this.#listenGrpc(settings.listen.grpc);
    return { ...(rest === undefined ? {} : { rest }), ...(grpc === undefined ? {} : { grpc }) };
  }

  async #listenRest(listener: ListenerSettings): Promise<number> {
    const { settings } = this.#parts.config;
    const { tls } = listener;
    const server = restServer({
      settings,
      door: this.#parts.door,
      upstream: (name) => this.#pool(name),
      ...(tls === undefined
        ? {}
        : {
            tls: {
              cert: this.#read(tls.certificate),
              key: this.#read(tls.key),
              minVersion: 'TLSv1.2',
              ...(tls.clientAuthorities === undefined
                ? {}
                : {
                    ca: this.#read(tls.clientAuthorities),
                    requestCert: true,
                    rejectUnauthorized: tls.requireClient,
                  }),
            },
          }),
    });
    this.#rest = server;
    const { host, port } = placeOf(listener.address);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(listener.address, error)));
      server.listen(port, host, resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  async #listenGrpc(listener: ListenerSettings): Promise<number> {
    const { settings } = this.#parts.config;
    const { tls, connections, connectionsPerAddress } = listener;
    const { host, port } = placeOf(listener.address);
    this.#grpc = await serveGrpc({
      door: this.#parts.door,
      health: { live: () => true, ready: () => this.#parts.door.isReady && !this.#isStopping },
      upstream: (name) => this.#grpcPools.get(name),
      limits: grpcLimits(settings.http),
      waitForRecord: settings.records.durable === 'before',
      listener: {
        host,
        port,
        connections,
        connectionsPerAddress,
        ...(tls === undefined
          ? {}
          : {
              tls: {
                certificate: this.#read(tls.certificate),
                key: this.#read(tls.key),
                requireClient: tls.requireClient,
                ...(tls.clientAuthorities === undefined
                  ? {}
                  : { clientAuthorities: this.#read(tls.clientAuthorities) }),
              },
            }),
      },
    });
    return this.#grpc.port;
  }

  #grpcPool(name: string): GrpcUpstream {
    const settings = this.#parts.config.settings.upstreams[name];
    if (settings === undefined) throw new Error(`no upstream ${name}`);
    const { authorities, token } = settings;
    return grpcUpstream(settings, {
      ...(authorities === undefined ? {} : { authorities: this.#read(authorities) }),
      ...(token === undefined ? {} : { token: this.#read(token).trim() }),
    });
  }

  #pool(name: string): UpstreamPool {
    const pool = this.#pools.get(name);
    if (pool === undefined) throw new Error(`no upstream ${name}`);
    return pool;
  }

  /** A message of the primary. */
  async hear(message: Exclude<ToWorker, { type: 'start' }>): Promise<void> {
    const { records, leases, authoriser, identifier, stand } = this.#parts;
    switch (message.type) {
      case 'records-ack':
        return records.answered(message);
      case 'leased':
        return leases.leased(message.id, message.answers);
      case 'records-ready':
        return records.tell(message.ready);
      case 'standing':
        return stand(message.standing);
      case 'policies':
        return authoriser.replace(message.policies);
      case 'keys':
        return identifier.useKeys(openPackedKeys(message.keys.packed, message.keys.pepper));
      case 'stop':
        return this.stop();
    }
  }

  /** Takes nothing new, lets what runs come to its end for a while, and hands the last records over. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const drainMs = this.#parts.config.settings.http.drainSeconds * 1_000;
    await Promise.all([this.#closeRest(drainMs), this.#grpc?.close(drainMs)]);
    clearInterval(this.#timer);
    this.#delay.stop();
    this.#tell();
    this.#parts.sketches.flush();
    await this.#parts.accounts.close(performance.now());
    await this.#parts.sparing.tell(Infinity).catch(() => undefined);
    await this.#parts.records.flush().catch(() => undefined);
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
    for (const pool of this.#grpcPools.values()) pool.close();
  }

  async #closeRest(drainMs: number): Promise<void> {
    const server = this.#rest;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    await closed;
    clearInterval(idle);
    clearTimeout(cut);
  }

  #tell(): void {
    const { counts, records, upstreams, sparing, accounts } = this.#parts;
    const queue = [...upstreams.values()].reduce((sum, { waiting }) => sum + waiting, 0);
    this.#send(
      counts.take({
        queue,
        loopDelaySeconds: this.#delay.take(),
        recordsWaiting: records.waiting,
        recordsLost: records.lost,
      }),
    );
    sparing.tell().catch(() => undefined);
    void accounts.sweep(performance.now());
  }

  #read(file: string): string {
    try {
      return readFileSync(this.#path(file), 'utf8');
    } catch (error) {
      throw new VallumError('GATEWAY_FILE', `gateway.yaml names ${file}, which cannot be read: ${messageOf(error)}`, {
        fix: 'put the file there, or correct its name',
      });
    }
  }

  #path(file: string): string {
    return isAbsolute(file) ? file : join(this.#start.folder, file);
  }
}
