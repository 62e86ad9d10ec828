// What a verdict stands on, as its statement names it.
import type { Sha256, Statement } from '@vallum/core';
import { isJsonObject, isSha256 } from '@vallum/core';

/** Ids of evidence, waivers and their approvals that a verdict used. */
export function idsBehind({ predicate }: Statement): readonly Sha256[] {
  const evidence = listOf(predicate['evidence']);
  const waivers = listOf(predicate['waivers']).flatMap((waiver) =>
    isJsonObject(waiver) ? [waiver['id'], waiver['approval']] : [],
  );
  return [...evidence, ...waivers].filter(isSha256);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
