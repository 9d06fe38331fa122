import { MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import { Failure } from '../team/failure.js';
import { LaggingSequence } from './postgres-id-key.js';
import { UnplannedEffect } from './unplanned-effect.js';

/**
 * Whether doing a team again from a fresh read can help. Before the Mongo commit nothing is committed anywhere, so
 * everything can but what will be refused again (`permanent`): missing permissions and invalid values (DESIGN section
 * 7), of which what the database's own triggers refuse is one kind: one that wants to be asked again can say so, by
 * raising serialization_failure. `unreachable` is transient too, but concerns every other team as well.
 */
export type Transience = 'transient' | 'unreachable' | 'permanent';

/** unique_violation: somebody was faster; the fresh read tells who. */
const UNIQUE_VIOLATION = '23505';
/** SQLSTATE classes: feature not supported, data, integrity, authorization, syntax or access rule, raised in PL/pgSQL. */
const PERMANENT_CLASSES = new Set(['0A', '22', '23', '28', '42', '44', 'P0']);

/** BadValue, FailedToParse, Unauthorized, TypeMismatch, AuthenticationFailed, IllegalOperation, NamespaceNotFound, … */
const PERMANENT_CODES = new Set([
  2, 9, 13, 14, 18, 20, 26, 40, 52, 55, 57, 59, 66, 72, 73, 96, 121, 166, 8000,
]);

/** @param error what a driver threw, or the Failure of connecting again */
export function transienceOf(error: unknown): Transience {
  // Some drivers wrap the reason: a bulk write's cause may be the connection that broke.
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof LaggingSequence || each instanceof UnplannedEffect) return 'permanent';
    if (each instanceof Failure) return 'unreachable';
    if (each instanceof MongoNetworkError || each instanceof MongoServerSelectionError) return 'unreachable';
    if (each instanceof MongoError) {
      if (typeof each.code === 'number' && PERMANENT_CODES.has(each.code)) return 'permanent';
    } else if ('code' in each && typeof each.code === 'string' && /^[0-9A-Z]{5}$/.test(each.code)) {
      if (each.code !== UNIQUE_VIOLATION && PERMANENT_CLASSES.has(each.code.slice(0, 2))) return 'permanent';
    }
  }
  return 'transient';
}
