// What the parts of the JSON contract share: places of their own, and a run that is held to its schema.
import type { Person, Place } from '../command.js';

export type Json = Readonly<Record<string, unknown>>;

export interface Contract {
  /** A copy of the tiny project: as it was made, or with v1 released. */
  readonly place: (on: 'fresh' | 'released') => Place;
  /** Runs a command for its JSON; the exit code and the schema are asserted. */
  readonly json: (place: Place, person: Person, args: readonly string[], exit: number) => Promise<Json>;
  /** Holds what a command printed elsewhere to its schema. */
  readonly judge: (printed: string) => Json;
}
