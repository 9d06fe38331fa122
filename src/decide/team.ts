import type { Links, TeamFacts, UserFacts } from '../model/facts.js';
import type { Block, Finding } from '../model/finding.js';
import { byCodeUnit } from '../model/id.js';
import { exemptionOf } from '../model/policy.js';
import type { Team } from '../model/team.js';
import { treatmentOf, type DecidingTreatment } from './standing.js';
import { draftUser, settleUser, type Rulebook, type UserDraft, type UserVerdict } from './user.js';

/** A team decided but for the ids that have to be looked up; users without anything to decide are left out. */
export interface TeamDraft {
  readonly team: Team;
  readonly users: readonly UserDraft[];
  readonly findings: readonly Finding[];
  readonly blocked: readonly Block[];
}

/** What the rules derive for one team. */
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
  if (team.state === 'deleted' && holdsRoles(facts)) {
    findings.push({ code: 'deleted-team-holds-roles', team: team.id, user: null });
  }
  if (team.state === 'missing' && holdsRoles(facts)) {
    findings.push({ code: 'missing-team', team: team.id, user: null });
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
    // Without its owner or a member, a team's rightful holders would be stripped as strangers.
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

/** Second half: with the linked rows at hand, the decisions and blocks of the team. */
export function settleTeam(draft: TeamDraft, links: Links): TeamVerdict {
  const blocked = [...draft.blocked];
  const decisions = [];
  for (const user of draft.users) {
    const verdict = settleUser(user, links);
    switch (verdict.kind) {
      case 'nothing':
        break;
      case 'blocked': {
        const block = { code: verdict.code, team: draft.team.id, user: user.facts.user };
        if (verdict.code === 'link-conflict') blocked.push(block);
        else for (const odd of verdict.fields) blocked.push({ ...block, ...odd });
        break;
      }
      case 'decision':
        decisions.push(verdict);
        break;
    }
  }
  decisions.sort((a, b) => byCodeUnit(a.user, b.user));
  return { team: draft.team, decisions, blocked };
}

/** Everybody of whom something was read, and the owner even where nothing was. */
function* usersToDecide(facts: TeamFacts, treatment: DecidingTreatment): Iterable<UserFacts> {
  const owner = treatment === 'by-membership' ? facts.team.createdBy : null;
  let ownerSeen = owner === null;
  for (const user of facts.users) {
    if (user.user === owner) ownerSeen = true;
    yield user;
  }
  if (owner !== null && !ownerSeen) {
    yield { user: owner, member: false, rows: { mongo: [], postgres: [] }, malformed: [] };
  }
}

function holdsRoles(facts: TeamFacts): boolean {
  if (facts.rowsWithoutUser.length > 0) return true;
  for (const user of facts.users) {
    if (user.malformed.length > 0 || user.rows.mongo.length > 0 || user.rows.postgres.length > 0) return true;
  }
  return false;
}
