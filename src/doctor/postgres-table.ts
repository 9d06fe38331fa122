import type { PostgresAttachments } from '../stores/postgres/attachments.js';
import { isUnseen } from '../stores/postgres/effects.js';
import type { PostgresColumn, PostgresTable } from '../stores/postgres/table.js';
import type { CheckProblem, CheckResult } from '../model/check.js';
import { foreignKeyText, type ForeignKey } from '../model/foreign-key.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import { hasHostileCharacter } from '../model/text.js';
import { failure, verdict, warning } from './verdict.js';

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
const REMAP = 'Correct the mapping in fix-roles.config.json, or connect to the right database.';

/** Whether the table is there, and every mapped column in it of a type that works. */
export function judgePostgresTable(
  table: PostgresTable | null,
  mapping: Mapping,
  policy: Policy,
  { unusable, purpose }: { readonly unusable: readonly string[]; readonly purpose: 'plan' | 'apply' },
): CheckResult {
  const { schema, table: name, columns } = mapping.postgres;
  const full = `${schema}.${name}`;
  if (table === null) return verdict('', [failure(`there is no table ${full}`, REMAP)]);
  if (table.kind !== 'r' && table.kind !== 'p') {
    return verdict('', [
      failure(`${full} is no ordinary table`, 'Name the table itself in the mapping, not a view of it.'),
    ]);
  }
  const problems: CheckProblem[] = [];
  for (const key of columnKeys(columns)) {
    const column = table.columns.find((one) => one.name === columns[key]);
    if (column === undefined) problems.push(failure(`there is no column ${columns[key]}`, REMAP));
    else problems.push(...judgeColumn(key, column, mapping, policy));
  }
  if (unusable.length > 0)
    problems.push(
      failure(
        `column ${columns.role} cannot hold ${unusable.join(', ')}`,
        'Have its owner let it hold them, or leave these roles out of "wanted" in the policy; plan refuses it.',
      ),
    );
  const mapped = new Set(Object.values(columns));
  for (const column of table.columns) {
    if (!mapped.has(column.name)) problems.push(...judgeForeignColumn(column));
  }
  if (purpose === 'apply' && isUnseen(table.attachments))
    problems.push(
      failure(
        'track_counts is off, so that apply could not see what triggers and rules of the table do to other rows: it refuses every team',
        'Have track_counts switched on for the role, the database or the server.',
      ),
    );
  problems.push(...table.attachments.keys.map((key) => judgeForeignKey(key, table.attachments)));
  return verdict(`${full}, ${table.columns.length} columns${hooks(table.attachments)}`, problems);
}

function hooks({ triggers, rules }: PostgresAttachments): string {
  const list = (what: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `; ${what} when rows are written: ${names.join(', ')}`;
  const found = list('triggers run', triggers) + list('rules apply', rules);
  return found === '' ? '' : `${found} (apply rolls a team back where they make something else of its rows)`;
}

/** A neighbour whose rows depend on role rows: apply rolls a team back rather than to change them. */
function judgeForeignKey(key: ForeignKey, { counting }: PostgresAttachments): CheckProblem {
  const remedy =
    'Set memberExtras to "deactivate" in the policy, or remove such rows before apply: a team for which that would happen is rolled back.';
  const uncounted =
    counting === 'off' && (key.onDelete !== 'refuse' || key.onUpdate !== 'refuse')
      ? ' track_counts is off, so that apply could not see it: have it switched on, or apply refuses to delete.'
      : '';
  return warning(foreignKeyText(key), `${remedy}${uncounted}`);
}

function columnKeys(columns: Mapping['postgres']['columns']): ColumnKey[] {
  return Object.keys(columns).filter((key): key is ColumnKey => key in EXPECTED);
}

function judgeColumn(
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
function judgeForeignColumn({ name, required, given }: PostgresColumn): CheckProblem[] {
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
