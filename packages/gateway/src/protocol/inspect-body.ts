// The body of a request by its form: what it asks for, and exactly the bytes that may go on; or why it may not.
import type { BodyForm } from '../door/operation.js';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import type { BodyHeaders, BodySettings } from './body-settings.js';
import type { Inspected } from './inspected.js';
import { inspectJson } from './json-form.js';
import { inspectMlflow } from './mlflow.js';
import { inspectOip } from './oip.js';
import { inspectOpenAi } from './openai.js';
import { inspectInferRequest, inspectSmall } from './proto/infer-request.js';

/**
 * @returns a Refusal `bad-input` when the body does not have the form, `too-large` beyond a bound of the route,
 * `unsupported-type` for a content type that is not read
 */
export function inspectBody(
  form: BodyForm,
  body: Buffer,
  headers: BodyHeaders,
  settings: BodySettings,
): Inspected | Refusal {
  if (body.length > settings.maxBytes) return refuse('too-large', `the body has more than ${settings.maxBytes} bytes`);
  switch (form) {
    case 'oip':
      return inspectOip(body, headers, settings);
    case 'mlflow':
      return inspectMlflow(body, headers, settings);
    case 'json':
      return inspectJson(body, headers, settings);
    case 'oip-proto':
      return inspectInferRequest(body, settings);
    case 'oip-proto-small':
      return inspectSmall(body, settings);
    case 'none':
      return body.length === 0 ? unread(body, {}) : refuse('bad-input', 'this request has no body');
    case 'opaque':
      return unread(body, headers.contentType === undefined ? {} : { 'content-type': headers.contentType });
    default:
      return inspectOpenAi(form, body, headers, settings);
  }
}

function unread(body: Buffer, headers: Readonly<Record<string, string>>): Inspected {
  return { inputs: [], elements: 0, rows: 1, stream: false, forward: body, headers };
}
