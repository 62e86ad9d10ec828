// `vallum gateway`: opens the door and keeps it until it is told to stop.
import { dirname, resolve } from 'node:path';
import type { GatewayConfig } from '@vallum/gateway';
import { Primary, readGatewayConfig } from '@vallum/gateway';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { GatewayEvidence } from '../project/gateway-evidence.js';
import { gatewayPolicies } from '../project/gateway-policies.js';
import { gatewaySink } from '../project/gateway-sinks.js';
import { gatewayWatches } from '../project/gateway-watches.js';
import { TOOL } from '../version.js';

export interface GatewayOptions {
  readonly config: string;
  readonly workers?: string;
}

const MAX_CONFIG = 1024 * 1024;
const EVIDENCE_MS = 30 * 60_000;

export async function gatewayCommand(io: Io, options: GatewayOptions): Promise<Answer> {
  const config = await readConfig(io, options);
  const { settings, folder } = config;
  const state = resolve(folder, settings.state);
  const policies = await gatewayPolicies(io.disk, config, io.clock());
  const sink = await gatewaySink(io.disk, config, state);
  const evidence = new GatewayEvidence(config, state, io);
  const stopped = whenStopped();
  const primary = await Primary.start({
    config,
    state,
    disk: io.disk,
    version: TOOL.version,
    policies,
    ...(settings.policy === undefined ? {} : { readPolicies: () => gatewayPolicies(io.disk, config, io.clock()) }),
    watches: gatewayWatches(config, io),
    looked: (route, watch) => evidence.looked(route, watch),
    ...(sink === undefined ? {} : { sink }),
    tell: (line) => io.notice(line),
  }).catch(async (error: unknown) => {
    stopped.forget();
    await sink?.close();
    throw error;
  });
  tellPlaces(io, config, primary);
  void evidence.write(primary);
  const timer = setInterval(() => void evidence.write(primary), EVIDENCE_MS);
  const signal = await stopped.signal;
  clearInterval(timer);
  io.notice(`${signal}: no new requests; those under way have ${settings.http.drainSeconds} s`);
  await primary.stop();
  await evidence.settled();
  await sink?.close();
  const { size, root } = primary.records.log;
  const { counts } = primary.events;
  return {
    exit: EXIT.pass,
    text: `${settings.name} stopped after ${size} records in all; events: ${counts.delivered} delivered, ${counts.dropped} dropped`,
    json: {
      schema: 'vallum/gateway-run/v1',
      gateway: settings.name,
      config: config.digest,
      records: { size, root },
      events: { emitted: counts.emitted, delivered: counts.delivered, dropped: counts.dropped },
    },
  };
}

async function readConfig(io: Io, { config: file, workers }: GatewayOptions): Promise<GatewayConfig> {
  const path = resolve(io.folder, file);
  return readGatewayConfig(
    await io.disk.read(path, MAX_CONFIG),
    dirname(path),
    workers === undefined ? undefined : Number(workers),
  );
}

function tellPlaces(io: Io, { settings, routes }: GatewayConfig, { ports }: Primary): void {
  const { rest, grpc } = settings.listen;
  const place = (address: string, port: number | undefined): string => address.replace(/:\d+$/, `:${port ?? 0}`);
  if (rest !== undefined)
    io.notice(`REST on ${rest.tls === undefined ? 'http' : 'https'}://${place(rest.address, ports.rest)}`);
  if (grpc !== undefined) io.notice(`gRPC on ${place(grpc.address, ports.grpc)}`);
  io.notice(`metrics on http://${place(settings.operator.address, ports.operator)}/metrics`);
  for (const { id, settings: route } of routes)
    if (route.serving.by === 'nothing' && !id.startsWith('administration'))
      io.notice(`${id} serves without a verdict: ${route.serving.reason}`);
  io.notice(`${settings.name} is open with ${settings.workers} worker${settings.workers === 1 ? '' : 's'}`);
}

interface Stopped {
  /** The name of the signal that ends it. A second one ends the process at once. */
  readonly signal: Promise<NodeJS.Signals>;
  /** Signals mean again what they mean everywhere. */
  readonly forget: () => void;
}

function whenStopped(): Stopped {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let heard: (name: NodeJS.Signals) => void = () => undefined;
  const forget = (): void => names.forEach((name) => process.off(name, heard));
  const signal = new Promise<NodeJS.Signals>((done) => {
    heard = (name) => {
      forget();
      done(name);
    };
    for (const name of names) process.on(name, heard);
  });
  return { signal, forget };
}
