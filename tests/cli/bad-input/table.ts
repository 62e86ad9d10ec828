// The table of bad input: every way in which people, files and machines get it wrong.
import { attest } from './attest.js';
import { commands } from './commands.js';
import { dataCheckRows } from './data-check.js';
import { dataReviewRows } from './data-review.js';
import { declaration } from './declaration.js';
import { driftRows } from './drift.js';
import { environment } from './environment.js';
import { files } from './files.js';
import { gatewayActRows } from './gateway-acts.js';
import { gatewayRows } from './gateway.js';
import { identity } from './identity.js';
import { ledger } from './ledger.js';
import { monitorRows } from './monitor.js';
import { people } from './people.js';
import { proof } from './proof.js';
import { signing } from './signing.js';
import { state } from './state.js';
import { vaultRows } from './vault.js';
import type { Row } from './row.js';

export const BAD_INPUT: readonly Row[] = [
  ...attest,
  ...dataCheckRows,
  ...dataReviewRows,
  ...declaration,
  ...driftRows,
  ...environment,
  ...files,
  ...gatewayActRows,
  ...gatewayRows,
  ...state,
  ...commands,
  ...monitorRows,
  ...people,
  ...identity,
  ...proof,
  ...ledger,
  ...signing,
  ...vaultRows,
];
