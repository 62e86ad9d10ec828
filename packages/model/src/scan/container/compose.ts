// Compose files: what starts later may be given the whole machine: privileged, its root folder, the socket of the container
// engine (CWE-250); its commands run inside the container.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import { noteCommands } from '../shell/note-commands.js';
import { holdsSecret } from './settings.js';

const OPEN_MOUNT =
  /^(?:\/|\/etc|\/root|\/home|\/var|\/proc|\/sys|\/boot|~|\$HOME|\$\{HOME\})\/?$|^(?:~|\$HOME|\$\{HOME\}|\/root|\/home\/[^/]+)\/\.(?:ssh|aws|gnupg|kube|docker)\b|docker\.sock$|containerd\.sock$|podman\.sock$/;

/** A compose file, by its shape. */
export function isCompose(value: JsonValue): boolean {
  const services = isJsonObject(value) ? value['services'] : undefined;
  return (
    services !== undefined &&
    isJsonObject(services) &&
    Object.values(services).some((one) => isJsonObject(one) && ('image' in one || 'build' in one || 'command' in one))
  );
}

export function examineCompose(context: Context, item: Item, value: JsonValue): void {
  const services = isJsonObject(value) ? value['services'] : undefined;
  if (services === undefined || !isJsonObject(services)) return;
  for (const [name, service] of Object.entries(services))
    if (isJsonObject(service)) judgeService(context, item, name, service);
}

function judgeService(context: Context, item: Item, name: string, service: Readonly<Record<string, JsonValue>>): void {
  const tell = (rule: string, detail: string): void =>
    find(context, item, { rule, detail: `${name}: ${detail.slice(0, 200)}` });
  if (service['privileged'] === true) tell('VLM-DKR-005', 'privileged');
  for (const key of ['pid', 'userns_mode', 'uts']) if (service[key] === 'host') tell('VLM-DKR-006', `${key}: host`);
  for (const cap of list(service['cap_add']))
    if (/^(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_RAWIO|DAC_READ_SEARCH)$/i.test(textOf(cap)))
      tell('VLM-DKR-006', `cap_add ${textOf(cap)}`);
  for (const volume of list(service['volumes'])) {
    const from = isJsonObject(volume)
      ? volume['source']
      : typeof volume === 'string'
        ? volume.split(':')[0]
        : undefined;
    if (typeof from === 'string' && OPEN_MOUNT.test(from)) tell('VLM-DKR-006', `mounts ${from}`);
  }
  for (const key of ['command', 'entrypoint']) {
    const command = service[key];
    const text =
      typeof command === 'string'
        ? command
        : Array.isArray(command)
          ? command
              .filter((part) => typeof part === 'string')
              .map((part) => `'${part.replaceAll("'", "'\\''")}'`)
              .join(' ')
          : '';
    if (text !== '')
      noteCommands(context, item, text.replaceAll('$$', '$'), { place: 'container', name: `${name}.${key}` });
  }
  const environment = service['environment'];
  const pairs =
    environment !== undefined && isJsonObject(environment)
      ? Object.entries(environment)
      : list(environment).map((entry) => textOf(entry).split(/=(.*)/s) as [string, string?]);
  for (const [key, entry] of pairs) if (typeof entry === 'string' && holdsSecret(key, entry)) tell('VLM-DKR-003', key);
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : '';
}
