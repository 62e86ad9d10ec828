// The configuration of a model of Triton (config.pbtxt): which backend runs it. The Python backend runs `model.py`, a backend
// that Triton does not bring is a shared library from the model's folder, and so are agents and libraries of operators.
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import type { TextField } from './triton-text.js';
import { readTextFields } from './triton-text.js';

const OUTSIDE = /^(?:[\\/~]|[A-Za-z]:)|(?:^|[\\/])\.\.(?:[\\/]|$)/;
const CODE = /\.(?:so|dll|dylib|py|sh|tar\.gz)$|:\/\//i;

export async function examineTriton(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a configuration of Triton');
  if (text === undefined) return;
  const { fields: known } = context.rules.files.serving;
  const { fields, top, fault } = readTextFields(text);
  for (const field of fields) {
    const rule = ruleOf(context, field);
    const detail = `${field.name}: ${JSON.stringify(field.text.slice(0, 120))}, line ${field.line}`;
    if (rule !== undefined) find(context, item, { rule, detail, location: { line: field.line } });
  }
  const unknown = [...top].filter((name) => !known.includes(name));
  if (unknown.length > 0)
    skip(context, item, 'as a configuration of Triton', `it has the field ${JSON.stringify(unknown[0]?.slice(0, 80))}`);
  if (fault !== undefined) skip(context, item, 'as a configuration of Triton', fault);
}

function ruleOf(context: Context, { name, path, text }: TextField): string | undefined {
  const { backends, agents } = context.rules.files.serving;
  switch (name) {
    case 'backend':
    case 'platform':
      return backends.includes(text) ? undefined : 'VLM-SRV-002';
    case 'op_library_filename':
    case 'runtime':
      return 'VLM-SRV-002';
    case 'name':
      return path.includes('agents') && !agents.includes(text) ? 'VLM-SRV-002' : undefined;
    case 'default_model_filename':
      return OUTSIDE.test(text) || CODE.test(text) ? 'VLM-SRV-002' : undefined;
    case 'value':
      return path.includes('cc_model_filenames') && OUTSIDE.test(text) ? 'VLM-SRV-002' : undefined;
    case 'string_value':
      return CODE.test(text) ? 'VLM-SRV-003' : undefined;
    default:
      return undefined;
  }
}
