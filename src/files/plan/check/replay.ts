import { treatmentOf } from '../../../decide/standing.js';
import { draftUser, settleUser } from '../../../decide/user.js';
import type { DerivedChange } from '../../../model/change.js';
import type { Change, Decision } from '../../../model/decision.js';
import type { Links, UserFacts } from '../../../model/facts.js';
import type { FindingCode } from '../../../model/finding.js';
import type { Mapping } from '../../../model/mapping.js';
import { exemptionOf, type Policy } from '../../../model/policy.js';
import { TEAM_SCOPE, type ObservedRow, type RoleRows } from '../../../model/role-row.js';
import type { Team } from '../../../model/team.js';
import { Defect } from '../../defect.js';
import { checkImage } from './image-check.js';

/** What a plan's header says that its decisions depend on. */
export interface ReplayContext {
  readonly policy: Policy;
  readonly mapping: Mapping;
  /** Milliseconds since 1970. */
  readonly asOf: number;
}

/**
 * Derives the decision again from the facts that it states, with the very rules that planned it: a plan can only do what
 * the rules derive (docs/design.md, "The plan file").
 *
 * @returns the findings that the rules make about this user
 * @throws Defect where decision and rules disagree
 */
export function replay(decision: Decision, team: Team, context: ReplayContext): readonly FindingCode[] {
  if (exemptionOf(context.policy, 'users', decision.user) !== undefined)
    throw new Defect('user', 'is exempt by the policy');
  const facts: UserFacts = {
    user: decision.user,
    member: decision.member,
    rows: {
      mongo: decision.observed.mongo.filter((row) => row.active),
      postgres: decision.observed.postgres.filter((row) => row.active),
    },
    malformed: [],
  };
  const treatment = treatmentOf(team, context.policy);
  if (treatment === 'left-alone') throw new Defect('team', 'is one that the policy leaves alone');
  const draft = draftUser(facts, team, treatment, context);
  if (draft.standing !== decision.standing) throw new Defect('standing', `is not ${draft.standing}`);
  const verdict = settleUser(draft, observedLinks(decision, team));
  switch (verdict.kind) {
    case 'nothing':
      throw new Defect('changes', 'do not follow from the facts: the rules derive none');
    case 'blocked':
      throw new Defect(
        'changes',
        `do not follow from the facts: the rules block this user (${verdict.code})`,
      );
    case 'decision':
  }
  // The rules keep the active rows and the inactive ones that they reactivate.
  if (!isSameRows(verdict.observed, decision.observed)) {
    throw new Defect('observed', 'holds an inactive row that no change reactivates');
  }
  const count = Math.max(verdict.changes.length, decision.changes.length);
  for (let index = 0; index < count; index += 1) {
    const field = `changes[${index}]`;
    const change = decision.changes[index];
    const derived = verdict.changes[index];
    if (derived === undefined)
      throw new Defect(field, 'does not follow from the facts: the rules derive no more');
    if (change === undefined) throw new Defect(field, `is missing: the rules derive ${named(derived)}`);
    if (!isSame(change, derived)) {
      throw new Defect(field, `does not follow from the facts: the rules derive ${named(derived)}`);
    }
    checkImage(change, derived, field, { team: team.id, decision, ...context });
  }
  return draft.findings;
}

/** What was found under the linked ids when planning: whatever decided stands in `observed`. */
function observedLinks({ user, observed }: Decision, team: Team): Links {
  const whose = { user, team: team.id, scope: TEAM_SCOPE };
  const only = <Row>(found: readonly Row[]): (Row & typeof whose) | 'several' | undefined => {
    const [row, ...more] = found;
    if (row === undefined) return undefined;
    return more.length > 0 ? 'several' : { ...row, ...whose };
  };
  // A user has few rows in a team, and most decisions ask for none of them.
  return {
    mongo: (id) => only(observed.mongo.filter((row) => row.id === id)),
    postgres: (mongoId) => only(observed.postgres.filter((row) => row.mongoId === mongoId)),
  };
}

function isSameRows(a: RoleRows, b: RoleRows): boolean {
  return (
    a.mongo.length === b.mongo.length &&
    a.postgres.length === b.postgres.length &&
    a.mongo.every((row, index) => isSameRow(row, b.mongo[index])) &&
    a.postgres.every((row, index) => {
      const other = b.postgres[index];
      return isSameRow(row, other) && row.mongoId === other?.mongoId;
    })
  );
}

function isSameRow(row: ObservedRow, other: ObservedRow | undefined): boolean {
  return row.id === other?.id && row.role === other.role && row.active === other.active;
}

function isSame(change: Change, derived: DerivedChange): boolean {
  return (
    change.op === derived.op &&
    change.store === derived.store &&
    change.role === derived.role &&
    change.rule === derived.rule
  );
}

function named({ op, store, role, rule }: DerivedChange): string {
  return `${op} of ${role} in ${store} (${rule})`;
}
