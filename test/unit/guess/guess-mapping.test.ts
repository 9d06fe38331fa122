import { describe, expect, test } from 'vitest';
import { guessMapping, type Guess, type Question } from '../../../src/guess/guess-mapping.js';
import { DEFAULT_MAPPING, mappingSchema, type Mapping } from '../../../src/model/mapping.js';
import type { StoreShapes } from '../../../src/model/shape.js';
import { RENAMED } from '../../e2e/renamed-databases.js';
import { collection, field, shapesOf, table } from './shapes.js';

const USUAL = shapesOf(DEFAULT_MAPPING);
const OTHER: Mapping = { ...RENAMED, ids: 'hex' };

/** The guess, and what was asked for it; questions get the answers in their order, and then none. */
async function guessed(
  shapes: StoreShapes,
  ...answers: readonly number[]
): Promise<Guess & { readonly asked: readonly Question[] }> {
  const asked: Question[] = [];
  const guess = await guessMapping(shapes, (question) => {
    asked.push(question);
    return Promise.resolve(answers[asked.length - 1] ?? null);
  });
  return { ...guess, asked };
}

describe('without asking', () => {
  test('the usual names', async () => {
    const { mapping, asked, unseen, roles } = await guessed(USUAL);
    expect({ mapping, asked, unseen }).toEqual({ mapping: DEFAULT_MAPPING, asked: [], unseen: [] });
    expect(roles).toEqual(['member', 'owner', 'admin']);
  });

  test('other names, by their meaning, values and types', async () => {
    const { mapping, asked } = await guessed(shapesOf(OTHER));
    expect(asked).toEqual([]);
    expect(mapping).toEqual(OTHER);
  });

  test('whatever else there is, and in whatever order', async () => {
    const crowd: StoreShapes = {
      collections: [
        collection(
          'audit_log',
          field('user_id', 'hexId'),
          field('at', 'time'),
          field('action', 'text', 'login'),
        ),
        collection(
          'invitations',
          field('team_id', 'hexId'),
          field('email', 'text'),
          field('is_active', 'boolean'),
        ),
        collection(
          'users',
          field('name', 'text'),
          field('created_by', 'hexId'),
          field('is_deleted', 'boolean'),
        ),
        ...USUAL.collections.toReversed(),
      ],
      tables: [
        table(
          'public',
          'accounts',
          field('id', 'integer'),
          field('user_id', 'text'),
          field('is_active', 'boolean'),
        ),
        ...USUAL.tables.map((one) => ({ ...one, name: `${one.name}_backup` })),
        ...USUAL.tables,
      ],
    };
    const { mapping, asked } = await guessed(crowd);
    expect(asked).toEqual([]);
    expect(mapping).toEqual(DEFAULT_MAPPING);
  });

  test('empty collections and an empty table under the usual names', async () => {
    const { mapping, asked, unseen } = await guessed({
      collections: ['teams', 'user_roles', 'user_team_details'].map((name) => collection(name)),
      tables: USUAL.tables.map((one) => ({
        ...one,
        fields: one.fields.map(({ name, kinds }) =>
          field(
            name,
            kinds.hexId
              ? 'text'
              : kinds.integer
                ? 'integer'
                : kinds.boolean
                  ? 'boolean'
                  : kinds.time
                    ? 'time'
                    : 'text',
          ),
        ),
      })),
    });
    expect(asked).toEqual([]);
    expect(mapping).toEqual(DEFAULT_MAPPING);
    expect(unseen).toContain('mongo.roles.createdBy');
  });

  test('ids are plain strings where most of them are', async () => {
    const texts: StoreShapes = {
      ...USUAL,
      collections: USUAL.collections.map((one) => ({
        ...one,
        fields: one.fields.map((each) =>
          each.kinds.hexId || each.kinds.objectId ? field(each.name, 'text', 'anna', 'bert') : each,
        ),
      })),
    };
    expect((await guessed(texts)).mapping).toEqual({ ...DEFAULT_MAPPING, ids: 'string' });
  });
});

describe('asking', () => {
  const twins: StoreShapes = {
    ...USUAL,
    tables: [...USUAL.tables.map((one) => ({ ...one, schema: 'app' })), ...USUAL.tables],
  };

  test('which of two equal tables, the answer to which is taken', async () => {
    const { asked } = await guessed(twins);
    expect(asked).toEqual([
      {
        setting: 'postgres.table',
        within: null,
        options: ['app.postgres_user_roles', 'public.postgres_user_roles'],
      },
    ]);
    expect((await guessed(twins, 0)).mapping.postgres.schema).toBe('app');
    expect((await guessed(twins, 1)).mapping.postgres.schema).toBe('public');
  });

  test('what a field is that nothing tells, with what could be it first', async () => {
    const { collections, tables } = USUAL;
    const strange: StoreShapes = {
      tables,
      collections: collections.map((one) =>
        one.name === 'user_team_details'
          ? collection(
              one.name,
              field('a', 'hexId'),
              field('team_id', 'hexId'),
              field('b', 'hexId'),
              field('is_active', 'boolean'),
            )
          : one,
      ),
    };
    const { asked, mapping } = await guessed(strange, 1);
    expect(asked.map(({ options, ...rest }) => ({ ...rest, best: options.slice(0, 2) }))).toEqual([
      { setting: 'mongo.memberships.user', within: 'user_team_details', best: ['a', 'b'] },
    ]);
    expect(mapping.mongo.memberships).toEqual({ user: 'b', team: 'team_id', active: 'is_active' });
  });

  test('everything, where nothing fits: no options, and the usual names', async () => {
    const { asked, mapping } = await guessed({
      collections: [collection('songs', field('title', 'text'), field('length', 'integer'))],
      tables: [],
    });
    expect(asked.map(({ setting, options }) => [setting, options])).toEqual([
      ['mongo.collections.roles', []],
      ['mongo.collections.memberships', []],
      ['mongo.collections.teams', []],
      ['postgres.table', []],
    ]);
    expect(mapping).toEqual(DEFAULT_MAPPING);
  });
});

test('a name that no mapping can hold is never taken', async () => {
  const hostile = 'user_roles\u001b[31m"; DROP TABLE x';
  const { mapping } = await guessed({
    collections: [
      ...USUAL.collections.filter(({ name }) => name !== 'user_roles'),
      { ...(USUAL.collections[2] ?? collection('x')), name: hostile },
    ],
    tables: USUAL.tables.map((one) => ({
      ...one,
      fields: [...one.fields, field('is_active\u202e', 'boolean')],
    })),
  });
  expect(JSON.stringify(mapping)).not.toContain('DROP');
  expect(mappingSchema.safeParse(mapping).success).toBe(true);
});
