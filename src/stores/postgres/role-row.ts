import type { OddField } from '../../model/finding.js';
import { isId, serialId, type SerialId } from '../../model/id.js';
import { isRoleName } from '../../model/policy.js';
import type { RowIdentity } from '../../model/role-row.js';
import { shownText } from '../../model/text.js';
import type { ColumnKey, PostgresRoleTable, PostgresTexts } from './role-table.js';

/** A Postgres role row as it was read. A part is null if it is absent or malformed. */
export interface StoredPostgresRow extends RowIdentity {
  readonly id: SerialId | null;
  /** Null without a link, undefined for a malformed one. */
  readonly mongoId: string | null | undefined;
  readonly malformed: readonly OddField[];
  readonly texts: PostgresTexts;
}

const PARTS = ['id', 'mongoId', 'user', 'team', 'role'] as const;
const NONE: readonly OddField[] = [];

/** The parser must fit the table that the rows are read from. */
export function postgresRoleRowParser(table: PostgresRoleTable): (texts: PostgresTexts) => StoredPostgresRow {
  const text = (texts: PostgresTexts, key: ColumnKey): string | null => texts[table.position[key]] ?? null;
  const { link: linkWidth, user, team } = table.idWidths;
  const id = (value: string | null, width: number): string | null =>
    value !== null && value.length <= width && isId(value, table.ids) ? value : null;
  return (texts) => {
    const link = text(texts, 'mongoId');
    const role = text(texts, 'role');
    const row = {
      id: serialId(text(texts, 'id')),
      mongoId: link === null ? null : (id(link, linkWidth) ?? undefined),
      user: id(text(texts, 'user'), user),
      team: id(text(texts, 'team'), team),
      role: role !== null && isRoleName(role) ? role : null,
      scope: text(texts, 'scope'),
      active: text(texts, 'active') === 't',
      malformed: NONE,
      texts,
    };
    const healthy =
      row.id !== null &&
      row.mongoId !== undefined &&
      row.user !== null &&
      row.team !== null &&
      row.role !== null;
    return healthy ? row : { ...row, malformed: malformedIn(row) };
  };

  function malformedIn(row: StoredPostgresRow): OddField[] {
    const { columns } = table.mapped;
    const at = shownText(text(row.texts, 'id') ?? '(absent)');
    return PARTS.filter((key) => row[key] === (key === 'mongoId' ? undefined : null)).map((key) => ({
      at: { store: 'postgres', row: at, field: columns[key] },
      value: shownText(JSON.stringify(text(row.texts, key))),
    }));
  }
}
