import { insertedDocument, insertedRow } from '../../../src/files/row-image.js';
import type { PlanHeader, PlanTeamHead } from '../../../src/files/plan/schema.js';
import type { Op } from '../../../src/model/change.js';
import type { Change, Decision } from '../../../src/model/decision.js';
import type { Block, Finding } from '../../../src/model/finding.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { RoleRows } from '../../../src/model/role-row.js';
import type { Standing } from '../../../src/model/team.js';
import type { ShownPlan, ShownRule, ShownTeam, TeamTest } from '../../../src/views/shown-plan.js';

export const AS_OF = Date.UTC(2026, 10, 22, 6, 15);
export const DIGEST = `sha256:${'5e'.repeat(32)}`;

/** A well-formed id that is easy to tell apart: `id('a', 7)` is `a00000000000000000000007`. */
export function id(kind: string, number: number): string {
  return kind + String(number).padStart(24 - kind.length, '0');
}

interface Where<R extends ShownRule> {
  readonly team: string;
  readonly user: string;
  readonly role: string;
  readonly rule: R;
}

/** An insert of one role in both stores under one new id. */
export function inserts<R extends ShownRule>(
  { team, user, role, rule }: Where<R>,
  link: string,
): Change<R>[] {
  const row = { team, user, role, link };
  return [
    {
      op: 'insert',
      store: 'mongo',
      role,
      rule,
      after: insertedDocument(row, AS_OF, DEFAULT_MAPPING),
    },
    {
      op: 'insert',
      store: 'postgres',
      role,
      rule,
      after: insertedRow(row, AS_OF, DEFAULT_MAPPING),
    },
  ];
}

/** The same alteration of both copies of one role: the document `mongoId` and the row `serial`. */
export function alters<R extends ShownRule>(
  op: Exclude<Op, 'insert'>,
  { team, user, role, rule }: Where<R>,
  mongoId: string,
  serial: number,
): Change<R>[] {
  const row = { team, user, role, link: mongoId };
  return [
    { op, store: 'mongo', role, rule, before: insertedDocument(row, AS_OF, DEFAULT_MAPPING) },
    {
      op,
      store: 'postgres',
      role,
      rule,
      before: { id: String(serial), ...insertedRow(row, AS_OF, DEFAULT_MAPPING) },
    },
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
      format: 'fix-roles/plan',
      formatVersion: 2,
      kind: 'fix',
      asOf: new Date(AS_OF).toISOString(),
      tool: 'fix-roles/1.0.0',
      targets: {
        mongo: { database: 'app', replicaSet: 'rs0', collections: {} },
        postgres: {
          systemIdentifier: '7412345678901234567',
          database: 'app',
          table: 'public.postgres_user_roles',
          oid: 16390,
        },
      },
      consistency: { mongo: 'snapshot', postgres: 'snapshot' },
      filter: { teams: null, excludeTeams: [], shard: null },
      policy: DEFAULT_POLICY,
      mapping: DEFAULT_MAPPING,
      summary: summaryOf(list(), findings, blocked),
      ...header,
    },
    findings: () => stream(findings),
    blocked: () => stream(blocked),
    teams: (wanted = () => true) => stream(those(list(), wanted)),
  };
}

function summaryOf(
  teams: Iterable<ShownTeam>,
  findings: readonly Finding[],
  blocked: readonly Block[],
): PlanHeader['summary'] {
  const counts = {
    mongo: { insert: 0, reactivate: 0, deactivate: 0, delete: 0 },
    postgres: { insert: 0, reactivate: 0, deactivate: 0, delete: 0 },
  };
  let changed = 0;
  let users = 0;
  for (const { decisions } of teams) {
    changed += 1;
    users += decisions.length;
    for (const change of decisions.flatMap(({ changes }) => changes)) counts[change.store][change.op] += 1;
  }
  return {
    teams: { scanned: 120, changed },
    users: { changed: users },
    activeRoles: { mongo: 1480, postgres: 1462 },
    changes: counts,
    findings: byCode(findings),
    blocked: byCode(blocked),
  };
}

function byCode<C extends string>(concerns: readonly { readonly code: C }[]): Partial<Record<C, number>> {
  const counts: Partial<Record<C, number>> = {};
  for (const { code } of concerns) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

// Awaits before each entry, as a reader of a file would.
/** Asks about a team only when its turn has come, as the reader does. */
function* those(teams: Iterable<ShownTeam>, wanted: TeamTest): Iterable<ShownTeam> {
  for (const each of teams) if (wanted(each.team)) yield each;
}

async function* stream<T>(entries: Iterable<T>): AsyncIterable<T> {
  for (const entry of entries) yield await Promise.resolve(entry);
}

export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
