// Whether JSON looks like something that an editor, an assistant or a package manager acts on. Cheap, as every JSON file is asked.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

const KEYS: ReadonlySet<string> = new Set([
  'tasks',
  'settings',
  'hooks',
  'permissions',
  'env',
  'enableAllProjectMcpServers',
  'apiKeyHelper',
  'statusLine',
  'awsAuthRefresh',
  'awsCredentialExport',
  'otelHeadersHelper',
  'toolDiscoveryCommand',
  'toolCallCommand',
  'mcpServers',
  'servers',
  'mcp',
  'context_servers',
  'scripts',
  'dependencies',
  'devDependencies',
  'argv',
  'initializeCommand',
  'onCreateCommand',
  'updateContentCommand',
  'postCreateCommand',
  'postStartCommand',
  'postAttachCommand',
]);
const SETTING = /^[a-z][\w-]{0,40}(?:\.[\w-]{1,60}){1,6}$/i;

export function hasWorkspaceShape(value: JsonValue, name: string): boolean {
  if (!isJsonObject(value)) return false;
  if (
    /(?:^|[/\\])(?:\.vscode|\.devcontainer|\.claude|\.cursor|\.gemini)[/\\]|devcontainer\.json$|\.code-workspace$/i.test(
      name,
    )
  )
    return true;
  const keys = Object.keys(value);
  return keys.length < 5000 && keys.some((key) => KEYS.has(key) || SETTING.test(key));
}
