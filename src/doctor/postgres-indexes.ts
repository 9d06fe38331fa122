import { createIndexStatement, dropIndexStatement, type PostgresIndex } from '../stores/postgres-indexes.js';
import {
  identityColumns,
  partialUniqueIndexStatement,
  type FullUniqueIndex,
} from '../stores/unique-index.js';
import type { CheckProblem, CheckResult } from '../team/check.js';
import type { Mapping } from '../team/mapping.js';
import { failure, verdict, warning } from './verdict.js';

/** Whether rows are found by team, by link and by number without reading the whole table. */
export function judgePostgresIndexes(indexes: readonly PostgresIndex[], mapping: Mapping): CheckResult {
  const { team, mongoId, id } = mapping.postgres.columns;
  const needed = [team, mongoId, id];
  const problems: CheckProblem[] = [];
  for (const column of needed) {
    const leading = indexes.filter(
      ({ keys, method, predicate }) => keys[0] === column && predicate === null && method !== 'brin',
    );
    if (leading.some(({ valid }) => valid)) continue;
    const broken = leading.map(({ name }) => dropIndexStatement(mapping, name));
    const create = createIndexStatement(mapping, column);
    problems.push(
      broken.length > 0
        ? warning(
            `the index on ${column} is not valid: its building goes on, or has failed`,
            'Build it again, unless somebody is building it just now.',
            [...broken, create],
          )
        : warning(
            `no index finds rows by ${column}: every team that is applied reads the whole table`,
            'Create one; writes go on meanwhile.',
            [create],
          ),
    );
  }
  return verdict(`looked for ${needed.join(', ')}`, problems);
}

/** Whether the same role can stand twice among the active rows, or not even once beside an inactive one. */
export function judgeUniqueIndex(
  full: readonly FullUniqueIndex[],
  indexes: readonly PostgresIndex[],
  mapping: Mapping,
): CheckResult {
  if (full.length > 0) {
    return verdict(
      'one that also covers inactive rows',
      full.map(({ name, replacement }) =>
        failure(
          `the unique index ${name} also covers inactive rows: a role cannot be given again to somebody who once had it, and plan refuses it`,
          'Replace it; the first statement fails where active duplicates exist: repair them first.',
          replacement,
        ),
      ),
    );
  }
  const identity = new Set(identityColumns(mapping));
  const partial = indexes.filter(
    ({ unique, keys, predicate }) =>
      unique &&
      predicate !== null &&
      keys.length === identity.size &&
      keys.every((key) => key !== null && identity.has(key)),
  );
  const right = partial.find(({ valid, predicate }) => valid && coversActive(predicate, mapping));
  if (right !== undefined) return verdict(`${right.name}, on the active rows alone`);
  const [other] = partial;
  return verdict(other === undefined ? 'none' : `${other.name}, where ${other.predicate ?? ''}`, [
    warning(
      other === undefined
        ? 'nothing keeps the application from adding the same active role a second time while apply adds it'
        : `the unique index ${other.name} is not valid, or is on other rows than the active ones`,
      'Create one on the active rows alone.',
      [partialUniqueIndexStatement(mapping)],
    ),
  ]);
}

/** As the server writes a predicate on the column itself, quoted or not. */
function coversActive(predicate: string | null, { postgres: { columns } }: Mapping): boolean {
  return [columns.active, `"${columns.active}"`].some(
    (name) => predicate === name || predicate === `(${name} = true)` || predicate === `(${name} IS TRUE)`,
  );
}
