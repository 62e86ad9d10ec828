// The catalog of evidence kinds that this release ships.
import evidenceKinds from '@vallum/catalog/evidence-kinds.json' with { type: 'json' };
import type { KindCatalog } from '@vallum/core';
import { readKinds } from '@vallum/core';

export function shippedKinds(): KindCatalog {
  return readKinds(evidenceKinds);
}
