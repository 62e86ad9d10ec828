// One operation of one route made ready: how its bodies are read, what may go in and out, and what detectors get to see.
import type { Route } from '../config/config.js';
import type { Step } from '../detectors/step.js';
import type { Operation } from '../door/operation.js';
import type { Plan, StreamGuard } from '../door/parts.js';
import { isRefusal } from '../door/refusal.js';
import { compileInputGuard } from '../guard/input/input-guard.js';
import type { GatewayRanges } from '../guard/learn/ranges.js';
import { compileOutputGuard } from '../guard/output/output-guard.js';
import { SseFilter } from '../guard/stream/sse-filter.js';
import { compileTextGuard } from '../guard/text/text-guard.js';
import { inspectBody } from '../protocol/inspect-body.js';
import { readAnswer } from '../protocol/read-answer.js';
import type { Sketching } from './sketching.js';

export interface PlanParts {
  /** What was learned of the training data, for the routes that name a file of it. */
  readonly learned: (file: string) => GatewayRanges;
  /** Of this gateway, for noise that repeats. */
  readonly secret: Buffer;
  /** Absent where nobody looks at sequences of queries. */
  readonly sketching: (route: Route, learned: GatewayRanges | undefined) => Sketching | undefined;
}

export function planRoute(route: Route, parts: PlanParts): readonly Plan[] {
  const { input, output, model, upstreamModel, versions } = route.settings;
  const learned = input.learned === undefined ? undefined : parts.learned(input.learned);
  const guardInput = compileInputGuard(input, learned);
  const guardOutput = compileOutputGuard(output, route.settings.protocol);
  const sketching = parts.sketching(route, learned);
  const texts = compileTextGuard(output);
  const bodies = { ...input, model, upstreamModel, versions };
  return route.operations.map((operation) => ({
    route,
    operation,
    asked: { route: route.id, model, protocol: route.settings.protocol, operation },
    maxBytes: operation.body === 'none' ? 0 : input.maxBytes,
    inspect: (body, head) => inspectBody(operation.body, body, head, bodies),
    guardInput,
    guardAnswer: (body, headers, context) => {
      const contentType = headers['content-type'];
      const headerLength = headers['inference-header-content-length'];
      const original = readAnswer(operation.body, body, { contentType, headerLength }, model);
      if (isRefusal(original)) return original;
      const guarded = guardOutput(original, {
        principal: context.principal,
        inputDigest: context.input ?? '',
        secret: parts.secret,
        step: context.step,
      });
      return isRefusal(guarded) ? guarded : { ...guarded, original };
    },
    guardStream: hasStreams(operation)
      ? ({ step }): StreamGuard => new SseFilter({ texts, withoutLogprobs: output.labelOnly || isPoorer(step), model })
      : undefined,
    ...(sketching === undefined || operation.action !== 'infer' ? {} : { sketch: sketching }),
  }));
}

function hasStreams({ body }: Operation): boolean {
  return body === 'openai-chat' || body === 'openai-completion';
}

function isPoorer(step: Step): boolean {
  return step === 'degrade' || step === 'block';
}
