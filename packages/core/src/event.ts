// An event as rooms hand it to each other: one security-relevant thing at run time, in a CloudEvents 1.0 envelope (JSON
// event format) with an OCSF body. Whoever makes events knows nothing of where they go, and the other way round.
import type { JsonObject } from './json.js';

export interface SecurityEvent {
  readonly specversion: '1.0';
  /** Unique for its source; the same event sent twice has the same id. */
  readonly id: string;
  /** URI reference of who saw it: `urn:vallum:gateway:<name>`. */
  readonly source: string;
  /** `dev.vallum.<area>.<event>.v1` */
  readonly type: string;
  /** RFC 3339, in UTC. */
  readonly time: string;
  /** What it is about, such as a route or a model. */
  readonly subject?: string;
  readonly datacontenttype: 'application/json';
  /** OCSF event; what has no place there is in `unmapped.vallum`. */
  readonly data: JsonObject;
}

/** Where events go. */
export interface EventSink {
  /** A promise resolves when the event is where the sink says it takes it, and rejects when it is lost. */
  emit(event: SecurityEvent): void | Promise<void>;
}
