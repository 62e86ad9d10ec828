// Start-up hooks of Python: a text `x.pth` in a folder of packages runs each line that begins with `import` whenever Python
// starts, long before anybody loads a model. Weights share the extension, and they are never text.
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';
import { notePython } from './examine-python.js';

export async function examineStartupHook(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a start-up hook');
  if (text === undefined) return;
  const known = context.rules.files.pythonCode.startupHooks.map((pattern) => new RegExp(pattern));
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = raw.trimEnd();
    const at = { location: { line: index + 1 } };
    if (!/^import[ \t]/.test(line)) {
      if (/^(?:\/|\.\.|[A-Za-z]:)/.test(line))
        find(context, item, {
          rule: 'VLM-PYS-021',
          detail: `adds the path ${line.slice(0, 100)}, line ${index + 1}`,
          ...at,
        });
      continue;
    }
    const shown = `${line.slice(0, 120)}${line.length > 120 ? '...' : ''}, line ${index + 1}`;
    if (line.length < 1000 && known.some((pattern) => pattern.test(line))) {
      find(context, item, { rule: 'VLM-PYS-021', detail: shown, ...at });
      continue;
    }
    find(context, item, { rule: 'VLM-PYS-020', detail: shown, ...at });
    notePython(context, { ...item, name: 'sitecustomize.py' }, Buffer.from(line, 'utf8'), { line: index });
  }
}
