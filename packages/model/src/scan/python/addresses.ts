// Where a call sends to or fetches from, and whether what it sends is the environment of the machine.
import type { PythonCall, PythonValue } from '@vallum/formats';
import { choices, HOLE, originOf } from '@vallum/formats';
import type { ShellRules } from '../shell/shell-rules.js';
import { originOf as hostOf, within } from '../shell/origins.js';
import type { CodeRules } from './code-rules.js';

/** `given`: only the caller of the code knows. */
export type Place = 'known' | 'odd' | 'other' | 'given';

const NAMED = ['url', 'address', 'host', 'uri', 'base_url', 'endpoint', 'hostname'];

export function addressOf(call: PythonCall): { readonly shown: string; readonly texts: readonly string[] } {
  const named = NAMED.map((name) => call.keywords.get(name)).filter((value) => value !== undefined);
  const texts = [...call.arguments.slice(0, 2), ...named].flatMap((value) => textsOf(value));
  const urls = texts.filter((text) => /^[a-z][a-z+]*:\/\//i.test(text) || /^[\w-]+(?:\.[\w-]+)+$/.test(text));
  return { shown: (urls[0] ?? '').replaceAll(HOLE, '...').slice(0, 100), texts: urls };
}

export function textsOf(value: PythonValue, depth = 0): readonly string[] {
  return choices(value).flatMap((one) => {
    if (one.kind === 'text') return [one.text];
    if (one.kind === 'list' && depth < 2) return one.items.slice(0, 16).flatMap((item) => textsOf(item, depth + 1));
    // urllib.request.Request("https://...") stands for its address.
    return [];
  });
}

export function placeOf(texts: readonly string[], rules: CodeRules, shell: ShellRules): Place {
  const kinds = texts.map((text): Place => {
    const plain = text.replaceAll(HOLE, '$');
    const host = /^(?:[a-z][a-z+]*:\/\/)?(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:?#\s]*)/i.exec(plain)?.[1]?.toLowerCase() ?? '';
    if (within(host, rules.data.knownHosts) || PRIVATE.test(host)) return 'known';
    if (host.includes('$') || host === '') return 'given';
    const { trust, why } = hostOf(plain, shell);
    if (trust === 'local' || trust === 'publisher' || trust === 'release') return 'known';
    return trust === 'bad' && !/^plain|^port/.test(why) ? 'odd' : 'other';
  });
  return (['odd', 'other', 'known'] as const).find((place) => kinds.includes(place)) ?? 'given';
}

/** This machine, its network, and public name servers that only tell which network card is used. */
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|127\.)[\d.]+$|^(?:8\.8\.8\.8|8\.8\.4\.4|1\.1\.1\.1|10\.255\.255\.255|\[::1?\])$/;

/** Whether the environment, or a variable of it, goes into what is sent. */
/** @param named the address itself carries the data: a look-up of a name */
export function leakOf(call: PythonCall, rules: CodeRules, named = false): 'whole' | 'key' | undefined {
  const sent = [...call.keywords].filter(([name]) => !rules.headers.has(name)).map(([, value]) => value);
  let key = false;
  for (const [index, value] of [...call.arguments, ...sent].entries()) {
    // An address that begins with a variable is an address from the environment.
    const isAddress = !named && index === 0 && !(value.kind === 'text' && !value.text.startsWith(HOLE));
    for (const origin of originOf(value)) {
      const name = rules.canonical(origin);
      if (rules.wholeEnvironment.get(name) !== undefined) return 'whole';
      key ||= !isAddress && rules.environment.get(name) !== undefined;
    }
  }
  return key ? 'key' : undefined;
}
