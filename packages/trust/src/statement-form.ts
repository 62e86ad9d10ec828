// The outer form of a statement: in-toto Statement v1 with exactly one subject. Fields that we do not know are left out
// of the value (they stay in the signed payload); predicates are read by the room that knows the type.
import type { JsonValue, Statement, Subject } from '@vallum/core';
import { isJsonObject, STATEMENT_TYPE } from '@vallum/core';
import { digestOf, listOf, textOf, wordOf } from './fields.js';
import { distrust } from './refusal.js';

const MAX_NAME = 512;
const PREDICATE_TYPE = /^[a-z][a-z0-9+.-]{1,20}:[\x21-\x7e]{1,200}$/;

/** @throws VallumError `TRUST_FORMAT` or `STATEMENT_TYPE` */
export function readStatement(json: JsonValue): Statement {
  if (!isJsonObject(json)) throw distrust('STATEMENT_TYPE', 'the payload is not a statement');
  if (json['_type'] !== STATEMENT_TYPE) throw distrust('STATEMENT_TYPE', `the payload is not an ${STATEMENT_TYPE}`);
  const subjects = listOf(json['subject'], 'the list of subjects', 1);
  const predicate = json['predicate'];
  if (!isJsonObject(predicate)) throw distrust('STATEMENT_TYPE', 'the statement has no predicate');
  return {
    _type: STATEMENT_TYPE,
    subject: [readSubject(subjects[0])],
    predicateType: wordOf(json['predicateType'], 'the predicate type', PREDICATE_TYPE),
    predicate,
  };
}

function readSubject(json: JsonValue | undefined): Subject {
  if (!isJsonObject(json) || !isJsonObject(json['digest']))
    throw distrust('STATEMENT_TYPE', 'the statement has no subject with a digest');
  return {
    name: textOf(json['name'], 'the name of the subject', MAX_NAME),
    digest: { sha256: digestOf(json['digest']['sha256'], 'the digest of the subject') },
  };
}
