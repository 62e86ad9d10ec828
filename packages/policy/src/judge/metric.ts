// A figure is judged on the bound of its interval, not on its point: "at most" on the upper bound, "at least" on the
// lower one. A figure with a sample but without an interval says nothing about the bound, so it proves nothing.
import type { EvidencePredicate, Metric } from '@vallum/core';
import type { MetricRule } from '../requirement.js';
import { metricsOf } from './evidence.js';

export type MetricAnswer =
  | { readonly result: 'pass' }
  | {
      readonly result: 'refused';
      readonly side: 'atMost' | 'atLeast';
      readonly bound: number;
      readonly message: string;
    }
  | { readonly result: 'not-proven'; readonly code: string; readonly message: string };

/** The worst answer over all figures with that id. */
export function judgeMetric(predicate: EvidencePredicate, rule: MetricRule): MetricAnswer {
  const answers = metricsOf(predicate, rule.id).map((metric) => judgeOne(metric, rule));
  if (answers.length === 0)
    return { result: 'not-proven', code: 'metric-missing', message: `the figure ${rule.id} is missing` };
  if (rule.atMost === undefined && rule.atLeast === undefined)
    return { result: 'not-proven', code: 'no-threshold', message: `the policy gives ${rule.id} no bound` };
  const refused = answers.filter((answer) => answer.result === 'refused');
  const worst = refused.sort((a, b) => (a.side === 'atMost' ? b.bound - a.bound : a.bound - b.bound))[0];
  return worst ?? answers.find((answer) => answer.result === 'not-proven') ?? { result: 'pass' };
}

function judgeOne(metric: Metric, rule: MetricRule): MetricAnswer {
  const bounds = boundsOf(metric);
  if (bounds === undefined)
    return {
      result: 'not-proven',
      code: 'no-interval',
      message: `the figure ${metric.id} has no interval that holds its value, so its bound is not known`,
    };
  const point = `${metric.id} ${format(metric.value)}${metric.n === undefined ? '' : `, n ${metric.n}`}`;
  if (rule.atMost !== undefined && bounds.high > rule.atMost)
    return {
      result: 'refused',
      side: 'atMost',
      bound: bounds.high,
      message: `upper bound ${format(bounds.high)} is above ${format(rule.atMost)} (${point})`,
    };
  if (rule.atLeast !== undefined && bounds.low < rule.atLeast)
    return {
      result: 'refused',
      side: 'atLeast',
      bound: bounds.low,
      message: `lower bound ${format(bounds.low)} is below ${format(rule.atLeast)} (${point})`,
    };
  return { result: 'pass' };
}

/** An exact figure (no sample, no interval) is its own bound. */
function boundsOf({ value, n, interval }: Metric): { readonly low: number; readonly high: number } | undefined {
  if (interval === undefined) return n === undefined ? { low: value, high: value } : undefined;
  return interval.low <= value && value <= interval.high ? interval : undefined;
}

function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}
