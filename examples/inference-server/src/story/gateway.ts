// The gateway of the story: its settings, the running command, and what its operator sees.
import { readFile, writeFile } from 'node:fs/promises';
import type { Accounts } from './accounts.js';
import { AUDIENCE, ISSUER } from './accounts.js';
import type { Running, World } from './world.js';

/** What an event says that matters here. */
export interface GatewayEvent {
  /** `step-changed`, `extraction-suspected`, ... */
  readonly kind: string;
  readonly principal?: string;
  readonly why: string;
}

/** Seconds between two looks at the model store. */
export const LOOK_SECONDS = 1;
/** Detectors think beside the requests, and events take a moment to the file. */
const SETTLE_MS = 1_000;
/** Rows that one account may ever ask on the route with a lifetime budget. */
export const LIFETIME = 40;

export class Gateway {
  readonly #world: World;
  readonly running: Running;
  readonly origin: string;

  private constructor(world: World, running: Running, origin: string) {
    this.#world = world;
    this.running = running;
    this.origin = origin;
  }

  static async start(world: World, upstream: string, accounts: Accounts): Promise<Gateway> {
    await writeFile(world.path('jwks.json'), JSON.stringify(accounts.keySet));
    await writeFile(world.path('gateway.yaml'), settings(upstream));
    const running = world.startVallum('gateway', '--config', world.path('gateway.yaml'));
    const [, origin = ''] = await running.line(/REST on (http:\S+)/);
    await running.line(/ is open with /);
    return new Gateway(world, running, origin);
  }

  /** What was told so far about security. */
  async events(): Promise<readonly GatewayEvent[]> {
    const text = await readFile(this.#world.path('events.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => eventOf(JSON.parse(line) as RawEvent));
  }

  /** The last step of each of these accounts that moved, with what was seen on the way. */
  async standings(names: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const found = new Map<string, { steps: string[]; seen: Set<string> }>();
    for (const { kind, principal = '', why } of await this.events()) {
      const name = names.find((one) => principal === `${ISSUER}#${one}`);
      if (name === undefined) continue;
      const entry = found.get(name) ?? { steps: [], seen: new Set<string>() };
      found.set(name, entry);
      const [, to] = /went from \w+ to (\w+)/.exec(why) ?? [];
      if (to !== undefined) entry.steps.push(to);
      else if (kind.endsWith('-suspected')) entry.seen.add(`${kind}: ${why}`);
    }
    return new Map([...found].map(([name, { steps, seen }]) => [name, { steps, seen: [...seen] }]));
  }
}

export interface Standing {
  readonly steps: readonly string[];
  readonly seen: readonly string[];
}

/** What was seen first, and how it went on. */
export function toldStanding({ steps, seen }: Standing): string {
  return `${seen.slice(0, 2).join('; ')}; observe -> ${steps.join(' -> ')}`;
}

interface RawEvent {
  readonly type: string;
  readonly data: {
    readonly message?: string;
    readonly unmapped?: { readonly vallum?: { readonly principal?: string; readonly why?: string } };
  };
}

function eventOf({ type, data }: RawEvent): GatewayEvent {
  const { principal, why } = data.unmapped?.vallum ?? {};
  return {
    kind: type.replace(/^dev\.vallum\.gateway\.|\.v1$/g, ''),
    ...(principal === undefined ? {} : { principal }),
    why: why ?? data.message ?? '',
  };
}

/** JSON is YAML too. */
function settings(upstream: string): string {
  const serving = { by: 'store', project: 'project', version: 'v1', folder: 'served/digits' };
  // Enough for any honest caller; on the step `tighten` a tenth of it.
  const limits = { requests: { limit: 36_000, per: 'hour', burst: 3_000 } };
  const digits = { protocol: 'oip', upstream: 'models', upstreamModel: 'digits', serving, limits };
  const detection = { kind: 'tensor', most: 'block' };
  return JSON.stringify({
    schema: 'vallum/gateway/v1',
    name: 'story',
    listen: { rest: { address: '127.0.0.1:0' } },
    operator: { address: '127.0.0.1:0' },
    identity: {
      issuers: [{ issuer: ISSUER, audience: AUDIENCE, algorithms: ['EdDSA'], jwks: 'jwks.json', roles: ['infer'] }],
    },
    upstreams: { models: { url: upstream } },
    routes: [
      { model: 'digits', ...digits, detection },
      { model: 'digits-metered', ...digits, limits: { ...limits, lifetime: LIFETIME }, detection },
      {
        model: 'spam-filter',
        protocol: 'oip',
        upstream: 'models',
        serving: { by: 'nothing', reason: 'how a version of it gets its verdict is the story of npm start' },
        limits,
        detection: { kind: 'text', most: 'block' },
        // The longest mails are.
        input: { maxTextLength: 1_048_576 },
      },
    ],
    serving: { everySeconds: LOOK_SECONDS },
    // Many bad accounts come in one minute here.
    detection: { blocksPerHour: 100 },
    events: { file: 'events.jsonl' },
  });
}
