import { addressOf } from '../files/row-image.js';
import type { Change, PlanDecision, Undo } from '../model/decision.js';
import type { SerialId } from '../model/id.js';
import type { LiveQuestion } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import type { RowAddress } from '../model/role-row.js';
import type { Store } from '../model/store.js';
import type { Team } from '../model/team.js';

/** One change with the address of its row, and in a revert plan with what it takes back. */
export interface PlannedChange {
  readonly change: Change<string>;
  readonly row: RowAddress;
  readonly undo: Undo | null;
}

/** A row as observed, or as it will be. */
export interface PlannedRow extends Pick<RowAddress, 'id' | 'link'> {
  readonly role: string;
  readonly active: boolean;
}

export interface PlannedUser extends Pick<PlanDecision, 'user' | 'name' | 'standing' | 'member'> {
  readonly observed: Readonly<Record<Store, readonly PlannedRow[]>>;
  readonly changes: readonly PlannedChange[];
}

/** One team of a plan of either kind, ready to be judged: every row has its address. */
export interface PlannedTeam {
  readonly team: Team;
  readonly users: readonly PlannedUser[];
  /** What judging must read from both stores (docs/design.md, "Judging"). */
  readonly question: LiveQuestion;
}

/** @throws Error if an image holds no legible id, which the plan reader rules out */
export function plannedTeam(
  { team, decisions }: { readonly team: Team; readonly decisions: readonly PlanDecision[] },
  { mapping, policy }: { readonly mapping: Mapping; readonly policy: Policy },
): PlannedTeam {
  const users = decisions.map((decision) => plannedUser(decision, mapping));
  return { team, users, question: questionOf(team.id, users, policy) };
}

function plannedUser(decision: PlanDecision, mapping: Mapping): PlannedUser {
  const { observed } = decision;
  const undo = 'undo' in decision ? decision.undo : [];
  const changes: readonly Change<string>[] = decision.changes;
  return {
    ...decision,
    observed: {
      mongo: observed.mongo.map((row) => ({ ...row, link: row.id })),
      postgres: observed.postgres.map((row) => ({ ...row, link: row.mongoId })),
    },
    changes: changes.map((change, index) => {
      const row = addressOf(change, mapping);
      if (row.id === null && (change.store === 'mongo' || change.op !== 'insert'))
        throw new Error(`a change of a row in ${change.store} without a legible id`);
      return { change, row, undo: undo[index] ?? null };
    }),
  };
}

function questionOf(team: string, users: readonly PlannedUser[], { activeValues }: Policy): LiveQuestion {
  const mongoIds = new Set<string>();
  const newMongoIds = new Set<string>();
  const postgresIds = new Set<SerialId>();
  const links = new Set<string>();
  for (const { observed, changes } of users) {
    for (const { link } of observed.mongo) if (link !== null) mongoIds.add(link);
    for (const { id } of observed.postgres) if (id !== null) postgresIds.add(id);
    for (const { change, row } of changes) {
      if (change.store === 'postgres' && row.id !== null) postgresIds.add(row.id);
      else if (row.link !== null) {
        mongoIds.add(row.link);
        if (change.op !== 'insert') continue;
        links.add(row.link);
        if (change.store === 'mongo') newMongoIds.add(row.link);
      }
    }
  }
  return {
    team,
    users: users.map(({ user }) => user),
    activeValues,
    mongoIds: [...mongoIds],
    newMongoIds: [...newMongoIds],
    postgresIds: [...postgresIds],
    links: [...links],
  };
}
