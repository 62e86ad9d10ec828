// Protobuf text as far as a configuration of Triton needs it: which fields stand where, and the texts of those that have one.
// A text may be written in parts, in either quotes, with escapes; a message in braces or in angle brackets.

/** A field with a text, and the messages that it stands in, outermost first. */
export interface TextField {
  readonly name: string;
  readonly path: readonly string[];
  readonly text: string;
  readonly line: number;
}

export interface TextFields {
  readonly fields: readonly TextField[];
  /** Names of the outermost fields. */
  readonly top: ReadonlySet<string>;
  readonly fault?: string;
}

const TOKEN =
  /\s+|#[^\n]*|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|[A-Za-z_][\w.]*|[-+]?[\d.][\w.+-]*|[{}<>[\]:;,]/y;
const MAX_TOKENS = 1_000_000;
const MAX_DEPTH = 100;

export function readTextFields(text: string): TextFields {
  const fields: TextField[] = [];
  const top = new Set<string>();
  const path: string[] = [];
  let name = '';
  let parts: string | undefined;
  let line = 1;
  let fault: string | undefined;
  const close = (): void => {
    if (parts !== undefined) fields.push({ name, path: [...path], text: parts, line });
    parts = undefined;
  };
  TOKEN.lastIndex = 0;
  for (let count = 0; TOKEN.lastIndex < text.length; count++) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null || count > MAX_TOKENS || path.length > MAX_DEPTH) {
      fault = match === null ? `line ${line} is no protobuf text` : 'it is too long or nested too deep';
      break;
    }
    const [token, double, single] = match;
    if (/^[\s#]/.test(token)) {
      line += token.split('\n').length - 1;
      continue;
    }
    const quoted = double ?? single;
    if (quoted !== undefined) parts = (parts ?? '') + unescaped(quoted);
    else {
      close();
      if (token === '{' || token === '<') path.push(name);
      else if (token === '}' || token === '>') path.pop();
      else if (
        /^[A-Za-z_]/.test(token) &&
        /^\s*(?:#[^\n]*\n\s*)*[:{<[]/.test(text.slice(at + token.length, at + token.length + 500))
      ) {
        name = token;
        if (path.length === 0) top.add(name);
      }
    }
  }
  close();
  if (fault === undefined && path.length > 0) fault = 'it ends inside a message';
  return fault === undefined ? { fields, top } : { fields, top, fault };
}

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/gs, (_, code: string) => {
    if (/^x./.test(code)) return String.fromCharCode(parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8));
    return code === 'n' ? '\n' : code === 't' ? '\t' : code;
  });
}
