import { Failure } from '../model/failure.js';
import type { Store } from '../model/store.js';
import type { Targets } from '../model/targets.js';

interface Origin {
  readonly origin?: string | undefined;
}

/**
 * Compares the databases' own identities, never hosts or ports (docs/design.md, "The plan file").
 *
 * @throws Failure (refused) with a short list: other names first, then what has the same name and another identity
 */
export function checkTargets(
  planned: Targets,
  found: Targets,
  { mongo, postgres }: Record<Store, Origin>,
): void {
  const differences = [...differentNames(planned, found), ...differentIdentities(planned, found)];
  if (differences.length === 0) return;
  const origins = [mongo.origin, postgres.origin].filter((origin) => origin !== undefined && origin !== '');
  throw new Failure('refused', {
    doing: 'checking that the plan was made for these databases',
    problem: `it was made for others${differences.map((line) => `\n- ${line}`).join('')}`,
    next: [
      'Connect to the databases that the plan names (.env or --dotenv); for these, make a new one with fix-roles plan. A database that was restored or made anew is another one, even under the same name.',
      ...new Set(origins),
    ].join('\n'),
  });
}

function differentNames(planned: Targets, found: Targets): string[] {
  const names: readonly (readonly [what: string, nameOf: (targets: Targets) => string | null])[] = [
    ['MongoDB: database', ({ mongo }) => mongo.database],
    ['MongoDB: replica set', ({ mongo }) => mongo.replicaSet],
    ['MongoDB: collections', ({ mongo }) => Object.keys(mongo.collections).join(', ')],
    ['PostgreSQL: database', ({ postgres }) => postgres.database],
    ['PostgreSQL: table', ({ postgres }) => postgres.table],
  ];
  return names.flatMap(([what, nameOf]) => difference(what, nameOf(planned), nameOf(found)));
}

/** What was dropped and made anew, or restored elsewhere, keeps its name. Under another name it goes without saying. */
function differentIdentities({ mongo, postgres }: Targets, found: Targets): string[] {
  const sameName = mongo.database === found.mongo.database;
  const other = Object.entries(mongo.collections).filter(
    ([name, uuid]) => sameName && (found.mongo.collections[name] ?? uuid) !== uuid,
  );
  const [first] = other;
  const server = difference('PostgreSQL: server', postgres.systemIdentifier, found.postgres.systemIdentifier);
  return [
    ...(first === undefined
      ? []
      : [
          `MongoDB: other collections under the same names: ${other.map(([name]) => name).join(', ')} (${first[0]} planned ${first[1]}, found ${found.mongo.collections[first[0]] ?? ''})`,
        ]),
    ...server,
    // Numbers of tables mean something only within one server and database.
    ...(server.length > 0 || postgres.database !== found.postgres.database
      ? []
      : difference('PostgreSQL: another table under the same name', postgres.oid, found.postgres.oid)),
  ];
}

function difference<Value extends string | number | null>(
  what: string,
  planned: Value,
  found: Value,
): string[] {
  return planned === found ? [] : [`${what} planned ${planned ?? 'none'}, found ${found ?? 'none'}`];
}
