import type { Links, TeamFacts, UserFacts } from '../model/facts.js';
import type { Block, Finding } from '../model/finding.js';
import { byCodeUnit } from '../model/id.js';
import { exemptionOf } from '../model/policy.js';
import type { Team } from '../model/team.js';
import { treatmentOf, type DecidingTreatment } from './standing.js';
import { draftUser, settleUser, type Rulebook, type UserDraft, type UserVerdict } from './user.js';

/** A team decided except for the ids to look up. It leaves out users without anything to decide. */
export interface TeamDraft {
  readonly team: Team;
  readonly users: readonly UserDraft[];
  readonly findings: readonly Finding[];
  readonly blocked: readonly Block[];
}

export interface TeamVerdict {
  readonly team: Team;
  /** Sorted by user. */
  readonly decisions: readonly Extract<UserVerdict, { kind: 'decision' }>[];
  readonly blocked: readonly Block[];
}

/** First half of deciding one team (docs/design.md, "The rules"). */
export function draftTeam(facts: TeamFacts, rulebook: Rulebook): TeamDraft {
  const { team } = facts;
  const findings: Finding[] = [];
  const blocked: Block[] = [];
  for (const odd of facts.rowsWithoutUser)
    findings.push({ code: 'malformed-row', team: team.id, user: null, ...odd });
  if (team.state !== 'live' && holdsRoles(facts)) {
    const code = team.state === 'deleted' ? 'deleted-team-holds-roles' : 'missing-team';
    findings.push({ code, team: team.id, user: null });
  }
  const treatment = treatmentOf(team, rulebook.policy);
  for (const odd of facts.oddStates) {
    // Elsewhere memberships decide nothing.
    if (odd.code === 'odd-team-state' || treatment === 'by-membership')
      findings.push({ team: team.id, ...odd });
  }
  const reason = exemptionOf(rulebook.policy, 'teams', team.id);
  if (reason !== undefined) findings.push({ code: 'exempt', team: team.id, user: null, value: reason });
  if (treatment === 'left-alone') return { team, users: [], findings, blocked };
  if (treatment === 'by-membership') {
    // Without knowing the owner or a member, the rules would strip rightful holders as outsiders.
    if (team.createdBy === null) blocked.push({ code: 'team-without-owner', team: team.id, user: null });
    for (const odd of facts.membershipsWithoutUser)
      blocked.push({ code: 'malformed-membership', team: team.id, user: null, ...odd });
    if (blocked.length > 0) return { team, users: [], findings, blocked };
  }
  const users: UserDraft[] = [];
  for (const user of usersToDecide(facts, treatment)) {
    const draft = draftUser(user, team, treatment, rulebook);
    const calls = user.malformed.length > 0 || draft.removals.length > 0 || draft.wants.length > 0;
    const exempt = exemptionOf(rulebook.policy, 'users', user.user);
    if (exempt !== undefined) {
      // What the others say of a user may speak of changes, and there are none.
      if (calls) findings.push({ code: 'exempt', team: team.id, user: user.user, value: exempt });
      continue;
    }
    for (const code of draft.findings) findings.push({ code, team: team.id, user: user.user });
    if (calls) users.push(draft);
  }
  return { team, users, findings, blocked };
}

/** Second half: the decisions and blocks of the team, from the rows under the ids. */
export function settleTeam(draft: TeamDraft, links: Links): TeamVerdict {
  const blocked = [...draft.blocked];
  const decisions = [];
  for (const user of draft.users) {
    const verdict = settleUser(user, links);
    if (verdict.kind === 'decision') decisions.push(verdict);
    if (verdict.kind !== 'blocked') continue;
    const block = { code: verdict.code, team: draft.team.id, user: user.facts.user };
    if (verdict.code === 'link-conflict') blocked.push(block);
    else for (const odd of verdict.fields) blocked.push({ ...block, ...odd });
  }
  decisions.sort((a, b) => byCodeUnit(a.user, b.user));
  return { team: draft.team, decisions, blocked };
}

/** All users with facts, and the owner even without any. */
function* usersToDecide(facts: TeamFacts, treatment: DecidingTreatment): Iterable<UserFacts> {
  yield* facts.users;
  const owner = treatment === 'by-membership' ? facts.team.createdBy : null;
  if (owner !== null && !facts.users.some(({ user }) => user === owner))
    yield { user: owner, member: false, rows: { mongo: [], postgres: [] }, malformed: [] };
}

function holdsRoles(facts: TeamFacts): boolean {
  const { rowsWithoutUser, users } = facts;
  return (
    rowsWithoutUser.length > 0 ||
    users.some(({ malformed, rows }) => malformed.length + rows.mongo.length + rows.postgres.length > 0)
  );
}
