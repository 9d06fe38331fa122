import type { Store } from './store.js';
import type { Named } from './team.js';

/**
 * A finding informs, and changes nothing (docs/design.md, "The rules"). The rules find those about people and teams,
 * the readers in `src/stores` those about single fields; `src/files/plan/check` demands them of a plan again.
 */
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
export type FindingCode = (typeof FINDING_CODES)[number];
/** Those of format 1 of the plan file, which gets no further one. */
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

/**
 * A blocked user or team needs a person, and gets no changes (docs/design.md, "The rules"). `changed-since` and
 * `not-undoable` stand only in revert plans, all others only in fix plans.
 */
export const BLOCK_CODES = [
  'changed-since',
  'link-conflict',
  'malformed-membership',
  'malformed-row',
  'not-undoable',
  'team-without-owner',
] as const;
export const BLOCK_CODES_1 = [
  'changed-since',
  'link-conflict',
  'malformed-membership',
  'malformed-row',
  'team-without-owner',
] as const satisfies readonly BlockCode[];
export const REVERT_BLOCK_CODES: readonly BlockCode[] = ['changed-since', 'not-undoable'];
export type BlockCode = (typeof BLOCK_CODES)[number];

/** Codes about one field of one row; format 1 did not name the field. */
export const FIELD_CODES = [
  'malformed-membership',
  'malformed-row',
  'odd-membership',
  'odd-team-state',
] as const satisfies readonly FindingCode[];

/** A field that makes its row unusable, and its value. */
export interface OddField {
  /** `row` is the row's id, as JSON where it is malformed; `field` has the name that the mapping gives it. */
  readonly at: { readonly store: Store; readonly row: string; readonly field: string };
  /** JSON, at most `SHOWN_TEXT_LENGTH` long, without hostile characters; or words in brackets, such as `(absent)`. */
  readonly value: string;
}

/**
 * A finding or a block. All but what is about one field lacks `at` and `value`, and in format 1 that does too; the value
 * of `exempt` is its reason.
 */
export interface Concern<Code extends string = string> extends Partial<OddField>, Named {
  readonly code: Code;
  /** Null where it is malformed. */
  readonly team: string | null;
  /** Null where it is malformed, or a whole team is concerned. */
  readonly user: string | null;
}
export type Finding = Concern<FindingCode>;
export type Block = Concern<BlockCode>;
