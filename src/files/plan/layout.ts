import type { Change, PlanDecision, Undo } from '../../model/decision.js';
import type { Concern } from '../../model/finding.js';
import type { RoleRows } from '../../model/role-row.js';
import type { PlanTeamHead, WrittenHeader } from './schema.js';

/**
 * Only this file knows how a plan is laid out in lines (docs/design.md, "The plan file"). A line here has no LF, and an
 * item of a list no comma after it.
 */

/** In bytes. A line is held in memory and parsed as a whole, so its length is limited. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

/** Opens a list; its items follow on lines of their own. */
export function listStart(name: 'findings' | 'blocked' | 'teams'): string {
  return `"${name}":[`;
}
export const LIST_END = '],';
/** Between two items of a list. */
export const SEPARATOR = ',\n';
export const TEAM_END = ']}';

/**
 * The lines before the lists.
 *
 * @param header its keys must stand in the schema's order at every depth: parse it first
 */
export function headerLines(header: WrittenHeader): string[] {
  const { format, formatVersion, kind, asOf, tool } = header;
  return [
    '{',
    members({ format, formatVersion, kind }),
    ...(header.kind === 'revert' ? [members({ reverts: header.reverts })] : []),
    members({ asOf, tool }),
    members({ targets: header.targets }),
    members({ consistency: header.consistency }),
    members({ filter: header.filter }),
    members({ policy: header.policy }),
    members({ mapping: header.mapping }),
    members({ summary: header.summary }),
  ];
}

export const HEADER_LINES_MAX = 10;

/** A finding or a block. */
export function concernLine({ code, team, user, name, at, value }: Concern): string {
  const place = at === undefined ? undefined : { store: at.store, row: at.row, field: at.field };
  return JSON.stringify({ code, team, user, name, at: place, value });
}

/** Opens a team; its decisions follow, then `TEAM_END`. */
export function teamStart({ id, name, state, createdBy, createdByName, people }: PlanTeamHead): string {
  return `{"team":${JSON.stringify({ id, name, state, createdBy, createdByName, people })},"decisions":[`;
}

/** The team in a line that opens one; undefined where the line does not. */
export function teamInStart(line: string): string | undefined {
  return /^\{"team":(.*),"decisions":\[$/s.exec(line)?.[1];
}

/** One decision, with its keys in the schema's order. */
export function decisionLine(decision: PlanDecision): string {
  const { user, name, standing, member, observed, changes } = decision;
  return JSON.stringify({
    user,
    name,
    standing,
    member,
    observed: rowsInOrder(observed),
    changes: changes.map(changeInOrder),
    ...('undo' in decision ? { undo: decision.undo.map(undoInOrder) } : {}),
  });
}

export function digestLine(digest: string): string {
  return `"digest":"${digest}"}`;
}

/** The digest on the last line; undefined where the line is another. */
export function digestInLine(line: string): string | undefined {
  return /^"digest":"(sha256:[0-9a-f]{64})"\}$/.exec(line)?.[1];
}

/** Members of the plan's one object, with the comma after them. */
function members(part: object): string {
  return `${JSON.stringify(part).slice(1, -1)},`;
}

function rowsInOrder({ mongo, postgres }: RoleRows): RoleRows {
  return {
    mongo: mongo.map(({ id, role, active }) => ({ id, role, active })),
    postgres: postgres.map(({ id, mongoId, role, active }) => ({ id, mongoId, role, active })),
  };
}

function undoInOrder({ op, store, role, before, after }: Undo): object {
  return { op, store, role, before, after };
}

function changeInOrder(change: Change<string>): object {
  const { op, store, role, rule } = change;
  return change.op === 'insert'
    ? { op, store, role, rule, after: change.after }
    : { op, store, role, rule, before: change.before };
}
