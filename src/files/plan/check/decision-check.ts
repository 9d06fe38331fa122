import { treatmentOf } from '../../../decide/standing.js';
import type { Decision, PlanDecision } from '../../../model/decision.js';
import {
  BLOCK_CODES,
  FINDING_CODES,
  REVERT_BLOCK_CODES,
  type BlockCode,
  type Finding,
  type FindingCode,
} from '../../../model/finding.js';
import { isId, bySerialId } from '../../../model/id.js';
import type { Mapping } from '../../../model/mapping.js';
import { exemptionOf } from '../../../model/policy.js';
import { teamFilterTest } from '../../../model/team-filter.js';
import { parseCanonical } from '../canonical.js';
import { Defect } from '../../defect.js';
import { checkName } from './concern-list.js';
import { replay, type ReplayContext } from './replay.js';
import { QUICK_SCHEMAS } from '../quick-schemas.js';
import type { PlanHeader, PlanTeamHead } from '../schema.js';
import { checkUndoing } from './undo-check.js';

/** How the teams and decisions of one kind of plan are checked: each kind has its own justification. @throws Defect */
export interface DecisionCheck {
  /** The codes that may stand in such a plan's lists. */
  readonly findings: readonly FindingCode[];
  readonly blocked: readonly BlockCode[];
  finding(finding: Finding): void;
  team(team: PlanTeamHead): void;
  decision(json: string, team: PlanTeamHead): CheckedDecision;
  /** The finding that the plan must hold about a team with changes; null: none. */
  teamFinding(team: PlanTeamHead, holdsRoles: boolean): FindingCode | null;
}

export interface CheckedDecision {
  readonly decision: PlanDecision;
  /** The findings that the plan must hold about this user. */
  readonly findings: readonly FindingCode[];
}

export function decisionCheckFor(header: PlanHeader): DecisionCheck {
  switch (header.kind) {
    case 'fix':
      return fixCheck(header);
    case 'revert':
      return revertCheck(header);
  }
}

/** A fix is justified by the rules alone. */
function fixCheck({ formatVersion, policy, mapping, filter, asOf }: PlanHeader): DecisionCheck {
  const context = { policy, mapping, asOf: Date.parse(asOf) };
  const passes = teamFilterTest(filter);
  const schema = QUICK_SCHEMAS[formatVersion].fix();
  return {
    findings: FINDING_CODES,
    blocked: BLOCK_CODES.filter((code) => !REVERT_BLOCK_CODES.includes(code)),
    finding(finding) {
      checkFinding(finding, context);
    },
    team(team) {
      checkTeam(team, mapping);
      if (!passes(team.id)) throw new Defect('team.id', 'is a team that the filter keeps out');
      if (exemptionOf(policy, 'teams', team.id) !== undefined)
        throw new Defect('team.id', 'is exempt by the policy');
      switch (treatmentOf(team, policy)) {
        case 'left-alone':
          throw new Defect('team.state', `is ${team.state}, and the policy leaves such teams alone`);
        case 'by-membership':
          if (team.createdBy === null)
            throw new Defect('team.createdBy', 'is null, which blocks the whole team');
          break;
        case 'all-outsiders':
      }
    },
    decision(json, team) {
      const decision = parseCanonical(json, schema);
      checkRows(decision, mapping);
      return { decision, findings: replay(decision, team, context) };
    },
    teamFinding({ state }, holdsRoles) {
      if (state === 'missing') return 'missing-team';
      return state === 'deleted' && holdsRoles ? 'deleted-team-holds-roles' : null;
    },
  };
}

/** A revert is justified by what it takes back, and never by the rules. */
function revertCheck({ formatVersion, mapping }: PlanHeader): DecisionCheck {
  const schema = QUICK_SCHEMAS[formatVersion].revert();
  return {
    findings: [],
    blocked: REVERT_BLOCK_CODES,
    finding: () => undefined,
    team(team) {
      checkTeam(team, mapping);
    },
    decision(json, team) {
      const decision = parseCanonical(json, schema);
      checkRows(decision, mapping);
      checkUndoing(decision, team, mapping);
      return { decision, findings: [] };
    },
    teamFinding: () => null,
  };
}

/** Checks what a finding says against policy and mapping, as far as they can tell. */
function checkFinding(finding: Finding, { policy, mapping }: ReplayContext): void {
  const { code, team, user, at, value } = finding;
  if (code === 'exempt') {
    if (team === null) throw new Defect('team', 'is null, though exempt concerns a team');
    const reason = user === null ? exemptionOf(policy, 'teams', team) : exemptionOf(policy, 'users', user);
    if (value !== reason) throw new Defect('value', 'is not the reason that the policy gives');
  }
  if (code !== 'odd-membership' && code !== 'odd-team-state') return;
  const { memberships, teams } = mapping.mongo;
  const field = code === 'odd-membership' ? memberships.active : teams.isDeleted;
  if (at?.store !== 'mongo' || at.field !== field)
    throw new Defect('at', `is not the field ${field} of MongoDB`);
  if (value === 'true' || value === 'false') throw new Defect('value', 'is a boolean, which is not odd');
  if (code === 'odd-membership' && policy.activeValues.some((active) => JSON.stringify(active) === value))
    throw new Defect('value', 'counts as active by the policy');
}

function checkTeam(team: PlanTeamHead, mapping: Mapping): void {
  const { id, name, state, createdBy } = team;
  const { ids } = mapping;
  checkName('team.createdByName', team.createdByName, createdBy, mapping);
  if (!isId(id, ids)) throw new Defect('team.id', 'is not a well-formed id');
  if (createdBy !== null && !isId(createdBy, ids)) {
    throw new Defect('team.createdBy', 'is not a well-formed id');
  }
  if (state !== 'missing') return;
  if (name !== null) throw new Defect('team.name', 'is not null, though the team is missing');
  if (createdBy !== null) throw new Defect('team.createdBy', 'is not null, though the team is missing');
}

function checkRows({ user, name, observed }: Omit<Decision, 'changes'>, mapping: Mapping): void {
  const { ids } = mapping;
  checkName('name', name, user, mapping);
  if (!isId(user, ids)) throw new Defect('user', 'is not a well-formed id');
  for (const [index, row] of observed.mongo.entries()) {
    const field = `observed.mongo[${index}].id`;
    if (!isId(row.id, ids)) throw new Defect(field, 'is not a well-formed id');
    const before = observed.mongo[index - 1];
    if (before !== undefined && row.id <= before.id)
      throw new Defect(field, 'does not come after the one before');
  }
  for (const [index, row] of observed.postgres.entries()) {
    const field = `observed.postgres[${index}]`;
    if (row.mongoId !== null && !isId(row.mongoId, ids)) {
      throw new Defect(`${field}.mongoId`, 'is not a well-formed id');
    }
    const before = observed.postgres[index - 1];
    if (before !== undefined && bySerialId(row.id, before.id) <= 0) {
      throw new Defect(`${field}.id`, 'does not come after the one before');
    }
  }
}
