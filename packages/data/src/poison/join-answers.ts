// One answer of several detectors: the worst counts, and the first reason that is given stays the reason. What the approved
// model was asked comes first, so that a missing predecessor is named as such - unless something was found, for a waiver of
// the missing predecessor must not cover that.
import type { ControlResult } from '@vallum/core';
import type { EnsembleAnswer } from './ensemble/ensemble-findings.js';
import type { FeedLook } from './ensemble/look-at-feeds.js';
import { BLIND } from './ensemble/report.js';

export function joinAnswers(asked: ControlResult, look: FeedLook, seen: EnsembleAnswer | undefined): ControlResult {
  const outcomes = [asked.outcome, look.suspected ? 'inconclusive' : 'pass', seen?.outcome ?? 'pass'];
  const outcome = outcomes.includes('fail') ? 'fail' : outcomes.includes('inconclusive') ? 'inconclusive' : 'pass';
  const suspected = look.suspected
    ? { code: 'trigger-suspected', message: 'rows of one label hold hidden characters that other rows do not' }
    : undefined;
  const reason = suspected ?? seen?.reason ?? asked.reason;
  const absent = { what: 'rows as features', why: 'no matrix of features or activations was given' };
  return {
    outcome,
    ...(outcome === 'inconclusive' && reason !== undefined ? { reason } : {}),
    findings: [...asked.findings, ...(seen?.findings ?? []), ...look.findings],
    metrics: [...asked.metrics, ...(seen?.metrics ?? [])],
    coverage: {
      examined: asked.coverage.examined,
      notExamined: [
        ...asked.coverage.notExamined,
        ...(seen === undefined ? [absent] : [...seen.notExamined, ...BLIND]),
      ],
    },
  };
}
