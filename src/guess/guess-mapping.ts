import { DEFAULT_MAPPING, isCollectionName, isIdentifier, type Mapping } from '../model/mapping.js';
import { isRoleName } from '../model/role-name.js';
import type { ContainerShape, FieldShape, StoreShapes } from '../model/shape.js';
import { EXPECTED, type ExpectedField, type Slot } from './expected.js';
import { guessIds, guessWrittenIds } from './guess-ids.js';
import { matchFields, sureField } from './match-fields.js';
import { rankContainers, sureContainer } from './rank-containers.js';

/** Something that what is there does not answer by itself. */
export interface Question {
  /** The setting: "mongo.collections.roles", "postgres.columns.active". */
  readonly setting: string;
  /** The collection or table whose field it is; null where it is itself what is asked for. */
  readonly within: string | null;
  /** What it may be, the best guess first. Hostile text. */
  readonly options: readonly string[];
}

/**
 * Answers a question: the index of an option; null where there is no answer, and the guess goes on without, for the sake
 * of further questions.
 */
export type Answer = (question: Question) => Promise<number | null>;

/** Everything that could be found out. */
export interface Guess {
  readonly mapping: Mapping;
  /** Settings that stand for what was not seen, with their usual names. */
  readonly unseen: readonly string[];
  /** Names of roles that rows have, each once, the first ones met. */
  readonly roles: readonly string[];
}

/** Setting → the names in it. */
type Names = Record<string, string>;

/**
 * Finds out where the data stands. The same databases and answers give the same guess.
 *
 * @param answer asked one thing at a time: first which collections and table, then which fields
 */
export async function guessMapping(shapes: StoreShapes, answer: Answer): Promise<Guess> {
  const collections = shapes.collections.filter(({ name }) => isCollectionName(name));
  const tables = shapes.tables.filter(({ schema, name }) => isIdentifier(schema ?? '') && isIdentifier(name));
  const chosen = new Map<Slot, ContainerShape | null>();
  for (const slot of ['roles', 'memberships', 'teams', 'table'] as const) {
    const taken = [...chosen.values()];
    const left = (slot === 'table' ? tables : collections).filter((one) => !taken.includes(one));
    chosen.set(slot, await chooseContainer(slot, left, answer));
  }
  const unseen: string[] = [];
  const fields = async (slot: Slot): Promise<Names> => {
    // Of what it is unknown, its fields are not asked for.
    const of = chosen.get(slot) ?? null;
    return of === null ? {} : chooseFields(slot, of, answer, unseen);
  };
  const nameOf = (slot: Slot, usual: string): string => chosen.get(slot)?.name ?? usual;
  const { mongo, postgres } = DEFAULT_MAPPING;
  const teams = { ...mongo.teams, ...(await fields('teams')) };
  const memberships = { ...mongo.memberships, ...(await fields('memberships')) };
  const roles = { ...mongo.roles, ...(await fields('roles')) };
  const columns = { ...postgres.columns, ...(await fields('table')) };
  const found = (slot: Slot, name: string): FieldShape | undefined =>
    chosen.get(slot)?.fields.find((field) => field.name === name);
  const roleFields = [found('roles', roles.role), found('table', columns.role)];
  return {
    mapping: {
      ids: guessIds([
        ...[found('teams', '_id'), found('teams', teams.createdBy), found('roles', roles.user)],
        ...[found('roles', roles.team), found('memberships', memberships.user), found('table', columns.user)],
      ]),
      mongo: {
        collections: {
          teams: nameOf('teams', mongo.collections.teams),
          memberships: nameOf('memberships', mongo.collections.memberships),
          roles: nameOf('roles', mongo.collections.roles),
        },
        teams,
        memberships,
        roles,
        writeIdsAs: guessWrittenIds([found('roles', roles.user), found('roles', roles.team)]),
      },
      postgres: {
        schema: chosen.get('table')?.schema ?? postgres.schema,
        table: nameOf('table', postgres.table),
        columns,
      },
    },
    unseen,
    roles: [...new Set(roleFields.flatMap((field) => field?.examples ?? []))].filter(isRoleName),
  };
}

async function chooseContainer(
  slot: Slot,
  containers: readonly ContainerShape[],
  answer: Answer,
): Promise<ContainerShape | null> {
  const ranked = rankContainers(EXPECTED[slot], containers);
  const sure = sureContainer(ranked);
  if (sure !== undefined) return sure;
  const said = await answer({
    setting: slot === 'table' ? 'postgres.table' : `mongo.collections.${slot}`,
    within: null,
    options: ranked.map(({ container }) => titleOf(container)),
  });
  return said === null ? null : (ranked[said]?.container ?? null);
}

/** `schema.table`, or the name of the collection. */
function titleOf({ schema, name }: ContainerShape): string {
  return schema === null ? name : `${schema}.${name}`;
}

async function chooseFields(
  slot: Slot,
  container: ContainerShape,
  answer: Answer,
  unseen: string[],
): Promise<Names> {
  const section = slot === 'table' ? 'postgres.columns' : `mongo.${slot}`;
  const usable = container.fields.filter(
    ({ name }) => isIdentifier(name) && (slot === 'table' || name !== '_id'),
  );
  const matches = matchFields(EXPECTED[slot].fields, usable);
  const names: Names = {};
  for (const match of matches) {
    const sure = sureField(match);
    if (sure !== undefined) names[match.expected.key] = sure.name;
  }
  for (const { expected, candidates } of matches) {
    if (names[expected.key] !== undefined) continue;
    const setting = `${section}.${expected.key}`;
    if (mayBeAbsent(expected, container, candidates.length > 0)) {
      unseen.push(setting);
      continue;
    }
    const taken = Object.values(names);
    const options = [...candidates.map(({ field }) => field), ...usable]
      .filter((field, index, all) => all.indexOf(field) === index && !taken.includes(field.name))
      .map(({ name }) => name);
    const said = await answer({ setting, within: titleOf(container), options });
    const name = said === null ? undefined : options[said];
    if (name !== undefined) names[expected.key] = name;
  }
  return names;
}

/** An empty collection shows no fields, and a field that may be left out may be in none of the documents looked at. */
function mayBeAbsent({ need }: ExpectedField, container: ContainerShape, hasCandidates: boolean): boolean {
  return container.fields.length === 0 || (need === 'optional' && !hasCandidates);
}
