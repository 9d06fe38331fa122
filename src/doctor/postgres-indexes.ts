import {
  createIndexStatement,
  dropIndexStatement,
  partialUniqueIndexStatement,
  primaryKeyStatement,
  type PostgresIndex,
  type RowConstraint,
} from '../stores/postgres/indexes.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { indexProblems, meaningOf, type IndexedPart, type RoleIndex } from './unique-indexes.js';
import { failure, verdict, warning } from './verdict.js';

/** Judges whether rows are found by team, link and id without reading the whole table. */
export function judgePostgresIndexes(indexes: readonly PostgresIndex[], mapping: Mapping): CheckResult {
  const { team, mongoId, id } = mapping.postgres.columns;
  const needed = [team, mongoId, id];
  const problems = needed.flatMap((column) => {
    const leading = indexes.filter(
      ({ keys, method, predicate }) => keys[0] === column && predicate === null && method !== 'brin',
    );
    if (leading.some(({ valid }) => valid)) return [];
    const broken = leading.map((index) => dropIndexStatement(mapping, index));
    const create = createIndexStatement(mapping, column);
    if (broken.length > 0)
      return warning(
        `the index on ${column} is not valid: its building goes on, or has failed`,
        'Build it again, unless somebody is building it just now.',
        [...broken, create],
      );
    const none = `no index finds rows by ${column}: every team that is applied reads the whole table`;
    return warning(none, 'Create one; writes go on meanwhile.', [create]);
  });
  return verdict(`looked for ${needed.join(', ')}`, problems);
}

/** Judges whether something keeps active roles unique, and whether an index or constraint refuses apply's writes. */
export function judgeUniqueIndexes(
  indexes: readonly PostgresIndex[],
  constraints: readonly RowConstraint[],
  mapping: Mapping,
): CheckResult {
  const unique = indexes
    .filter((index) => index.unique)
    .map((index) => ({ index, ofRoles: roleIndex(index, mapping) }));
  const partial = partialUniqueIndexStatement(mapping);
  const problems = unique.flatMap(({ index, ofRoles }) =>
    indexProblems(ofRoles, [partial, dropIndexStatement(mapping, index)]),
  );
  problems.push(...judgeNumbers(indexes, mapping));
  const look =
    'See whether the rows of a plan keep it; where they do not, apply fails for the team and writes nothing of it.';
  for (const { name, definition } of constraints)
    problems.push(warning(`the constraint ${name} cannot be judged: ${definition}`, look));
  const right = unique.find(({ index, ofRoles }) => index.valid && meaningOf(ofRoles) === 'right');
  if (right !== undefined) return verdict(`${right.index.name}, on the active rows alone`, problems);
  const hinders = problems.some(({ severity }) => severity === 'failure');
  if (hinders) return verdict('one that hinders what apply writes', problems);
  const unkept =
    'nothing keeps the application from adding the same active role a second time while apply adds it';
  const create = warning(unkept, 'Create a unique index on the active rows alone.', [partial]);
  return verdict('none on the active rows', [...problems, create]);
}

function judgeNumbers(indexes: readonly PostgresIndex[], mapping: Mapping): CheckProblem[] {
  const { columns } = mapping.postgres;
  const whole = indexes.filter(({ unique, valid, predicate }) => unique && valid && predicate === null);
  if (whole.some(({ keys }) => keys.length === 1 && keys[0] === columns.id)) return [];
  // A distributed or partitioned table can have no more than this.
  if (whole.some(({ keys }) => keys.includes(columns.id)))
    return [
      warning(
        `no unique index is on ${columns.id} alone: plan looks through the table for one that stands twice`,
        'Have all rows numbered by one sequence.',
      ),
    ];
  const twice = `nothing keeps ${columns.id} unique, and plan refuses a table in which one stands twice`;
  return [failure(twice, 'Make it the primary key.', [primaryKeyStatement(mapping)])];
}

function roleIndex({ name, keys, predicate }: PostgresIndex, mapping: Mapping): RoleIndex {
  const { columns } = mapping.postgres;
  const parts: Readonly<Record<string, IndexedPart>> = {
    [columns.id]: 'id',
    [columns.mongoId]: 'link',
    [columns.user]: 'user',
    [columns.role]: 'role',
    [columns.scope]: 'scope',
    [columns.team]: 'team',
    [columns.active]: 'active',
  };
  return {
    name,
    parts: keys.map((key) => (key === null ? 'other' : (parts[key] ?? 'other'))),
    rows: predicate === null ? 'all' : coversActive(predicate, mapping) ? 'active' : 'some',
    compares: 'bytes',
  };
}

/** Knows the server's text of a condition on the column itself, quoted or not. */
function coversActive(predicate: string | null, { postgres: { columns } }: Mapping): boolean {
  return [columns.active, `"${columns.active}"`].some(
    (name) => predicate === name || predicate === `(${name} = true)` || predicate === `(${name} IS TRUE)`,
  );
}
