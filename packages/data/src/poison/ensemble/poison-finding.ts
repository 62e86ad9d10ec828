// A finding of the ensemble, with the techniques of ATLAS that it may be a sign of.
import type { Finding } from '@vallum/core';

type Maker = (
  location: Finding['location'],
  rule: string,
  severity: Finding['severity'],
  message: string,
  fix: string,
) => Finding;

export function findingsWith(atlas: readonly string[]): Maker {
  return (location, rule, severity, message, fix) => ({
    rule,
    severity,
    message,
    location,
    atlas,
    cve: [],
    cwe: [],
    fix,
  });
}
