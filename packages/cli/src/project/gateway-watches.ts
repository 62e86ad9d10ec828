// The serving gates of a gateway's routes, each with the project whose ledger decides, and the model as the route can see it.
import { resolve } from 'node:path';
import { nodeDisk, threadHasher } from '@vallum/core';
import type { GatewayConfig, IntegrityLook, Route, VerdictPass } from '@vallum/gateway';
import { askUpstream, replayCanary, RouteWatch, StoreWatch } from '@vallum/gateway';
import { SIGNATURE_FILE } from '@vallum/model';
import type { Io } from '../answer.js';
import { approvedFiles } from './serving-evidence.js';
import type { ServingReader } from './serving-verdict.js';
import { servingReader } from './serving-verdict.js';
import type { Environment } from './session.js';
import { openSession } from './session.js';

const VERDICT_MS = 30_000;
const INTEGRITY_MS = 600_000;
const CANARY_MS = 10_000;
const MAX_CANARY = 16 * 1024 * 1024;

type Verified = Exclude<Route['settings']['serving'], { by: 'nothing' }>;

/** By id of the route; those that serve without a verdict have none. */
export function gatewayWatches(config: GatewayConfig, io: Io): ReadonlyMap<string, RouteWatch> {
  const { everySeconds, graceSeconds } = config.settings.serving;
  const watches = new Map<string, RouteWatch>();
  for (const { id, settings } of config.routes) {
    const { serving } = settings;
    if (serving.by === 'nothing') continue;
    const environment = projectOf(config, serving.project, io);
    const reader = servingReader(environment, serving.version);
    const rules = {
      by: serving.by,
      atExpiry: serving.atExpiry,
      everyMs: everySeconds * 1_000,
      graceMs: graceSeconds * 1_000,
    };
    watches.set(
      id,
      new RouteWatch(rules, {
        clock: io.clock,
        verdict: () => reader.deployLook(),
        integrity: integrityOf(config, settings, serving, { environment, reader }),
        // Incidents come with the control plane.
        incident: () => undefined,
        verdictMs: VERDICT_MS,
        integrityMs: INTEGRITY_MS,
      }),
    );
  }
  return watches;
}

/** The project that a route names, as the person who runs the gateway sees it. */
export function projectOf({ folder }: GatewayConfig, project: string, io: Io): Environment {
  const { disk, clock, keysFolder, trustRoot } = io;
  const root = trustRoot === undefined ? {} : { trustRoot };
  return { disk, clock, keysFolder, folder: resolve(folder, project), ...root };
}

interface Known {
  readonly environment: Environment;
  readonly reader: ServingReader;
}

function integrityOf(
  { settings, folder }: GatewayConfig,
  route: Route['settings'],
  serving: Verified,
  { environment, reader }: Known,
): (pass: VerdictPass) => Promise<IntegrityLook> {
  switch (serving.by) {
    case 'declared':
      return async () => ({ kind: 'not-asked' });
    case 'store': {
      const watch = new StoreWatch({
        disk: nodeDisk,
        clock: environment.clock,
        folder: resolve(folder, serving.folder),
        hasher: threadHasher(nodeDisk),
        except: [SIGNATURE_FILE],
        approved: async (digest) => approvedFiles(await openSession(environment), serving.version, digest),
      });
      return ({ subject }) => watch.look(subject);
    }
    case 'canary': {
      const upstream = settings.upstreams[route.upstream];
      const authorities = upstream?.authorities;
      const asked = askUpstream({
        url: upstream?.url ?? '',
        timeoutMs: CANARY_MS,
        ...(authorities === undefined ? {} : { authorities: resolve(folder, authorities) }),
      });
      return async ({ subject }) => {
        try {
          const bytes = await environment.disk.read(resolve(folder, serving.canary), MAX_CANARY);
          return await replayCanary(reader.canary(bytes), subject, asked.ask);
        } catch (error) {
          return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
        }
      };
    }
  }
}
