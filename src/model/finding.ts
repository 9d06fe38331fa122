import type { Store } from './role-row.js';

/** Information: what a person should know, without a change (docs/design.md, "The rules"). */
export const FINDING_CODES = [
  'deleted-team-holds-roles',
  'duplicate-active-role',
  'exempt',
  'malformed-membership',
  'malformed-row',
  'missing-team',
  'odd-membership',
  'odd-team-state',
  'owner-without-membership',
  'unknown-role',
  'unlinked-row',
] as const;
/** Those of format 1 of the plan file; never changed. */
export const FINDING_CODES_1 = [
  'deleted-team-holds-roles',
  'duplicate-active-role',
  'malformed-membership',
  'malformed-row',
  'missing-team',
  'owner-without-membership',
  'unknown-role',
  'unlinked-row',
] as const satisfies readonly FindingCode[];
export type FindingCode = (typeof FINDING_CODES)[number];

/**
 * What needs a person; a blocked user or team gets no changes (docs/design.md, "The rules"). `changed-since` and
 * `not-undoable` stand in revert plans alone, all others in fix plans alone.
 */
export const BLOCK_CODES = [
  'changed-since',
  'link-conflict',
  'malformed-membership',
  'malformed-row',
  'not-undoable',
  'team-without-owner',
] as const;
/** Those of format 1 of the plan file; never changed. */
export const BLOCK_CODES_1 = [
  'changed-since',
  'link-conflict',
  'malformed-membership',
  'malformed-row',
  'team-without-owner',
] as const satisfies readonly BlockCode[];
export const REVERT_BLOCK_CODES: readonly BlockCode[] = ['changed-since', 'not-undoable'];
export type BlockCode = (typeof BLOCK_CODES)[number];

/** Codes about one field of one row; in format 1 of the plan file they did not name it. */
export const FIELD_CODES = [
  'malformed-membership',
  'malformed-row',
  'odd-membership',
  'odd-team-state',
] as const satisfies readonly FindingCode[];

/** One field of one row, under the name that the mapping gives it. */
export interface RowField {
  readonly store: Store;
  /** The row's id; as JSON where it is no legible one. */
  readonly row: string;
  readonly field: string;
}

/** Why a row cannot be used: one of its fields, and what that holds. */
export interface OddField {
  readonly at: RowField;
  /** As JSON, at most `SHOWN_TEXT_LENGTH` long, and without hostile characters; `(absent)` and the like are no JSON. */
  readonly value: string;
}

/** All but what is about one field lacks `at` and `value`, and in format 1 that does too; the value of `exempt` is its reason. */
interface Concern extends Partial<OddField> {
  /** Null where the row does not say it legibly. */
  readonly team: string | null;
  /** Null for what concerns a whole team or has no readable user. */
  readonly user: string | null;
}

export interface Finding extends Concern {
  readonly code: FindingCode;
}

export interface Block extends Concern {
  readonly code: BlockCode;
}
