// A configuration that was read and checked: settings with defaults filled in, routes with their ids and operations.
import type { Sha256 } from '@vallum/core';
import type { Operation } from '../door/operation.js';
import type { GatewaySettings, RouteSettings } from './schema.js';

export interface Route {
  /** `<protocol>/<model>`, unique; or `administration/<index>`. */
  readonly id: string;
  readonly settings: RouteSettings;
  readonly operations: readonly Operation[];
}

export interface GatewayConfig {
  readonly settings: GatewaySettings;
  readonly routes: readonly Route[];
  /** Of the settings as canonical JSON: what `gateway.config` speaks about and every record names. */
  readonly digest: Sha256;
  /** Folder of gateway.yaml; files that it names are looked for from there. */
  readonly folder: string;
}
