// Exports: what the ledger exports verifies; what anybody changes, leaves out, adds or signs again does not.
import { evidenceType, canonicalJson, isSha256, parseJsonStrict, sha256, type JsonObject, type JsonValue, type KindCatalog } from '@vallum/core';
import {
  buildRevocation, buildTrust, buildWaiver, buildWaiverApproval, generateKey, readTrust, signStatement, VERDICT_TYPE,
} from '@vallum/trust';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
