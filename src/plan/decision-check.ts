import type { Decision } from '../team/decision.js';
import type { FindingCode } from '../team/finding.js';
import { isId } from '../team/id.js';
import { treatmentOf } from '../decide/standing.js';
import { teamFilterTest } from '../team/team-filter.js';
import { Defect } from './defect.js';
import { replay } from './replay.js';
import type { PlanHeader, PlanTeamHead } from './schema.js';

/** How the teams and decisions of one kind of plan are checked: each kind has its own justification. */
export interface DecisionCheck {
  /** @throws Defect */
  team(team: PlanTeamHead): void;
  /**
   * @returns the findings that must stand in the plan about this user
   * @throws Defect
   */
  decision(decision: Decision, team: PlanTeamHead): readonly FindingCode[];
}

/**
 * The check for this kind of plan.
 *
 * @throws Defect where there is none
 */
export function decisionCheckFor(header: PlanHeader): DecisionCheck {
  switch (header.kind) {
    case 'fix':
      return fixCheck(header);
    case 'revert':
      throw new Defect('kind', 'is "revert", which this version cannot read');
  }
}

/** A fix is justified by the rules alone. */
function fixCheck({ policy, mapping, filter, asOf }: PlanHeader): DecisionCheck {
  const context = { policy, mapping, asOf: Date.parse(asOf) };
  const passes = teamFilterTest(filter);
  return {
    team(team) {
      if (!isId(team.id, mapping.ids)) throw new Defect('team.id', 'is not a well-formed id');
      if (team.createdBy !== null && !isId(team.createdBy, mapping.ids)) {
        throw new Defect('team.createdBy', 'is not a well-formed id');
      }
      if (team.state === 'missing') {
        if (team.name !== null) throw new Defect('team.name', 'is not null, though the team is missing');
        if (team.createdBy !== null)
          throw new Defect('team.createdBy', 'is not null, though the team is missing');
      }
      if (!passes(team.id)) throw new Defect('team.id', 'is a team that the filter keeps out');
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
    decision(decision, team) {
      checkRows(decision, (id) => isId(id, mapping.ids));
      return replay(decision, team, context);
    },
  };
}

function checkRows({ user, observed }: Decision, isWellFormed: (id: string) => boolean): void {
  if (!isWellFormed(user)) throw new Defect('user', 'is not a well-formed id');
  for (const [index, row] of observed.mongo.entries()) {
    const field = `observed.mongo[${index}].id`;
    if (!isWellFormed(row.id)) throw new Defect(field, 'is not a well-formed id');
    const before = observed.mongo[index - 1];
    if (before !== undefined && row.id <= before.id)
      throw new Defect(field, 'does not come after the one before');
  }
  for (const [index, row] of observed.postgres.entries()) {
    const field = `observed.postgres[${index}]`;
    if (row.mongoId !== null && !isWellFormed(row.mongoId)) {
      throw new Defect(`${field}.mongoId`, 'is not a well-formed id');
    }
    const before = observed.postgres[index - 1];
    if (before !== undefined && row.id <= before.id) {
      throw new Defect(`${field}.id`, 'does not come after the one before');
    }
  }
}
