import { insertedDocument, insertedRow } from '../../../src/files/row-image.js';
import type { PlanHeader, PlanTeamHead } from '../../../src/files/plan/schema.js';
import type { Op } from '../../../src/model/change.js';
import type { Change, Decision } from '../../../src/model/decision.js';
import type { Block, Finding } from '../../../src/model/finding.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import type { RoleRows } from '../../../src/model/role-row.js';
import type { Standing } from '../../../src/model/team.js';
import type { ShownPlan, ShownRule, ShownTeam } from '../../../src/views/plan/shown-plan.js';
import { exceededLimits } from '../../../src/model/safeguards.js';
import { EVERY_TEAM } from '../../../src/model/team-filter.js';
import { AT, id, SAMPLE_REST } from '../files/sample-plan.js';

export { id };
export const DIGEST = `sha256:${'5e'.repeat(32)}`;

/** The role that a change is about, and the rule that demands it. */
type Where<R extends ShownRule> = readonly [team: string, user: string, role: string, rule: R];

/** An insert of one role in both stores under one new id. */
export function inserts<R extends ShownRule>([team, user, role, rule]: Where<R>, link: string): Change<R>[] {
  const row = { team, user, role, link };
  const change = { op: 'insert', role, rule } as const;
  return [
    { ...change, store: 'mongo', after: insertedDocument(row, AT, DEFAULT_MAPPING) },
    { ...change, store: 'postgres', after: insertedRow(row, AT, DEFAULT_MAPPING) },
  ];
}

/** The same alteration of both copies of one role: the document `link` and the row `serial`. */
export function alters<R extends ShownRule>(
  op: Exclude<Op, 'insert'>,
  [team, user, role, rule]: Where<R>,
  link: string,
  serial: number,
): Change<R>[] {
  const row = { team, user, role, link };
  const before = { id: String(serial), ...insertedRow(row, AT, DEFAULT_MAPPING) };
  return [
    { op, role, rule, store: 'mongo', before: insertedDocument(row, AT, DEFAULT_MAPPING) },
    { op, role, rule, store: 'postgres', before },
  ];
}

export function decision<R extends ShownRule>(
  user: string,
  standing: Standing,
  changes: readonly Change<R>[],
  observed: RoleRows = { mongo: [], postgres: [] },
): Decision<R> {
  return { user, standing, member: standing === 'member', observed, changes };
}

export function team<R extends ShownRule>(
  teamId: string,
  name: string | null,
  decisions: readonly Decision<R>[],
  createdBy: string | null = id('c', 1),
): { team: PlanTeamHead; decisions: readonly Decision<R>[] } {
  return { team: { id: teamId, name, state: 'live', createdBy }, decisions };
}

interface Parts {
  readonly teams?: readonly ShownTeam[] | (() => Iterable<ShownTeam>);
  readonly findings?: readonly Finding[];
  readonly blocked?: readonly Block[];
  readonly header?: Partial<Extract<PlanHeader, { kind: 'fix' }>>;
}

/** A plan whose header agrees with its parts. */
export function shownPlan({ teams = [], findings = [], blocked = [], header = {} }: Parts): ShownPlan {
  const list = typeof teams === 'function' ? teams : () => teams;
  return {
    digest: DIGEST,
    header: {
      ...SAMPLE_REST.header,
      kind: 'fix',
      format: 'fix-roles/plan',
      formatVersion: 2,
      filter: { teams: null, excludeTeams: [], shard: null },
      summary: summaryOf(list(), findings, blocked),
      ...header,
    },
    findings: () => stream(findings),
    blocked: () => stream(blocked),
    async *teams(wanted = () => true) {
      // Asks about a team only when its turn has come, as the reader does.
      for await (const each of stream(list())) if (wanted(each.team)) yield each;
    },
  };
}

function summaryOf(
  teams: Iterable<ShownTeam>,
  findings: readonly Finding[],
  blocked: readonly Block[],
): PlanHeader['summary'] {
  const none = { insert: 0, reactivate: 0, deactivate: 0, delete: 0 };
  const changes = { mongo: { ...none }, postgres: { ...none } };
  let changed = 0;
  let users = 0;
  for (const { decisions } of teams) {
    changed += 1;
    users += decisions.length;
    for (const { store, op } of decisions.flatMap((each) => each.changes)) changes[store][op] += 1;
  }
  const { scanned, activeRoles } = SAMPLE_REST;
  return {
    teams: { scanned, changed },
    users: { changed: users },
    activeRoles,
    changes,
    exceeded: exceededLimits(
      { kind: 'fix', filter: EVERY_TEAM, summary: { activeRoles, changes } },
      'trusted',
    ),
    findings: byCode(findings),
    blocked: byCode(blocked),
  };
}

function byCode<C extends string>(concerns: readonly { readonly code: C }[]): Partial<Record<C, number>> {
  const counts: Partial<Record<C, number>> = {};
  for (const { code } of concerns) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** Awaits before each entry, as a reader of a file would. */
async function* stream<T>(entries: Iterable<T>): AsyncIterable<T> {
  for (const entry of entries) yield await Promise.resolve(entry);
}

export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
