import { BASE_TYPE } from '../stores/postgres/catalog.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckProblem } from '../model/check.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import { hasHostileCharacter } from '../model/text.js';
import { failure, warning } from './verdict.js';

/** One column as the catalog describes it. */
export interface PostgresColumn {
  readonly name: string;
  /** As `CREATE TABLE` would say it: `character varying(24)`. */
  readonly type: string;
  /** The type's own name, below all domains: `varchar`, `timestamptz`. */
  readonly baseType: string;
  readonly kind: 'enum' | 'other';
  /** In characters; null: unlimited, or no text. */
  readonly length: number | null;
  readonly required: boolean;
  /** Where a value comes from when none is given. `always`: an identity that takes no value of one's own. */
  readonly given: 'nothing' | 'default' | 'always' | 'generated';
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly enumerated: boolean;
  readonly modifier: number;
  readonly required: boolean;
  readonly defaulted: boolean;
  readonly identity: string | null;
  readonly generated: string | null;
}

const MODIFIED_BY_LENGTH = ['varchar', 'bpchar'];

/** Every column of the table. Identities came with PostgreSQL 10, generated columns with 12: absent attributes are null here. */
export async function readColumns({ client }: PostgresReading, tableOid: string): Promise<PostgresColumn[]> {
  const { rows } = await client.query<ColumnRow>(
    `SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, base.name AS base,
            base.kind = 'e' AS enumerated, base.modifier,
            a.attnotnull OR base.required AS required, a.atthasdef OR base.defaulted AS defaulted,
            nullif(to_jsonb(a) ->> 'attidentity', '') AS identity, nullif(to_jsonb(a) ->> 'attgenerated', '') AS generated
       FROM pg_attribute AS a
       ${BASE_TYPE}
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [tableOid],
  );
  return rows.map(columnOf);
}

function columnOf(row: ColumnRow): PostgresColumn {
  return {
    name: row.name,
    type: row.type,
    baseType: row.base,
    kind: row.enumerated ? 'enum' : 'other',
    // The modifier counts four bytes that stand before the text.
    length: MODIFIED_BY_LENGTH.includes(row.base) && row.modifier >= 4 ? row.modifier - 4 : null,
    required: row.required,
    given:
      row.generated !== null
        ? 'generated'
        : row.identity === 'a'
          ? 'always'
          : row.defaulted || row.identity !== null
            ? 'default'
            : 'nothing',
  };
}

type ColumnKey = keyof Mapping['postgres']['columns'];

const TEXTS = ['varchar', 'text'];
const TIMES = ['timestamptz'];

/** What a column has to be. `good`: as it should be; `bearable`: works, with a difference. */
interface Expectation {
  readonly good: readonly string[];
  readonly bearable?: readonly string[];
  /** In words, for whoever has to change it. */
  readonly wanted: string;
  /** Compared with nothing: whatever takes our text. */
  readonly onlyWritten?: true;
  /** Whether an enumerated type will do. */
  readonly labels?: true;
}

const COMPARED_TEXT: Expectation = {
  good: TEXTS,
  bearable: ['bpchar', 'citext', 'name'],
  wanted: 'varchar or text',
};
/** Blanks that `character(n)` adds would make of a role or a scope another one. */
const NAME: Expectation = { ...COMPARED_TEXT, bearable: ['citext', 'name'], labels: true };
const WRITTEN_TEXT: Expectation = { good: TEXTS, wanted: 'varchar or text', onlyWritten: true, labels: true };
const TIME: Expectation = { good: TIMES, bearable: ['timestamp'], wanted: 'timestamptz' };

const EXPECTED: Readonly<Record<ColumnKey, Expectation>> = {
  id: { good: ['int4', 'int8', 'int2'], wanted: 'serial (integer or bigint)' },
  mongoId: COMPARED_TEXT,
  user: COMPARED_TEXT,
  role: NAME,
  scope: NAME,
  team: COMPARED_TEXT,
  active: { good: ['bool'], wanted: 'boolean' },
  createdAt: TIME,
  createdBy: WRITTEN_TEXT,
  lastSyncAt: TIME,
  syncStatus: WRITTEN_TEXT,
  syncError: WRITTEN_TEXT,
};

const HEX_ID_LENGTH = 24;
export function columnKeys(columns: Mapping['postgres']['columns']): ColumnKey[] {
  return Object.keys(columns).filter((key): key is ColumnKey => key in EXPECTED);
}

export function judgeColumn(
  key: ColumnKey,
  column: PostgresColumn,
  mapping: Mapping,
  policy: Policy,
): CheckProblem[] {
  const { good, bearable = [], wanted, onlyWritten, labels } = EXPECTED[key];
  const { name, type, baseType, length } = column;
  const problems: CheckProblem[] = [];
  const change = `Make it ${wanted}, or map another column.`;
  if (!good.includes(baseType)) {
    const isFine = labels && column.kind === 'enum';
    if (bearable.includes(baseType) || (onlyWritten && !isFine))
      problems.push(warning(`column ${name} is ${type}, not ${wanted}`, change));
    else if (!isFine) problems.push(failure(`column ${name} is ${type}, not ${wanted}`, change));
  }
  const longest = longestText(key, mapping, policy);
  if (length !== null && longest !== null && length < longest[1]) {
    const [what, needed] = longest;
    problems.push(
      failure(`column ${name} holds ${length} characters, ${what} has ${needed}`, 'Widen the column.'),
    );
  }
  if (column.given === 'generated') {
    problems.push(
      failure(
        `column ${name} is computed by the database and cannot be written`,
        'Map a column that can be written.',
      ),
    );
  }
  if (key === 'id') {
    if (column.given === 'nothing')
      problems.push(
        failure(`column ${name} has no default, and new rows bring no number along`, 'Make it serial.'),
      );
    if (column.given === 'always') {
      problems.push(
        warning(
          `column ${name} is GENERATED ALWAYS: revert could not put back deleted rows under their old number`,
          'Make it GENERATED BY DEFAULT.',
        ),
      );
    }
  }
  if (key === 'syncError' && column.required)
    problems.push(failure(`column ${name} is NOT NULL, and new rows have no error`, 'Let it be NULL.'));
  return problems;
}

/** Columns that the mapping does not know: new rows say nothing of them. */
export function judgeForeignColumn({ name, required, given }: PostgresColumn): CheckProblem[] {
  if (name === '__proto__' || hasHostileCharacter(name))
    return [
      failure(`column ${name} has a name that cannot stand in a plan`, 'Rename the column; plan refuses it.'),
    ];
  if (!required || given !== 'nothing') return [];
  return [
    failure(
      `column ${name} is NOT NULL without a default: no new row can be inserted`,
      'Give it a default, or let it be NULL.',
    ),
  ];
}

/** The longest text that is certain to be written into a column: what it is, and its length. */
function longestText(
  key: ColumnKey,
  { ids }: Mapping,
  { wanted }: Policy,
): readonly [what: string, length: number] | null {
  switch (key) {
    case 'user':
    case 'team':
    case 'mongoId':
      return ids === 'hex' ? ['an id', HEX_ID_LENGTH] : null;
    case 'role': {
      const lengths = Object.values(wanted).flatMap((roles) => roles.map((role) => role.length));
      return ['the longest wanted role', Math.max(0, ...lengths)];
    }
    case 'scope':
      return [TEAM_SCOPE, TEAM_SCOPE.length];
    case 'createdBy':
      return ['system', 6];
    case 'syncStatus':
      return ['SYNCED', 6];
    default:
      return null;
  }
}
